# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Windows host keeps about its network: interfaces, addresses in two stores, duplicate address detection."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Literal, get_args, get_type_hints

IPAddress = IPv4Address | IPv6Address
Store = Literal["ActiveStore", "PersistentStore"]
STORES: tuple[Store, Store] = ("ActiveStore", "PersistentStore")


@dataclass
class Interface:
    """A network interface; ``dhcp`` and ``gateways`` go by IP version, ``register_in_dns`` is the DNS client's."""

    index: int
    alias: str
    mac: str = "00-15-5D-00-0A-46"
    description: str = "Microsoft Hyper-V Network Adapter"
    dhcp: dict[int, bool] = field(default_factory=lambda: {4: False, 6: True})
    gateways: dict[int, str] = field(default_factory=dict)
    dns_servers: list[str] = field(default_factory=list)
    register_in_dns: bool = True
    connected: bool = True

    @property
    def guid(self) -> str:
        """The adapter's InterfaceGuid, the same at each start."""
        return f"{{{str(uuid.uuid5(uuid.NAMESPACE_OID, self.mac)).upper()}}}"


@dataclass(frozen=True)
class Record:
    """One address in one store; ``since`` is the host's clock when it came up, which starts duplicate detection."""

    address: IPAddress
    prefix_length: int
    index: int
    skip_as_source: bool = False
    origin: str = "Manual"
    since: float = float("-inf")

    @property
    def family(self) -> int:
        """The number Windows gives the address family: AF_INET 2, AF_INET6 23."""
        return 2 if self.address.version == 4 else 23

    @property
    def text(self) -> str:
        """The address as Windows prints it; link-local ones carry their interface (``fe80::1%7``)."""
        return (
            f"{self.address}%{self.index}"
            if self.address.version == 6 and self.address.is_link_local
            else str(self.address)
        )

    @property
    def expires(self) -> bool:
        """Whether its lifetime is limited: a lease and what a router advertises."""
        return self.origin in ("Dhcp", "RouterAdvertisement")

    def same(self, address: IPAddress, index: int | None = None) -> bool:
        """Whether it is that address, on that interface where one is given."""
        return self.address == address and index in (None, self.index)

    def changed(self, prefix_length: int | None, skip_as_source: bool | None) -> Record:
        """The record with what is given replaced."""
        return replace(
            self,
            prefix_length=self.prefix_length if prefix_length is None else prefix_length,
            skip_as_source=self.skip_as_source if skip_as_source is None else skip_as_source,
        )


@dataclass(frozen=True)
class HostAddress:
    """An address as it stands now, for whoever listens on it."""

    address: str
    prefix_length: int
    interface_index: int
    interface_alias: str
    state: str
    skip_as_source: bool
    origin: str
    persistent: bool


@dataclass(frozen=True)
class HostSwitches:
    """Behaviour of Windows that its documentation leaves open or contradicts itself about.

    ``set_reaches`` and ``remove_reaches``: the stores that Set- and Remove-NetIPAddress act on without PolicyStore
    (Set-NetIPAddress, "PolicyStore", names ActiveStore as the default and says in the next line that both are meant).
    ``remove_named_reaches``: whether Remove-NetIPAddress from the one store that PolicyStore names spares the other.
    ``new_persistent``: whether New-NetIPAddress takes PolicyStore PersistentStore ("Specify ActiveStore only").
    ``dump_shows_flag``: whether ``netsh interface ipv4 dump`` prints skipassource.
    ``dhcpv6_beside_static``: whether DHCPv6 goes on beside a static IPv6 address. The description of New-NetIPAddress
    has it stopped, the one published record shows it still enabled (issue 32 of NetworkingDsc).
    """

    set_reaches: Literal["both", "active"] = "both"
    remove_reaches: Literal["both", "active"] = "both"
    remove_named_reaches: Literal["named", "both"] = "named"
    set_persistent: bool = True
    new_persistent: bool = False
    dump_shows_flag: bool = True
    dhcpv6_beside_static: Literal["kept", "stopped"] = "kept"

    @classmethod
    def choices(cls) -> Mapping[str, tuple[str, ...]]:
        """The answers to every question as texts (``True`` and ``False`` for yes and no), the default first."""
        hints = get_type_hints(cls)
        found = {each.name: (each.default, *(get_args(hints[each.name]) or (True, False))) for each in fields(cls)}
        return {name: tuple(dict.fromkeys(map(str, answers))) for name, answers in found.items()}

    @classmethod
    def chosen(cls, answers: Mapping[str, str]) -> HostSwitches:
        """Switches from texts as ``choices`` has them."""
        truth = {"True": True, "False": False}
        given: dict[str, Any] = {name: truth.get(answer, answer) for name, answer in answers.items()}
        return cls(**given)


def parse_address(text: str) -> IPAddress:
    """An address without its zone; raises ValueError."""
    return ip_address(text.partition("%")[0])
