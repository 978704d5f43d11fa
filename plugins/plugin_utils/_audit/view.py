# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An estate worked out once: who is served by what, and what each connector lets them do."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import capability
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.capability import Capabilities
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Connector, Estate, Server
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.partition import Cell, Point, cells, points
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange, subtract

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
_WIDE = {4: 1 << 8, 6: 1 << 64}


@dataclass(frozen=True, eq=False)
class ServerView:
    """One server; ``served`` pairs each point with its cells, ``access`` holds who may do what, by connector."""

    server: Server
    served: tuple[tuple[Point, tuple[Cell, ...]], ...]
    access: Mapping[Connector, Mapping[str, Capabilities]]
    cells_of: Mapping[Connector, tuple[Cell, ...]]

    def relays(self, connector: Connector) -> bool:
        """Whether clients that prove nothing may relay by a right of this connector."""
        grant = self.access[connector].get(capability.ANYONE, {}).get(capability.RELAY)
        return grant is not None and grant.kind != "domain"

    def serving(self, endpoint: Binding, client: IPRange) -> Cell | None:
        """Return the cell that holds a client (by its first address) at an endpoint, or None."""
        version, first, _last, scope = client.__getnewargs__()
        for point, served in self.served:
            if endpoint in point.endpoints:
                return next((cell for cell in served if _holds(cell, version, scope, first)), None)
        return None

    def served_addresses(self, connector: Connector) -> int:
        """Return how many clients the connector gets at the endpoint where it gets most."""
        return max((cell.size for cell in self.cells_of[connector]), default=0)


def _holds(cell: Cell, version: int, scope: str, address: int) -> bool:
    pieces = cell.pieces.get((version, scope), ())
    at = bisect_right(pieces, (address, 1 << 128)) - 1
    return at >= 0 and pieces[at][0] <= address <= pieces[at][1]


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
    )


def view(estate: Estate) -> list[ServerView]:
    """Work out every server."""
    return [server_view(estate, server) for server in estate.servers]


def everyone(ranges: Iterable[IPRange]) -> bool:
    """Whether ranges are open to the Internet: to every address, or to more public ones than devices could have."""
    ranges = list(ranges)
    if any(item.any for item in ranges):
        return True
    public = {4: 0, 6: 0}
    for item in subtract(ranges, NOT_PUBLIC):
        public[item.version] += item.size
    return any(public[version] > _FOREIGN[version] for version in public)


def wide(ranges: Iterable[IPRange]) -> Iterator[IPRange]:
    """Give the ranges wider than a /24, or a /64 of IPv6."""
    return (item for item in ranges if item.size > _WIDE[item.version])
