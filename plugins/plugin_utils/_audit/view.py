# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An estate worked out once: who is served by what, and what each connector lets them do."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import capability
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.capability import Capabilities
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.coverage import Extent, Space
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Connector, Estate, Server
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.partition import Cell, Point, cells, points
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

# Addresses that no client on the Internet has (IANA special-purpose address registries)
NOT_PUBLIC = tuple(
    IPRange.parse(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "::/3",
        "4000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::/32",
    )
)
# More public addresses than one organization's devices have: it is then open to the Internet
_FOREIGN = {4: 1 << 16, 6: 1 << 80}


@dataclass(frozen=True, eq=False)
class ServerView:
    """One server; ``served`` pairs each point with its cells, ``access`` holds who may do what, by connector."""

    server: Server
    served: tuple[tuple[Point, tuple[Cell, ...]], ...]
    access: Mapping[Connector, Mapping[str, Capabilities]]
    cells_of: Mapping[Connector, tuple[Cell, ...]]
    extents: Mapping[Connector, Extent]
    _found: dict[Point, Lookup] = field(default_factory=dict)

    def relays(self, connector: Connector) -> bool:
        """Whether clients that prove nothing may relay by a right of this connector."""
        grant = self.access[connector].get(capability.ANYONE, {}).get(capability.RELAY)
        return grant is not None and grant.kind != "domain"

    def serving(self, endpoint: Binding, client: IPRange) -> Cell | None:
        """Return the cell that holds a client (by its first address) at an endpoint, or None."""
        at = next(((point, served) for point, served in self.served if endpoint in point.endpoints), None)
        return None if at is None else self.serving_at(*at, client)

    def serving_at(self, point: Point, served: Sequence[Cell], client: IPRange) -> Cell | None:
        """Return the cell that holds a client (by its first address) at a point, or None."""
        if point not in self._found:
            self._found[point] = Lookup(served)
        return self._found[point].cell(client)


class Lookup:
    """Finds the cell of a client by bisection."""

    def __init__(self, served: Sequence[Cell]) -> None:
        """Sort the pieces of all cells of a point, which are disjoint."""
        pieces: dict[Space, list[tuple[int, int, int]]] = defaultdict(list)
        for number, cell in enumerate(served):
            for space, found in cell.pieces.items():
                pieces[space] += [(first, last, number) for first, last in found]
        for numbered in pieces.values():
            numbered.sort()
        self._cells, self._pieces = served, pieces

    def cell(self, client: IPRange) -> Cell | None:
        """Return the cell that holds the client's first address, or None."""
        version, address, _last, scope = client.__getnewargs__()
        pieces = self._pieces.get((version, scope), ())
        at = bisect_right(pieces, (address, 1 << 128, 0)) - 1
        return self._cells[pieces[at][2]] if at >= 0 and pieces[at][1] >= address else None


def server_view(estate: Estate, server: Server) -> ServerView:
    """Work out one server."""
    served = tuple((point, tuple(cells(point))) for point in points(server.connectors, server.addresses))
    by_connector: dict[Connector, list[Cell]] = defaultdict(list)
    for _point, found in served:
        for cell in found:
            by_connector[cell.connector].append(cell)
    return ServerView(
        server,
        served,
        {connector: capability.access(estate, server, connector) for connector in server.connectors},
        {connector: tuple(by_connector[connector]) for connector in server.connectors},
        {connector: Extent(connector.ranges) for connector in server.connectors},
    )


def view(estate: Estate) -> list[ServerView]:
    """Work out every server."""
    return [server_view(estate, server) for server in estate.servers]


def everyone(extent: Extent) -> bool:
    """Whether ranges are open to the Internet: to every address, or to more public ones than devices could have."""
    if extent.any:
        return True
    public = {4: 0, 6: 0}
    for (version, _scope), pieces in extent.narrow.pieces.items():
        public[version] += sum(last - first + 1 for first, last in pieces)
    for item in NOT_PUBLIC:
        public[item.version] -= extent.narrow.shared(item)
    return any(public[version] > _FOREIGN[version] for version in public)
