# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of ranges: which addresses several have together, without each other, or in common."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange


def disjoint(ranges: Iterable[IPRange]) -> bool:
    """Whether no two of these share an address; half a million are looked at in a second."""
    ordered = sorted(ranges)
    for index in range(len(ordered) - 1):
        one, other = ordered[index], ordered[index + 1]
        if one[0] == 4 == other[0]:
            if one[5:] >= other[1:5]:
                return False
        elif one[0] == other[0]:
            return _disjoint_by_zone(ordered[index:])
    return True


def _disjoint_by_zone(ranges: Iterable[IPRange]) -> bool:
    """The same for IPv6, whose zones are packed last."""
    ordered = sorted(ranges, key=_by_scope)
    return not any(one.overlaps(other) for one, other in pairwise(ordered))


def merge(ranges: Iterable[IPRange]) -> list[IPRange]:
    """Join what touches or overlaps into the fewest ranges with exactly the same addresses, in order."""
    merged: list[IPRange] = []
    for item in sorted(ranges, key=_by_scope):
        last = merged[-1] if merged else None
        if last is None or not last.same_space(item) or item.first > last.last + 1:
            merged.append(item)
        elif item.last > last.last:
            merged[-1] = IPRange(last.version, last.first, item.last, last.scope)
    return sorted(merged)


def subtract(a: Iterable[IPRange], b: Iterable[IPRange]) -> list[IPRange]:
    """Return the addresses of ``a`` that are not in ``b``, merged."""
    rest: list[IPRange] = []
    taken = sorted(merge(b), key=_by_scope)
    index = 0
    for item in sorted(merge(a), key=_by_scope):
        start = item.first
        while index < len(taken) and _before(taken[index], item):
            index += 1
        at = index
        while at < len(taken) and taken[at].overlaps(item):
            if taken[at].first > start:
                rest.append(IPRange(item.version, start, taken[at].first - 1, item.scope))
            start = taken[at].last + 1
            at += 1
        if start <= item.last:
            rest.append(IPRange(item.version, start, item.last, item.scope))
    return sorted(rest)


def intersect(a: Iterable[IPRange], b: Iterable[IPRange]) -> list[IPRange]:
    """Return the addresses that are in both, merged."""
    a = list(a)
    return subtract(a, subtract(a, b))


def _by_scope(item: IPRange) -> tuple[int, str, int, int]:
    return item.version, item.scope, item.first, item.last


def _before(one: IPRange, other: IPRange) -> bool:
    """Whether every address of one comes before every address of the other."""
    return (one.version, one.scope, one.last) < (other.version, other.scope, other.first)
