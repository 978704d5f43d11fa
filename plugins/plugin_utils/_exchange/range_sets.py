# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of ranges: which addresses several have together, without each other, or in common."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import ONE_ADDRESS, IPRange


def disjoint(ranges: Collection[IPRange]) -> bool:
    """Whether no two of these share an address; half a million are looked at in a second."""
    if len(set(ranges)) < len(ranges):
        return False
    if not wider(ranges):
        return True
    four = sorted(item for item in ranges if item.version == 4)
    six = sorted((item for item in ranges if item.version == 6), key=_by_scope)
    return not any(one.overlaps(other) for ordered in (four, six) for one, other in pairwise(ordered))


def wider(ranges: Iterable[IPRange]) -> list[IPRange]:
    """Those that need not be one IPv4 address: only they can share an address with another without being equal."""
    return [item for item in ranges if len(item) != ONE_ADDRESS]


def merge(ranges: Iterable[IPRange]) -> list[IPRange]:
    """Join what touches or overlaps into the fewest ranges with exactly the same addresses, in order."""
    merged: list[IPRange] = []
    for item in sorted(ranges, key=_by_scope):
        last = merged[-1] if merged else None
        if last is None or last.space != item.space or item.first > last.last + 1:
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


def near(mine: Sequence[Collection[IPRange]], others: Sequence[Collection[IPRange]]) -> list[Collection[IPRange]]:
    """What there is in each of the others that shares an address with any of mine.

    They come back whole where a good part is mine, because looking would cost more than it saves.
    """
    if 4 * sum(map(len, mine)) > sum(map(len, others)):
        return list(others)
    together = frozenset[IPRange]().union(*mine)
    spans = _Spans(merge(together))
    nested = bool(wider(together))
    return [
        together.intersection(ranges).union(filter(spans.meet, ranges if nested else wider(ranges)))
        for ranges in others
    ]


class _Spans:
    """Merged ranges by space, to find in them by bisection."""

    def __init__(self, ranges: Iterable[IPRange]) -> None:
        self._firsts: dict[bytes, list[bytes]] = defaultdict(list)
        self._lasts: dict[bytes, list[bytes]] = defaultdict(list)
        for item in ranges:
            self._firsts[item.space].append(item.ends[0])
            self._lasts[item.space].append(item.ends[1])

    def meet(self, item: IPRange) -> bool:
        """Whether the range shares an address with one of them."""
        first, last = item.ends
        at = bisect_right(self._firsts[item.space], last)
        return at > 0 and self._lasts[item.space][at - 1] >= first


def _by_scope(item: IPRange) -> tuple[int, str, int, int]:
    return item.version, item.scope, item.first, item.last


def _before(one: IPRange, other: IPRange) -> bool:
    """Whether every address of one comes before every address of the other."""
    return (one.version, one.scope, one.last) < (other.version, other.scope, other.first)
