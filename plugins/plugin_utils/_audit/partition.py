# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connector serves which client: the address space cut into what each connector really gets.

Among the connectors that listen on an address and port, the one with the narrowest range around the client serves it
(Receive connectors, "Remote IP addresses"); between equal ranges, the one that names the address.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.coverage import Piece, Space
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Connector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

WILDCARD = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - how Exchange writes it, nothing is bound


@dataclass(frozen=True, eq=False)
class Listener:
    """A connector at an endpoint; ``named`` tells that it is bound to this very address."""

    connector: Connector
    named: bool


@dataclass(frozen=True, eq=False)
class Cell:
    """What one connector serves at endpoints where the same connectors listen.

    An endpoint on the wildcard address stands for the server's addresses that no connector names. ``pieces`` are in
    order and do not touch.
    """

    connector: Connector
    endpoints: tuple[Binding, ...]
    pieces: Mapping[Space, Sequence[Piece]]

    @property
    def size(self) -> int:
        """How many client addresses it has."""
        return sum(last - first + 1 for pieces in self.pieces.values() for first, last in pieces)

    def ranges(self, most: int | None = None) -> list[IPRange]:
        """Return the clients as ranges, at most so many."""
        found: list[IPRange] = []
        for (version, scope), pieces in sorted(self.pieces.items()):
            for first, last in pieces:
                if len(found) == most:
                    return found
                found.append(IPRange(version, first, last, scope))
        return found


@dataclass(frozen=True, eq=False)
class Point:
    """Endpoints with the same listeners. Where roles differ, no service is sure to get the port."""

    endpoints: tuple[Binding, ...]
    listeners: tuple[Listener, ...]

    @property
    def contested(self) -> bool:
        """Whether connectors of different transport roles listen here."""
        return len({listener.connector.role for listener in self.listeners}) > 1


def points(connectors: Iterable[Connector], addresses: frozenset[str] | None) -> list[Point]:
    """Return where the enabled connectors listen; addresses that the host is known not to have are left out."""
    named: dict[Binding, list[Connector]] = defaultdict(list)
    everywhere: dict[tuple[int, int], list[Connector]] = defaultdict(list)
    for connector in connectors:
        for binding in dict.fromkeys(connector.bindings) if connector.enabled else ():
            if binding.wildcard:
                everywhere[binding.version, binding.port].append(connector)
            elif addresses is None or binding.address in addresses:
                named[binding].append(connector)
    alike: dict[tuple[tuple[int, bool], ...], list[Binding]] = defaultdict(list)
    made: dict[tuple[tuple[int, bool], ...], tuple[Listener, ...]] = {}
    for endpoint, listeners in _all(named, everywhere, addresses):
        key = tuple((id(listener.connector), listener.named) for listener in listeners)
        made.setdefault(key, listeners)
        alike[key].append(endpoint)
    return [Point(tuple(endpoints), made[key]) for key, endpoints in alike.items()]


def _all(
    named: Mapping[Binding, list[Connector]],
    everywhere: Mapping[tuple[int, int], list[Connector]],
    addresses: frozenset[str] | None,
) -> Iterator[tuple[Binding, tuple[Listener, ...]]]:
    for binding in sorted(named):
        own = named[binding]
        others = [one for one in everywhere.get((binding.version, binding.port), ()) if one not in own]
        yield binding, (*(Listener(one, True) for one in own), *(Listener(one, False) for one in others))
    for (version, port), connectors in sorted(everywhere.items()):
        if addresses is None or any(
            Binding(address, port) not in named for address in addresses if (6 if ":" in address else 4) == version
        ):
            yield Binding(WILDCARD[version], port), tuple(Listener(one, False) for one in connectors)


def cells(point: Point) -> list[Cell]:
    """Cut the address space among the listeners of a point, as if none of them were contested."""
    found: dict[int, dict[Space, list[Piece]]] = defaultdict(lambda: defaultdict(list))
    for space, ranges in _spaces(point.listeners).items():
        for first, last, index in _sweep(ranges):
            pieces = found[index][space]
            if pieces and pieces[-1][1] + 1 == first:
                pieces[-1] = (pieces[-1][0], last)
            else:
                pieces.append((first, last))
    return [Cell(point.listeners[index].connector, point.endpoints, pieces) for index, pieces in sorted(found.items())]


def _spaces(listeners: Sequence[Listener]) -> dict[Space, list[tuple[int, int, int, int]]]:
    """Return ranges as (first, rank, last, index), by space; the lower of two ranks is served first at equal size."""
    order = sorted(range(len(listeners)), key=lambda index: _rank(listeners[index]))
    rank = {index: place for place, index in enumerate(order)}
    spaces: dict[Space, list[tuple[int, int, int, int]]] = defaultdict(list)
    for index, listener in enumerate(listeners):
        place = rank[index]
        for item in listener.connector.ranges:
            version, first, last, scope = item.__getnewargs__()
            spaces[version, scope].append((first, place, last, index))
    for ranges in spaces.values():
        ranges.sort()
    return spaces


def _rank(listener: Listener) -> tuple[bool, str]:
    return not listener.named, listener.connector.name.lower()


def _sweep(ranges: Sequence[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Walk over sorted ranges once; give (first, last, index) of the narrowest range, in order.

    The heap holds the ranges that have begun, narrowest first; those that have ended leave when they come up.
    """
    active: list[tuple[int, int, int, int]] = []
    at, count, position = 0, len(ranges), 0
    push, pop = heapq.heappush, heapq.heappop
    while at < count or active:
        if not active:
            position = ranges[at][0]
        while at < count and ranges[at][0] == position:
            first, place, last, index = ranges[at]
            push(active, (last - first, place, last, index))
            at += 1
        while active and active[0][2] < position:
            pop(active)
        if not active:
            continue
        end, index = active[0][2], active[0][3]
        if at < count and ranges[at][0] <= end:
            end = ranges[at][0] - 1
        yield position, end, index
        position = end + 1
