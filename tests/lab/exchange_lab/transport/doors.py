# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connector serves a client: listening points, and the most specific remote range on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from ipaddress import ip_address, ip_network
from typing import Any

from exchange_lab.exchange.model import AccessControlEntry, ReceiveConnector
from exchange_lab.exchange.ranges import IPRange

Endpoint = tuple[str, int]
WILDCARDS = {4: "0.0.0.0", 6: "::"}


@dataclass(frozen=True)
class Door:
    """A receive connector as it was when the transport last read its configuration."""

    name: str
    guid: str
    bindings: tuple[Endpoint, ...]
    properties: Mapping[str, Any]
    acl: tuple[AccessControlEntry, ...]

    @classmethod
    def of(cls, connector: ReceiveConnector) -> Door:
        """Copy what a session needs, so that a later change does not reach a session under way."""
        bindings = tuple(
            (str(ip_address(str(address))), int(port)) for address, port in connector.properties["Bindings"]
        )
        return cls(connector.name, connector.guid, bindings, dict(connector.properties), tuple(connector.acl))

    @property
    def role(self) -> str:
        """FrontendTransport, HubTransport, or "" where there is no such property."""
        return str(self.properties.get("TransportRole") or "")

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a Boolean property."""
        value = self.properties.get(name)
        return default if value is None else bool(value)

    def number(self, name: str) -> int | None:
        """Return a number, or None for Unlimited and for a property this version lacks."""
        value = self.properties.get(name)
        return int(value) if isinstance(value, int | str) and str(value).isdigit() else None

    def seconds(self, name: str, default: float) -> float:
        """Return a time span in seconds."""
        value = self.properties.get(name)
        return value.total_seconds() if isinstance(value, timedelta) else default

    def flags(self, name: str) -> frozenset[str]:
        """Return the names in a flags property."""
        value = self.properties.get(name) or ()
        return frozenset(value.split(", ") if isinstance(value, str) else map(str, value))

    @cached_property
    def ranges(self) -> tuple[tuple[int, int, int], ...]:
        """The remote ranges as (IP version, first, last)."""
        given = self.properties.get("RemoteIPRanges") or ()
        return tuple(
            (item.version, item.first, item.last) if isinstance(item, IPRange) else bounds(str(item)) for item in given
        )

    def narrowest(self, client: str) -> int | None:
        """Return the size of the smallest remote range that holds the client, or None."""
        address = ip_address(client.partition("%")[0])
        number = int(address)
        sizes = [
            last - first + 1
            for version, first, last in self.ranges
            if version == address.version and first <= number <= last
        ]
        return min(sizes, default=None)


def bounds(text: str) -> tuple[int, int, int]:
    """Read one of RemoteIPRanges: a single address, ``first-last``, CIDR with host bits or ``address(netmask)``."""
    text = text.replace("(", "/").rstrip(")")
    if "/" in text:
        network = ip_network(text, strict=False)
        return network.version, int(network[0]), int(network[-1])
    low, _, high = text.partition("-")
    first, last = (ip_address(part.strip().partition("%")[0]) for part in (low, high or low))
    return first.version, int(first), int(last)


def listening_points(doors: Iterable[Door], addresses: Iterable[str]) -> dict[Endpoint, tuple[Door, ...]]:
    """Return, for each address and port to listen on, the enabled connectors bound to it or to all addresses."""
    held = [ip_address(address) for address in addresses]
    points: dict[Endpoint, list[Door]] = {}
    for door in doors:
        if not door.flag("Enabled", True):
            continue
        for address in held:
            ports = {port for bound, port in door.bindings if bound in (str(address), WILDCARDS[address.version])}
            for port in ports:
                points.setdefault((str(address), port), []).append(door)
    return {point: tuple(at) for point, at in points.items()}


def contested(doors: Iterable[Door]) -> bool:
    """Whether connectors of different transport roles share a listening point, so that no service gets it."""
    return len({door.role for door in doors}) > 1


def choose(doors: Iterable[Door], point: Endpoint, client: str) -> Door | None:
    """Return the connector for this client: the smallest matching remote range, then the specific binding."""
    best: tuple[int, bool, str] | None = None
    chosen: Door | None = None
    for door in doors:
        size = door.narrowest(client)
        if size is None:
            continue
        rank = (size, point not in door.bindings, door.name.lower())
        if best is None or rank < best:
            best, chosen = rank, door
    return chosen
