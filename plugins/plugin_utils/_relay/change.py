# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to become of one connector: from what it is to what it is meant to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import intersect, subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import State


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

    @property
    def lets_in(self) -> bool:
        """Whether it is to serve addresses that it did not."""
        before = self.before.ranges if self.before else frozenset()
        return self.goal is not None and bool(subtract(self.goal.ranges - before, before))


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
