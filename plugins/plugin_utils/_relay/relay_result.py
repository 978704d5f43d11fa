# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module relay_connector tells: the steps in words, the connectors with their clients, and the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import render_settings
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.aim import Aim
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import State
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.words import listed


def result(aims: Sequence[Aim], steps: Sequence[Step], today: date) -> dict[str, Plain]:
    """The same in check mode and in a real run, because a real run ends only when Exchange agrees."""
    before: dict[str, Plain] = {}
    after: dict[str, Plain] = {}
    for aim in aims:
        for change in aim.changes:
            title = f"{change.server}\\{change.name}"
            old = aim.view.connectors.get(change.key)
            settings = old.settings if old else {}
            if change.before is not None:
                before[title] = _described(change.before, {option: settings.get(option) for option in change.settings})
            if change.goal is not None:
                after[title] = _described(change.goal, change.settings)
    return {
        "changed": bool(steps),
        "steps": [step.words for step in steps],
        "connectors": [item for aim in aims for item in _connectors(aim, today)],
        "expired": [item for aim in aims for item in _expired(aim, today)],
        "removed": [
            f"{change.server}\\{change.name}"
            for aim in aims
            for change in aim.changes
            if change.before is not None and change.goal is None
        ],
        "diff": {
            "before": before,
            "after": after,
            "before_header": "relay connectors",
            "after_header": "relay connectors",
        },
    }


def expiries(aims: Sequence[Aim], today: date) -> Iterator[str]:
    """What to tell about clients whose last day is over."""
    for aim in aims:
        for entry in aim.desired.values():
            for client in entry.clients.expired(today):
                yield (
                    f"connector {entry.name} on {aim.view.facts.name}: the client {client} expired on "
                    f"{client.expires} and may not use it any longer. Take it off the list, or set another date"
                )


def doubts(aims: Sequence[Aim], today: date) -> Iterator[str]:
    """What the list cannot have meant, and nothing that this collection writes can mend."""
    for aim in aims:
        goals = aim.goals
        for key, entry in aim.desired.items():
            goal = goals[key]
            if goal is None:
                continue
            where = f"connector {entry.name} on {aim.view.facts.name}"
            if entry.mode == "internal_only" and goal.relays:
                yield (
                    f"{where}: its clients may relay although its mode is internal_only, by an entry that it inherits. "
                    "Take that entry off the object it comes from; relay_audit names it"
                )
            spoken = {binding.version for binding in goal.bindings}
            unheard = {address for address in entry.clients.unexpired(today) if address.version not in spoken}
            deaf = [client for client in entry.clients if client.address in unheard] if unheard else []
            if deaf:
                yield (
                    f"{where}: it listens on no IPv{deaf[0].address.version} address, so it will never serve "
                    f"{listed(deaf)}. Add such an address to bindings, or take them off the list"
                )


def _connectors(aim: Aim, today: date) -> Iterator[Plain]:
    goals = aim.goals
    for key, entry in aim.desired.items():
        goal = goals[key]
        yield {
            "name": goal.name if goal else entry.name,
            "server": aim.view.facts.name,
            "state": "present" if goal else "absent",
            "mode": entry.mode,
            "clients": [client.described(today) for client in entry.clients],
            **(_described(goal, {}) if goal else {}),
        }


def _expired(aim: Aim, today: date) -> Iterator[Plain]:
    for entry in aim.desired.values():
        for client in entry.clients.expired(today):
            yield {"connector": entry.name, "server": aim.view.facts.name, **client.described(today)}


def _described(state: State, settings: Mapping[str, Value]) -> dict[str, Plain]:
    """A state in the words of the options, lists sorted."""
    explicit = sorted(state.explicit, key=lambda entry: (entry.principal, entry.right, entry.deny))
    words = render_settings(
        {
            "bindings": state.bindings,
            "remote_ip_ranges": state.ranges,
            "auth_mechanism": state.auth,
            "permission_groups": state.groups,
            "enabled": state.enabled,
            **({"transport_role": state.role} if state.role else {}),
            **settings,
        }
    )
    permissions: list[Plain] = [
        f"{'deny' if entry.deny else 'allow'} {entry.principal}: {entry.right}" for entry in explicit
    ]
    return {**words, "permissions": permissions, "relays": state.enabled and state.relays}
