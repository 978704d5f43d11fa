# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which clients a server treats alike: the address space cut where connectors' ranges begin and end.

Exchange gives a connection to the connector whose range is the narrowest around the client (Receive connectors,
"Remote IP addresses"). So addresses that lie in the same ranges of the same connectors, before, after and in between,
need to be looked at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import near, wider
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange


class Layer(NamedTuple):
    """One set of ranges that a connector has at some moment of a plan, by its number in the connector's history."""

    connector: str
    number: int
    ranges: Collection[IPRange]


# For each (connector, number) that has the address: the size of the narrowest range around it.
Sizes = Mapping[tuple[str, int], int]


# First address, last address negated so that the widest sorts first, and whose range it is.
_Item = tuple[int, int, tuple[str, int]]


class Segment(NamedTuple):
    """Clients treated alike: one of their addresses stands for them."""

    address: IPRange
    sizes: Sizes


def segments_of(connectors: Collection[str], layers: Iterable[Layer]) -> list[Segment]:
    """The segments in which one of these connectors has a range, without looking far from their ranges."""
    layers = list(layers)
    mine = [layer for layer in layers if layer.connector in connectors]
    if not any(map(_anywhere, mine)):
        others = [layer.ranges for layer in layers if layer.connector not in connectors]
        parts = iter(near([layer.ranges for layer in mine], others))
        # an any-range holds the addresses of every zone
        layers = [
            one if one.connector in connectors else one._replace(ranges=[*next(parts), *_anywhere(one)])
            for one in layers
        ]
    return [one for one in segments(layers) if any(key in connectors for key, _number in one.sizes)]


def _anywhere(layer: Layer) -> list[IPRange]:
    return [item for item in wider(layer.ranges) if item.any]


def segments(layers: Iterable[Layer]) -> list[Segment]:
    """One segment for every combination of ranges that occurs, with the first address that has it."""
    by_space: dict[tuple[int, str], list[_Item]] = defaultdict(list)
    everywhere: dict[int, dict[tuple[str, int], int]] = {4: {}, 6: {}}
    for layer in layers:
        owner = (layer.connector, layer.number)
        for item in layer.ranges:
            if item.any:
                everywhere[item.version][owner] = item.size
            else:
                by_space[item.version, item.scope].append((item.first, -item.last, owner))
    found: dict[tuple[int, frozenset[tuple[tuple[str, int], int]]], Segment] = {}
    for (version, scope), items in sorted(by_space.items()):
        items.sort()
        for first, active in _pieces(items):
            signature = (version, frozenset(active.items()))
            if signature not in found:
                address = IPRange(version, first, first, scope)
                found[signature] = Segment(address, {**everywhere[version], **active})
    return [*found.values(), *_elsewhere(by_space, everywhere)]


def _elsewhere(
    spaces: Mapping[tuple[int, str], Sequence[_Item]],
    everywhere: Mapping[int, dict[tuple[str, int], int]],
) -> Iterator[Segment]:
    """The clients that only any-ranges hold: the lowest address outside all others."""
    for version, sizes in everywhere.items():
        free = 1
        for first, negative, _owner in spaces.get((version, ""), ()):
            if first > free:
                break
            free = max(free, 1 - negative)
        if any(free < size for size in sizes.values()):
            yield Segment(IPRange(version, free, free), sizes)


def _pieces(items: Sequence[_Item]) -> Iterator[tuple[int, dict[tuple[str, int], int]]]:
    """Cut ranges sorted by (first, widest first) into pieces; most stand alone and are passed on as they are."""
    index, count = 0, len(items)
    while index < count:
        first, negative, owner = items[index]
        end, reach = index + 1, -negative
        while end < count and items[end][0] <= reach:
            reach = max(reach, -items[end][1])
            end += 1
        if end == index + 1:
            yield first, {owner: 1 - negative - first}
        else:
            yield from _cut(items[index:end])
        index = end


def _cut(island: Sequence[_Item]) -> Iterator[tuple[int, dict[tuple[str, int], int]]]:
    """Cut ranges that overlap at every boundary, in one sweep."""
    starts = [(first, 1, 1 - negative - first, owner) for first, negative, owner in island]
    ends = [(1 - negative, 0, 1 - negative - first, owner) for first, negative, owner in island]
    active: dict[tuple[str, int], list[int]] = {}
    events = sorted([*starts, *ends])
    for index, (at, begins, size, owner) in enumerate(events):
        sizes = active.setdefault(owner, [])
        if begins:
            sizes.append(size)
        else:
            sizes.remove(size)
            if not sizes:
                del active[owner]
        if active and (index + 1 == len(events) or events[index + 1][0] != at):
            yield at, {owner: min(held) for owner, held in active.items()}
