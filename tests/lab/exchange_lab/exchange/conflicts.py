# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two receive connectors of a server would listen for the same clients (New-ReceiveConnector, Bindings)."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from exchange_lab.exchange.model import ReceiveConnector
from exchange_lab.exchange.ranges import IPRange
from exchange_lab.exchange.refusals import Refusal, conflict
from exchange_lab.exchange.texts import Binding
from exchange_lab.switches import Switches

_Bounds = tuple[int, int]


@dataclass(frozen=True)
class _Space:
    """The ranges of one IP version and scope; only those of several addresses can overlap another one partly."""

    bounds: frozenset[_Bounds]
    wide: tuple[_Bounds, ...]
    first: int
    last: int

    @classmethod
    def of(cls, bounds: Iterable[_Bounds]) -> _Space:
        """Sorted once, for many comparisons."""
        every = frozenset(bounds)
        wide = tuple(sorted(each for each in every if each[0] < each[1]))
        return cls(every, wide, min(each[0] for each in every), max(each[1] for each in every))


class RangeList(tuple[IPRange, ...]):
    """The ranges of one connector, prepared once for comparison."""

    _spaces: dict[tuple[int, str], _Space] | None = None

    @property
    def spaces(self) -> dict[tuple[int, str], _Space]:
        """The ranges by IP version and scope."""
        if self._spaces is None:
            found: dict[tuple[int, str], list[_Bounds]] = defaultdict(list)
            for each in self:
                found[each.version, each.scope].append((each.first, each.last))
            self._spaces = {key: _Space.of(bounds) for key, bounds in found.items()}
        return self._spaces


def _as_list(ranges: Any) -> RangeList:
    return ranges if isinstance(ranges, RangeList) else RangeList(ranges)


def ranges_clash(one: Iterable[IPRange], other: Iterable[IPRange]) -> bool:
    """Whether a range of one list equals or partly overlaps one of the other; a range within another is fine."""
    mine, theirs = _as_list(one).spaces, _as_list(other).spaces
    return any(_clash(space, theirs[key]) for key, space in mine.items() if key in theirs)


def _clash(one: _Space, other: _Space) -> bool:
    if one.last < other.first or other.last < one.first:
        return False
    if not one.bounds.isdisjoint(other.bounds):
        return True
    return _straddles(one.wide, other.wide) or _straddles(other.wide, one.wide)


def _straddles(one: Sequence[_Bounds], other: Sequence[_Bounds]) -> bool:
    """Whether some range of ``other`` begins after and within one of ``one`` and ends after it; O(n log n)."""
    begun = 0
    ends: list[int] = []
    for first, last in other:
        while begun < len(one) and one[begun][0] < first:
            insort(ends, one[begun][1])
            begun += 1
        nearest = bisect_left(ends, first)
        if nearest < len(ends) and ends[nearest] < last:
            return True
    return False


def _overlap(one: Binding, other: Binding) -> bool:
    """Same port, and one of the addresses stands for all of its family."""
    wildcard = "::" if ":" in one[0] else "0.0.0.0"
    same_family = (":" in one[0]) == (":" in other[0])
    return same_family and one[1] == other[1] and wildcard in (one[0], other[0])


def find_conflict(
    wanted: ReceiveConnector, others: Iterable[ReceiveConnector], switches: Switches, *, roles: bool
) -> Refusal | None:
    """What Exchange says when a connector would collide with another one of its server."""
    for other in others:
        if other.guid == wanted.guid or other.server != wanted.server:
            continue
        pairs = list(product(wanted.properties["Bindings"], other.properties["Bindings"]))
        same = any(one == two for one, two in pairs)
        if not same and not any(_overlap(one, two) for one, two in pairs):
            continue
        identity = f"{other.server}\\{other.name}"
        if roles and wanted.properties["TransportRole"] != other.properties["TransportRole"]:
            if same or switches.role_conflict == "overlapping":
                return conflict(identity, roles=True)
        elif (same or switches.wildcard_conflict == "refused") and ranges_clash(
            wanted.properties["RemoteIPRanges"], other.properties["RemoteIPRanges"]
        ):
            return conflict(identity, roles=False)
    return None
