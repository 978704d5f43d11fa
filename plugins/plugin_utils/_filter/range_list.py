# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook does with lists of ranges: write them as Exchange does, join, cut, compare and count them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import intersect, merge, subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

ACTIONS = ("normalise", "merge", "subtract", "intersect", "contains", "size")
_WITH_OTHER = ("subtract", "intersect", "contains")


def ip_ranges(given: Any, action: str = "normalise", other: Any = None) -> list[str] | bool | int:
    """Return ranges as text, for ``contains`` a truth and for ``size`` a number.

    Raises ValueError for what is no range, for an unknown action and for a missing or needless ``other``.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no action; there are {', '.join(ACTIONS)}")
    if (other is None) == (action in _WITH_OTHER):
        raise ValueError(f"{action} {'needs other ranges' if other is None else 'takes no other ranges'}")
    ranges, others = parse(given), parse(other)
    if action == "contains":
        return not subtract(others, ranges)
    if action == "size":
        return sum(item.size for item in merge(ranges))
    return [str(item) for item in _listed(action, ranges, others)]


def _listed(action: str, ranges: list[IPRange], others: list[IPRange]) -> list[IPRange]:
    if action == "merge":
        return merge(ranges)
    if action == "subtract":
        return subtract(ranges, others)
    if action == "intersect":
        return intersect(ranges, others)
    return sorted(set(ranges))


def parse(given: Any) -> list[IPRange]:
    """Read a list, or a text with commas, spaces or lines between ranges; entries with an address stand for it."""
    if given is None:
        return []
    if isinstance(given, str):
        return [IPRange.parse(word) for word in given.replace(",", " ").split()]
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise ValueError(f"{given!r} is no list of ranges")
    return [IPRange.parse(_text(item)) for item in given]


def _text(item: Any) -> str:
    address = item.get("address") if isinstance(item, Mapping) else item
    if not isinstance(address, str):
        raise ValueError(f"{item!r} is no range; it is a text, or an entry with an address")
    return address
