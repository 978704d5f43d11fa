# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that one connector's way is made of, with what each changes; the connector is followed on its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import words
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import (
    Attributes,
    Effect,
    Entries,
    Grant,
    Groups,
    State,
    after,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step

_FIELDS = {
    "bindings": "bindings",
    "remote_ip_ranges": "ranges",
    "auth_mechanism": "auth",
    "enabled": "enabled",
    "transport_role": "role",
}


class Writing:
    """One connector on its way.

    ``now`` follows the connector under the assumption that permission groups keep other entries; ``regrouped`` tells
    that they were set, after which the other entries have to be looked at again.
    """

    def __init__(self, change: Change) -> None:
        self.change = change
        self.now = change.before
        self.regrouped = False

    def step(
        self,
        text: str,
        cmdlet: str,
        parameters: Mapping[str, Plain],
        *effects: Effect,
        recheck: bool = False,
    ) -> Step:
        """One call, which the connector has behind it from now on."""
        for effect in effects:
            self.now = after(self.now, effect, False)
        return Step(text, self.change.server, self.change.name, cmdlet, parameters, effects, recheck)

    def set_options(self, text: str, values: Mapping[str, Value]) -> Step:
        """One Set-ReceiveConnector; ``values`` by option."""
        fields = {_FIELDS[option]: value for option, value in values.items() if option in _FIELDS}
        effects: list[Effect] = [Attributes(fields)] if fields else []
        groups = values.get("permission_groups")
        if isinstance(groups, frozenset):
            effects.append(Groups(groups))
            self.regrouped = True
        return self.step(text, "Set-ReceiveConnector", rendered(values), *effects)

    def now_and_goal(self) -> tuple[State, State]:
        """Both ends of the way; only for a connector that is there and stays."""
        if self.now is None or self.change.goal is None:
            raise AssertionError(f"{self.change.name} is not there or does not stay")
        return self.now, self.change.goal

    def set_entries(self, cmdlet: str, entries: Iterable[Grant], recheck: bool) -> list[Step]:
        """One call for each account and access."""
        steps = []
        ordered = sorted(entries, key=lambda entry: (entry.deny, entry.principal, entry.right))
        for (deny, principal), found in groupby(ordered, key=lambda entry: (entry.deny, entry.principal)):
            grants = frozenset(found)
            rights = sorted(entry.right for entry in grants)
            user = self.change.accounts.get(principal, principal)
            parameters: dict[str, Plain] = {"User": user, "ExtendedRights": list[Plain](rights)}
            parameters |= {"Deny": True} if deny else {}
            adds = cmdlet.startswith("Add")
            text = words.entry(self.change.server, self.change.name, user, rights, adds, deny, recheck)
            effect = Entries(add=grants) if adds else Entries(drop=grants)
            steps.append(self.step(text, cmdlet, {**parameters, "Confirm": False}, effect, recheck=recheck))
        return steps


def rendered(values: Mapping[str, Value]) -> dict[str, Plain]:
    """Options with values as a command's parameters."""
    return {
        PARAMETERS[option].name: None if value is None else PARAMETERS[option].kind.render(value)
        for option, value in values.items()
    }
