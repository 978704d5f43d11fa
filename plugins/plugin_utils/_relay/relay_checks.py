# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of a list before anything is written: danger, what Exchange would refuse, what would not work."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rules
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    connector_checks,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.aim import Aim
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Servers

Warn = Callable[[str], None]
OTHERS = 16


def held(caller: Servers, aims: Sequence[Aim], warn: Warn) -> dict[str, Collection[str] | None]:
    """The addresses that Exchange servers hold, by server, None where Exchange cannot tell.

    Those of the list's servers in any case; when clients are to be let in those of other servers too, of at most
    ``OTHERS``, with a warning: in a play over a large organization every server would ask about every other. In a play
    on many hosts not even a list of all is read for each.
    """
    known: dict[str, Collection[str] | None] = {aim.view.facts.name: aim.view.held for aim in aims}
    let_in = [change.goal.ranges for aim in aims for change in aim.changes if change.lets_in and change.goal]
    if let_in and caller.crowded:
        warn(
            "clients were compared with the addresses of no other Exchange server, because the play is on too many "
            "hosts; relay_audit with all servers finds one of them inside a relay range"
        )
    elif let_in:
        others = sorted((facts for facts in caller.servers if facts.name not in known), key=_by_name)
        if left := ", ".join(facts.name for facts in others[OTHERS:]):
            warn(
                f"clients were compared with the addresses of {OTHERS} other Exchange servers, not with those of "
                f"{left}; relay_audit with all servers finds one of them inside a relay range"
            )
        known |= connector_checks.held_by_others(caller, others[:OTHERS], frozenset().union(*let_in))
    return known


def _by_name(facts: ServerFacts) -> str:
    return facts.name


def check(aims: Sequence[Aim], found: Mapping[str, Collection[str] | None], today: date, absent_address: Warn) -> None:
    """Refuse what is dangerous, what Exchange would refuse, and what would not work; before anything is written."""
    addresses = {address: name for name, addresses_of in found.items() for address in addresses_of or ()}
    for aim in aims:
        bindings = (binding for state in aim.view.states.values() for binding in state.bindings)
        addresses |= {binding.address: aim.view.facts.name for binding in bindings if not binding.wildcard}
    for aim in aims:
        name = aim.view.facts.name
        for entry in aim.desired.values():
            entry.check(name, addresses, today)
        for change in aim.changes:
            _check_change(aim, change, found[name], absent_address)


def _check_change(aim: Aim, change: Change, held: Collection[str] | None, absent_address: Warn) -> None:
    entry, goal = aim.desired.get(change.key), change.goal
    if entry is None or goal is None:
        return
    facts = aim.view.facts
    for option in entry.settings:
        if reason := PARAMETERS[option].refusal(facts):
            raise ValueError(f"connector {entry.name}: {reason}. Remove the option for this host")
    old = aim.view.connectors.get(change.key)
    values: dict[str, Value] = {
        **change.settings,
        "auth_mechanism": goal.auth,
        "permission_groups": goal.groups,
        "bindings": goal.bindings,
        "remote_ip_ranges": goal.ranges,
    }
    known = {**old.settings, **values} if old else rules.new_settings(values, edge=facts.edge)
    for text in rules.broken_rules(known, values):
        raise ValueError(f"connector {entry.name}: {text}")
    if not entry.allows_absent_address:
        new = goal.bindings - (change.before.bindings if change.before else frozenset())
        connector_checks.report_absent(
            held, facts, new, lambda problem: absent_address(f"connector {entry.name}: {problem}")
        )
