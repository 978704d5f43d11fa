# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of a Windows host as they were read: in the active store, in the persistent one, or in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Set-NetIPAddress, "AddressState", in the order of their numbers (MSFT_NetIPAddress)
STATES = ("Invalid", "Tentative", "Duplicate", "Deprecated", "Preferred")
# MSFT_NetIPAddress, PrefixOrigin
ORIGINS = ("Other", "Manual", "WellKnown", "Dhcp", "RouterAdvertisement")


@dataclass(frozen=True)
class Entry:
    """What one store says of an address; ``skip_as_source`` is None where Windows does not know the flag."""

    prefix_length: int
    skip_as_source: bool | None = False


@dataclass(frozen=True)
class Address:
    """One address on one interface; ``state`` is that of the active entry and empty without one."""

    ip: IPAddress
    interface: int
    active: Entry | None
    persistent: Entry | None
    state: str = ""
    origin: str = "Manual"

    @property
    def entry(self) -> Entry:
        """The active entry, or the persistent one where there is no other."""
        found = self.active or self.persistent
        if found is None:
            raise ValueError(f"{self.ip} is in no store")
        return found

    @property
    def network(self) -> Network:
        """The subnet that the address lies in."""
        return network_of(self.ip, self.entry.prefix_length)

    @property
    def is_source(self) -> bool:
        """Whether Windows may send from it and registers it in DNS."""
        return self.active is not None and not self.active.skip_as_source and not self.ip.is_link_local


@dataclass(frozen=True)
class Interface:
    """A network interface; ``dhcp`` holds the IP versions that are configured by DHCP, gateways go by IP version."""

    index: int
    alias: str
    mac: str = ""
    dhcp: frozenset[int] = frozenset()
    gateways: Mapping[int, str] = field(default_factory=dict)
    registers_in_dns: bool | None = True
    dns_servers: tuple[str, ...] = ()
    connected: bool = True


@dataclass(frozen=True)
class AddressTable:
    """All interfaces and addresses of a host, in the order in which Windows lists them.

    ``in_place``: an address can be changed without being dropped; ``knows_skip_as_source``: Windows has the flag.
    """

    interfaces: tuple[Interface, ...]
    addresses: tuple[Address, ...]
    in_place: bool = True
    knows_skip_as_source: bool = True

    def find(self, ip: IPAddress) -> list[Address]:
        """The address on every interface that has it in one store at least."""
        return [found for found in self.addresses if found.ip == ip]

    def on(self, index: int, version: int) -> list[Address]:
        """The addresses of an interface and IP version."""
        return [found for found in self.addresses if found.interface == index and found.ip.version == version]

    def interface(self, index: int) -> Interface:
        """The interface of that index; one that only a store remembers has no name."""
        return next(
            (found for found in self.interfaces if found.index == index), Interface(index, f"interface {index}")
        )

    @property
    def adapters(self) -> list[Interface]:
        """The interfaces without the loopback pseudo-interface."""
        loopback = {found.interface for found in self.addresses if str(found.ip) in ("127.0.0.1", "::1")}
        return [found for found in self.interfaces if found.index not in loopback]

    def subnets(self, index: int, version: int, without: IPAddress | None = None) -> list[Network]:
        """The subnets of an interface's active addresses; link-local ones and single addresses make none."""
        return [
            found.network
            for found in self.on(index, version)
            if found.active and found.ip != without and not found.ip.is_link_local and found.network.num_addresses > 1
        ]

    def primary(self, index: int, version: int, connected_to: IPAddress | None = None) -> IPAddress | None:
        """The address that an interface lives by: its lease, the one Ansible is connected to, or the first source.

        Windows marks none as primary; the first source address that it lists is what others take for it.
        """
        sources = [found for found in self.on(index, version) if found.is_source]
        leased = [found for found in sources if found.origin == "Dhcp"]
        connected = [found for found in sources if found.ip == connected_to]
        return next((found.ip for found in (*leased, *connected, *sources)), None)


def parse_ip(text: str) -> IPAddress:
    """Return the address without its zone (``fe80::1%7``); raises ValueError naming the text."""
    try:
        return ip_address(text.strip().partition("%")[0])
    except ValueError:
        raise ValueError(f"{text!r} is no IP address") from None


def network_of(ip: IPAddress, prefix_length: int) -> Network:
    """Return the network of that length around the address."""
    return ip_network((ip, prefix_length), strict=False)
