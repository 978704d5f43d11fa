# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One relay connector on its way from what it is to what it is meant to be, as steps that never open it too far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange, intersect, subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import words
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import (
    Attributes,
    Create,
    Effect,
    Entries,
    Grant,
    Groups,
    Remove,
    State,
    after,
    of_groups,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step

# Options that the state of a connector is made of; all others are settings that open nothing.
EXPOSING = ("bindings", "remote_ip_ranges", "auth_mechanism", "permission_groups", "enabled", "transport_role")
_FIELDS = {
    "bindings": "bindings",
    "remote_ip_ranges": "ranges",
    "auth_mechanism": "auth",
    "enabled": "enabled",
    "transport_role": "role",
}
# Settings that Exchange accepts only together with certain mechanisms (New-ReceiveConnector, RequireTLS and
# DomainSecureEnabled), so they are written in one call with AuthMechanism.
_WITH_MECHANISM = ("require_tls", "domain_secure_enabled")


@dataclass(frozen=True)
class Change:
    """One connector of one server: what it is, what it is meant to be, and the settings that differ.

    ``before`` is None where it is to be made, ``goal`` None where it is to go. ``settings`` holds options with their
    new values, ``accounts`` the account names of principals, ``reason`` why it goes.
    """

    server: str
    before: State | None
    goal: State | None
    settings: Mapping[str, Value] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def name(self) -> str:
        """The connector's name as it is written on the server, or will be."""
        state = self.before or self.goal
        return state.name if state else ""

    @property
    def key(self) -> str:
        """What tells it from the server's other connectors."""
        return self.name.lower()


class Draft:
    """Collects one connector's steps in two halves: what takes away first, then what gives.

    ``now`` follows the connector under the assumption that permission groups keep other entries; ``regrouped`` tells
    that they were set, after which the other entries have to be looked at again.
    """

    def __init__(self, change: Change) -> None:
        self.change = change
        self.now = change.before
        self.regrouped = False
        self.parked = False
        self.made = False

    def _step(
        self,
        text: str,
        cmdlet: str,
        parameters: Mapping[str, Plain],
        *effects: Effect,
        recheck: bool = False,
    ) -> Step:
        for effect in effects:
            self.now = after(self.now, effect, False)
        return Step(text, self.change.server, self.change.name, cmdlet, parameters, effects, recheck)

    def _set(self, text: str, values: Mapping[str, Value]) -> Step:
        """One Set-ReceiveConnector; ``values`` by option."""
        fields = {_FIELDS[option]: value for option, value in values.items() if option in _FIELDS}
        effects: list[Effect] = [Attributes(fields)] if fields else []
        groups = values.get("permission_groups")
        if isinstance(groups, frozenset):
            effects.append(Groups(groups))
            self.regrouped = True
        return self._step(text, "Set-ReceiveConnector", rendered(values), *effects)

    def remove(self) -> list[Step]:
        """The connector goes in one step."""
        text = words.removing(self.change.server, self.change.name, self.change.reason)
        return [self._step(text, "Remove-ReceiveConnector", {"Confirm": False}, Remove())]

    def create(self) -> list[Step]:
        """The connector comes, closed, and is given its rights."""
        return [*self._make(), *self._give()]

    def prepare(self, parking: IPRange) -> list[Step]:
        """The connector comes and answers, but to nobody: addresses and rights arrive when it grows."""
        self.parked = True
        return [*self._make(frozenset([parking])), *self.open()]

    def _make(self, ranges: frozenset[IPRange] | None = None) -> list[Step]:
        goal = self.change.goal
        if goal is None:
            raise AssertionError(f"{self.change.name} is not to be there")
        goal = replace(goal, ranges=ranges or goal.ranges)
        closed = State(
            goal.name, False, goal.bindings, goal.ranges, goal.auth, goal.groups, of_groups(goal.groups), goal.role
        )
        later = {option: value for option, value in self.change.settings.items() if not PARAMETERS[option].on_new}
        first = {option: value for option, value in self.change.settings.items() if option not in later}
        role: dict[str, Value] = {"transport_role": goal.role} if goal.role else {}
        options: dict[str, Value] = {
            "name": goal.name,
            "usage": "Custom",
            "bindings": goal.bindings,
            "remote_ip_ranges": goal.ranges,
            "auth_mechanism": goal.auth,
            "permission_groups": goal.groups,
            **role,
            "enabled": False,
            **{option: value for option, value in first.items() if value is not None},
        }
        parameters = {**rendered(options), "Server": self.change.server}
        text = words.creating(self.change.server, goal)
        steps = [self._step(text, "New-ReceiveConnector", parameters, Create(closed))]
        if later:
            steps.append(self._set(words.setting(self.change.server, self.change.name, later), later))
        self.made = True
        return steps

    def narrow(self, crowded: bool, parking: IPRange, careful: bool = False) -> list[Step]:
        """Take away what is not meant: rights, then addresses.

        ``crowded`` tells that other connectors of the plan need addresses that this one has; then it keeps only ranges
        that it has before and after alike. ``careful`` takes rights first wherever some go, because clients of other
        connectors may fall to this one.
        """
        before, goal = self._both()
        steps: list[Step] = []
        if before.enabled and not goal.enabled:
            steps.append(self._set(words.closing(self.change.server, self.change.name), {"enabled": False}))
        steps += self._take(entry for entry in before.explicit - goal.entries if not entry.deny)
        shared = common(before.ranges, goal.ranges, whole=crowded)
        leaves = shared != before.ranges and bool(crowded or subtract(before.ranges - goal.ranges, goal.ranges))
        if leaves and not shared:
            steps += self._take(entry for entry in self._both()[0].explicit if not entry.deny)
        if self._must_lose_rights(careful or (leaves and not shared)):
            steps += self._lower_rights()
        keeps_denials = any(entry.deny for entry in goal.entries) and before.groups != goal.groups
        if keeps_denials or (leaves and not shared and crowded):
            steps.append(self._park(parking))
        elif leaves and shared:
            text = words.narrowing(self.change.server, before, subtract(before.ranges, shared))
            steps.append(self._set(text, {"remote_ip_ranges": shared}))
        return steps

    def listen(self, parking: IPRange) -> list[Step]:
        """Listen on the old and the new addresses, while nobody is served."""
        now, goal = self._both()
        if now.bindings == goal.bindings:
            return []
        steps = []
        if now.ranges != {parking}:
            steps += self._take(entry for entry in now.explicit if not entry.deny)
            steps += self._lower_rights()
            steps.append(self._park(parking))
        both: dict[str, Value] = {"bindings": now.bindings | goal.bindings}
        return [*steps, self._set(words.setting(self.change.server, self.change.name, both), both)]

    def _park(self, parking: IPRange) -> Step:
        self.parked = True
        text = words.parking(self.change.server, self.change.name, parking)
        return self._set(text, {"remote_ip_ranges": frozenset([parking])})

    def grow(self) -> list[Step]:
        """Give what is meant: settings and addresses, then rights. With nobody to serve it is the other way round,
        because denials that the groups may drop have to be there before the clients are."""
        if self.parked:
            return [*self._raise_rights(), *self._deny_again(), *self._settle(), *self._give()]
        return [*self._settle(), *self._raise_rights(), *self._give()]

    def open(self) -> list[Step]:
        """The last step: the connector answers."""
        goal = self.change.goal
        if self.now is None or goal is None or self.now.enabled or not goal.enabled:
            return []
        nobody = self.parked and self.now.ranges != goal.ranges
        return [self._set(words.opening(self.change.server, goal, nobody), {"enabled": True})]

    def _both(self) -> tuple[State, State]:
        if self.now is None or self.change.goal is None:
            raise AssertionError(f"{self.change.name} is not there or does not stay")
        return self.now, self.change.goal

    def _must_lose_rights(self, certainly: bool) -> bool:
        """Whether somebody would use rights on the way that neither the old nor the new connector gives him."""
        now, goal = self._both()
        can, may = now.capabilities(), goal.capabilities()
        if can <= may:
            return False
        arrives = now.bindings != goal.bindings or bool(subtract(goal.ranges - now.ranges, now.ranges))
        half = (after(now, Attributes({"auth": goal.auth}), False), after(now, Groups(goal.groups), False))
        return certainly or arrives or any(one is not None and not one.capabilities() <= can | may for one in half)

    def _lower_rights(self) -> list[Step]:
        """Only the mechanisms and groups that are there before and after; Tls proves nothing and stays."""
        now, goal = self._both()
        values: dict[str, Value] = {
            "auth_mechanism": now.auth & goal.auth | now.auth & {"Tls"},
            "permission_groups": now.groups & goal.groups,
        }
        if values["permission_groups"] == now.groups:
            del values["permission_groups"]
        if values["auth_mechanism"] == now.auth:
            del values["auth_mechanism"]
        return [self._set(words.setting(self.change.server, self.change.name, values), values)] if values else []

    def _settle(self) -> list[Step]:
        """Everything but rights, in one call."""
        now, goal = self._both()
        values: dict[str, Value] = {}
        if now.bindings != goal.bindings:
            values["bindings"] = goal.bindings
        if now.ranges != goal.ranges:
            values["remote_ip_ranges"] = goal.ranges
        if now.role != goal.role:
            values["transport_role"] = goal.role
        if not self.made:
            values |= {option: value for option, value in self.change.settings.items() if not self._waits(option)}
        if not values:
            return []
        return [self._set(words.settling(self.change.server, now, goal, values), values)]

    def _waits(self, option: str) -> bool:
        before, goal = self.change.before, self.change.goal
        changes = before is not None and goal is not None and before.auth != goal.auth
        return changes and option in _WITH_MECHANISM

    def _raise_rights(self) -> list[Step]:
        now, goal = self._both()
        values: dict[str, Value] = {}
        if now.auth != goal.auth:
            values["auth_mechanism"] = goal.auth
        if now.groups != goal.groups:
            values["permission_groups"] = goal.groups
        values |= {option: value for option, value in self.change.settings.items() if self._waits(option)}
        return [self._set(words.setting(self.change.server, self.change.name, values), values)] if values else []

    def _give(self) -> list[Step]:
        """Explicit entries that are meant; after the groups were set, all of them are looked at again."""
        now, goal = self._both()
        held = frozenset() if self.regrouped else now.entries
        wanted = goal.entries - of_groups(goal.groups) - held
        return [
            *self._entries("Add-ADPermission", wanted, self.regrouped),
            *self._take(entry for entry in now.explicit - goal.entries),
        ]

    def _deny_again(self) -> list[Step]:
        goal = self._both()[1]
        return self._entries("Add-ADPermission", (entry for entry in goal.entries if entry.deny), True)

    def _take(self, entries: Iterable[Grant]) -> list[Step]:
        return self._entries("Remove-ADPermission", entries, self.regrouped)

    def _entries(self, cmdlet: str, entries: Iterable[Grant], recheck: bool) -> list[Step]:
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
            steps.append(self._step(text, cmdlet, {**parameters, "Confirm": False}, effect, recheck=recheck))
        return steps


def rendered(values: Mapping[str, Value]) -> dict[str, Plain]:
    """Options with values as a command's parameters."""
    return {
        PARAMETERS[option].name: None if value is None else PARAMETERS[option].kind.render(value)
        for option, value in values.items()
    }


def common(before: frozenset[IPRange], goal: frozenset[IPRange], whole: bool) -> frozenset[IPRange]:
    """The addresses of both, in the form of the goal where it can be kept; with ``whole`` only equal ranges count."""
    equal = before & goal
    if whole or before == equal:
        return equal
    rest = goal - equal
    outside = subtract(rest, before)
    if not outside:
        return equal | rest
    kept = [item for item in rest if not _meets(item, outside)]
    return equal | frozenset(kept) | frozenset(intersect(rest.difference(kept), before))


def _meets(item: IPRange, others: Collection[IPRange]) -> bool:
    return any(item.overlaps(other) for other in others)
