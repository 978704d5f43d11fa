# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One relay connector on its way from what it is to what it is meant to be, as steps that never open it too far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import words
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change, common
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import (
    Attributes,
    Create,
    Grant,
    Groups,
    Remove,
    State,
    after,
    of_groups,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.writing import Writing, rendered

# Settings that Exchange accepts only together with certain mechanisms (New-ReceiveConnector, RequireTLS and
# DomainSecureEnabled), so they are written in one call with AuthMechanism.
_WITH_MECHANISM = ("require_tls", "domain_secure_enabled")


class Draft(Writing):
    """Collects one connector's steps in two halves: what takes away first, then what gives.

    ``parked`` tells that it serves nobody for the moment, ``made`` that it came with this plan.
    """

    def __init__(self, change: Change) -> None:
        super().__init__(change)
        self.parked = False
        self.made = False

    def remove(self) -> list[Step]:
        """The connector goes in one step."""
        text = words.removing(self.change.server, self.change.name, self.change.reason)
        return [self.step(text, "Remove-ReceiveConnector", {"Confirm": False}, Remove())]

    def create(self) -> list[Step]:
        """The connector comes, closed, and is given its rights."""
        return [*self._make(), *self._give()]

    @property
    def at_once(self) -> bool:
        """Whether it is new and can be made as it is meant to be: nothing is denied, nothing is to be set later."""
        goal, settings = self.change.goal, self.change.settings
        return (
            self.change.before is None
            and goal is not None
            and not any(entry.deny for entry in goal.entries)
            and all(PARAMETERS[option].on_new for option in settings)
        )

    def appear(self) -> list[Step]:
        """The connector comes open, and is given its rights: until then its clients can do less than is meant."""
        goal = self.change.goal
        return [*self._make(enabled=goal is not None and goal.enabled), *self._give()]

    def prepare(self, parking: IPRange) -> list[Step]:
        """The connector comes and answers, but to nobody: addresses and rights arrive when it grows."""
        self.parked = True
        return [*self._make(frozenset([parking])), *self.open()]

    def _make(self, ranges: frozenset[IPRange] | None = None, enabled: bool = False) -> list[Step]:
        goal = self.change.goal
        if goal is None:
            raise AssertionError(f"{self.change.name} is not to be there")
        goal = replace(goal, ranges=ranges or goal.ranges)
        new = State(
            goal.name, enabled, goal.bindings, goal.ranges, goal.auth, goal.groups, of_groups(goal.groups), goal.role
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
            "enabled": enabled,
            **{option: value for option, value in first.items() if value is not None},
        }
        parameters = {**rendered(options), "Server": self.change.server}
        text = words.creating(self.change.server, new)
        steps = [self.step(text, "New-ReceiveConnector", parameters, Create(new))]
        if later:
            steps.append(self.set_options(words.setting(self.change.server, self.change.name, later), later))
        self.made = True
        return steps

    def narrow(self, crowded: bool, parking: IPRange, careful: bool = False) -> list[Step]:
        """Take away what is not meant: rights, then addresses.

        ``crowded`` tells that other connectors of the plan need addresses that this one has; then it keeps only ranges
        that it has before and after alike. ``careful`` takes rights first wherever some go, because clients of other
        connectors may fall to this one.
        """
        before, goal = self.now_and_goal()
        steps: list[Step] = []
        if before.enabled and not goal.enabled:
            steps.append(self.set_options(words.closing(self.change.server, self.change.name), {"enabled": False}))
        steps += self._take(entry for entry in before.explicit - goal.entries if not entry.deny)
        shared = common(before.ranges, goal.ranges, whole=crowded)
        leaves = shared != before.ranges and bool(crowded or subtract(before.ranges - goal.ranges, goal.ranges))
        if leaves and not shared:
            steps += self._take(entry for entry in self.now_and_goal()[0].explicit if not entry.deny)
        if self._must_lose_rights(careful or (leaves and not shared)):
            steps += self._lower_rights()
        keeps_denials = any(entry.deny for entry in goal.entries) and before.groups != goal.groups
        if keeps_denials or (leaves and not shared and crowded):
            steps.append(self._park(parking))
        elif leaves and shared:
            text = words.narrowing(self.change.server, before, subtract(before.ranges, shared))
            steps.append(self.set_options(text, {"remote_ip_ranges": shared}))
        return steps

    def listen(self, parking: IPRange) -> list[Step]:
        """Listen on the old and the new addresses, while nobody is served."""
        now, goal = self.now_and_goal()
        if now.bindings == goal.bindings:
            return []
        steps = []
        if now.ranges != {parking}:
            steps += self._take(entry for entry in now.explicit if not entry.deny)
            steps += self._lower_rights()
            steps.append(self._park(parking))
        both: dict[str, Value] = {"bindings": now.bindings | goal.bindings}
        return [*steps, self.set_options(words.setting(self.change.server, self.change.name, both), both)]

    def strip(self) -> list[Step]:
        """Take every right, so that whoever falls to this connector for a moment can do nothing."""
        if self.now is None:
            return []
        steps = self._take(entry for entry in self.now.explicit if not entry.deny)
        return [*steps, *self._keep_rights(self.now.auth & {"Tls"}, frozenset())]

    def place(self) -> list[Step]:
        """Everything but rights, unless denials that the groups may drop have to be there before the clients are."""
        if self.parked and any(entry.deny for entry in self.now_and_goal()[1].entries):
            return [*self._raise_rights(), *self._deny_again(), *self._settle()]
        return self._settle()

    def empower(self) -> list[Step]:
        """The rights that are meant, where all else is as it is meant."""
        return [*self._raise_rights(), *self._give()]

    def _park(self, parking: IPRange) -> Step:
        self.parked = True
        text = words.parking(self.change.server, self.change.name, parking)
        return self.set_options(text, {"remote_ip_ranges": frozenset([parking])})

    def grow(self) -> list[Step]:
        """Give what is meant: settings and addresses, then rights. With nobody to serve it is the other way round,
        because denials that the groups may drop have to be there before the clients are."""
        if self.parked:
            return [*self._raise_rights(), *self._deny_again(), *self._settle(), *self._give()]
        return [*self._settle(), *self.empower()]

    def open(self) -> list[Step]:
        """The last step: the connector answers."""
        goal = self.change.goal
        if self.now is None or goal is None or self.now.enabled or not goal.enabled:
            return []
        nobody = self.parked and self.now.ranges != goal.ranges
        return [self.set_options(words.opening(self.change.server, goal, nobody), {"enabled": True})]

    def _must_lose_rights(self, certainly: bool) -> bool:
        """Whether somebody would use rights on the way that neither the old nor the new connector gives him."""
        now, goal = self.now_and_goal()
        can, may = now.capabilities(), goal.capabilities()
        if can <= may:
            return False
        arrives = now.bindings != goal.bindings or bool(subtract(goal.ranges - now.ranges, now.ranges))
        half = (after(now, Attributes({"auth": goal.auth}), False), after(now, Groups(goal.groups), False))
        return certainly or arrives or any(one is not None and not one.capabilities() <= can | may for one in half)

    def _lower_rights(self) -> list[Step]:
        """Only the mechanisms and groups that are there before and after; Tls proves nothing and stays."""
        now, goal = self.now_and_goal()
        return self._keep_rights(now.auth & (goal.auth | {"Tls"}), now.groups & goal.groups)

    def _keep_rights(self, auth: frozenset[str], groups: frozenset[str]) -> list[Step]:
        values: dict[str, Value] = {}
        if self.now is not None and auth != self.now.auth:
            values["auth_mechanism"] = auth
        if self.now is not None and groups != self.now.groups:
            values["permission_groups"] = groups
        return [self.set_options(words.setting(self.change.server, self.change.name, values), values)] if values else []

    def _settle(self) -> list[Step]:
        """Everything but rights, in one call."""
        now, goal = self.now_and_goal()
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
        return [self.set_options(words.settling(self.change.server, now, goal, values), values)]

    def _waits(self, option: str) -> bool:
        before, goal = self.change.before, self.change.goal
        changes = before is not None and goal is not None and before.auth != goal.auth
        return changes and option in _WITH_MECHANISM

    def _raise_rights(self) -> list[Step]:
        now, goal = self.now_and_goal()
        values: dict[str, Value] = {}
        if now.auth != goal.auth:
            values["auth_mechanism"] = goal.auth
        if now.groups != goal.groups:
            values["permission_groups"] = goal.groups
        values |= {option: value for option, value in self.change.settings.items() if self._waits(option)}
        return [self.set_options(words.setting(self.change.server, self.change.name, values), values)] if values else []

    def _give(self) -> list[Step]:
        """Explicit entries that are meant; after the groups were set, all of them are looked at again."""
        now, goal = self.now_and_goal()
        held = frozenset() if self.regrouped else now.entries
        wanted = goal.entries - of_groups(goal.groups) - held
        return [
            *self.set_entries("Add-ADPermission", wanted, self.regrouped),
            *self._take(entry for entry in now.explicit - goal.entries),
        ]

    def _deny_again(self) -> list[Step]:
        goal = self.now_and_goal()[1]
        return self.set_entries("Add-ADPermission", (entry for entry in goal.entries if entry.deny), True)

    def _take(self, entries: Iterable[Grant]) -> list[Step]:
        return self.set_entries("Remove-ADPermission", entries, self.regrouped)
