# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of addresses that are asked many times: sorted pieces, found by bisection.

A server can have half a million ranges, so every question must cost a logarithm and not a walk.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

# Addresses of one IP version and zone, from first to last.
Space = tuple[int, str]
Piece = tuple[int, int]
_WIDE = {4: 1 << 8, 6: 1 << 64}


class Coverage:
    """Addresses as pieces that neither touch nor overlap, in order, by IP version and zone."""

    def __init__(self, pieces: Mapping[Space, Sequence[Piece]]) -> None:
        """Take pieces that are sorted and disjoint."""
        self.pieces = pieces
        self._lasts = {space: [last for _first, last in found] for space, found in pieces.items()}
        self._sums: dict[Space, list[int]] = {}

    @classmethod
    def of(cls, ranges: Iterable[IPRange]) -> Coverage:
        """Join ranges in any order."""
        numbers: dict[Space, list[Piece]] = defaultdict(list)
        for item in ranges:
            version, first, last, scope = item.__getnewargs__()
            numbers[version, scope].append((first, last))
        return cls({space: _joined(sorted(found)) for space, found in numbers.items()})

    def __bool__(self) -> bool:
        return any(self.pieces.values())

    @property
    def size(self) -> int:
        """How many addresses it has."""
        return sum(last - first + 1 for found in self.pieces.values() for first, last in found)

    def overlaps(self, item: IPRange) -> bool:
        """Whether it shares an address with a range."""
        return next(self._within(item), None) is not None

    def covers(self, item: IPRange) -> bool:
        """Whether it has every address of a range."""
        return any(first <= item.first and item.last <= last for first, last in self._within(item))

    def shared(self, item: IPRange) -> int:
        """How many addresses it has in common with a range."""
        version, low, high, scope = item.__getnewargs__()
        found = self.pieces.get((version, scope), ())
        begin = bisect_left(self._lasts.get((version, scope), ()), low)
        end = bisect_left(found, (high + 1, -1))
        if begin >= end:
            return 0
        sums = self._summed((version, scope))
        return sums[end] - sums[begin] - max(0, low - found[begin][0]) - max(0, found[end - 1][1] - high)

    def _summed(self, space: Space) -> list[int]:
        if space not in self._sums:
            sizes = (last - first + 1 for first, last in self.pieces[space])
            self._sums[space] = list(accumulate(sizes, initial=0))
        return self._sums[space]

    def minus(self, other: Coverage) -> Coverage:
        """Take the addresses of another set away."""
        return Coverage(
            {
                space: [rest for piece in found for rest in _cut(piece, other._in(space, piece))]
                for space, found in self.pieces.items()
            }
        )

    def common(self, other: Coverage) -> Coverage:
        """Keep the addresses that another set has too."""
        return Coverage(
            {
                space: [
                    (max(piece[0], first), min(piece[1], last))
                    for piece in found
                    for first, last in other._in(space, piece)
                ]
                for space, found in self.pieces.items()
            }
        )

    def ranges(self, most: int | None = None) -> list[IPRange]:
        """Return it as ranges, at most so many."""
        found: list[IPRange] = []
        for (version, scope), pieces in sorted(self.pieces.items()):
            rest = pieces if most is None else pieces[: most - len(found)]
            found += [IPRange(version, first, last, scope) for first, last in rest]
        return found

    @property
    def count(self) -> int:
        """How many ranges that would be."""
        return sum(map(len, self.pieces.values()))

    def _within(self, item: IPRange) -> Iterator[Piece]:
        version, first, last, scope = item.__getnewargs__()
        return self._in((version, scope), (first, last))

    def _in(self, space: Space, piece: Piece) -> Iterator[Piece]:
        """Give the pieces that share an address with this one, in order."""
        found = self.pieces.get(space, ())
        at = bisect_left(self._lasts.get(space, ()), piece[0])
        while at < len(found) and found[at][0] <= piece[1]:
            yield found[at]
            at += 1


def _joined(numbers: Iterable[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    begin, end = -1, -2
    for first, last in numbers:
        if first > end + 1:
            if end >= begin >= 0:
                joined.append((begin, end))
            begin, end = first, last
        elif last > end:
            end = last
    if end >= begin >= 0:
        joined.append((begin, end))
    return joined


def _cut(piece: Piece, taken: Iterable[Piece]) -> Iterator[Piece]:
    first, last = piece
    for begin, end in taken:
        if begin > first:
            yield first, begin - 1
        first = end + 1
    if first <= last:
        yield first, last


class Extent:
    """A connector's ranges at a glance: ``any`` tells whether every address of an IP version is in them.

    ``narrow`` has the others' addresses, ``wide`` lists those wider than a /24, or a /64 of IPv6.
    """

    def __init__(self, ranges: Sequence[IPRange]) -> None:
        """Look at each range once."""
        whole = [item for item in ranges if item.any]
        self.any = bool(whole)
        self.narrow = Coverage.of(item for item in ranges if not item.any) if whole else Coverage.of(ranges)
        self.wide = [item for item in ranges if item.size > _WIDE[item.version]]
        self.all = self.narrow if not whole else Coverage.of(ranges)
