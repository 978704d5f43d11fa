# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows host as its administrator sees it: interfaces and addresses, and who asks to hear of changes.

The lab's hosts live on loopback, so a subnet is a part of 127.0.0.0/8; a real Windows refuses such addresses on an
adapter. What sockets can be opened on is ``addresses``; ``active`` and ``persistent`` hold all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from .record import STORES, HostAddress, HostSwitches, Interface, IPAddress, Record, Store, parse_address

if TYPE_CHECKING:
    from ..powershell.cmdlet import Cmdlet

LOOPBACK_INDEX = 1
# Loopback addresses and a link-local one are in every real table and show that plans leave them alone.
_LOOPBACK = (("127.0.0.1", 8), ("::1", 128))
_LINK_LOCAL = "fe80::9849:f94f:c7a1:cacb"


class WindowsHost:
    """One host. ``flavour`` is "2012+" (NetTCPIP cmdlets) or "2008" (netsh alone; 2008 and 2008 R2).

    ``primary`` is the address of the first interface, ``gateway`` its default route. ``duplicates`` maps addresses
    that another machine on the link holds to its MAC address. ``dad_seconds`` is how long an address is Tentative.
    """

    def __init__(
        self,
        name: str,
        primary: str = "127.0.2.10",
        *,
        prefix_length: int = 24,
        gateway: str | None = None,
        alias: str = "Ethernet",
        index: int = 7,
        dhcp: bool = False,
        flavour: str = "2012+",
        language: str = "en",
        hotfix: bool = True,
        dad_seconds: float = 0.0,
        duplicates: Mapping[str, str] | None = None,
        switches: HostSwitches | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.flavour = flavour
        self.language = language
        self.hotfix = hotfix
        self.dad_seconds = dad_seconds
        self.duplicates = {ip_address(key): mac for key, mac in (duplicates or {}).items()}
        self.switches = switches or HostSwitches()
        self.clock = clock
        self.conflicts: list[tuple[IPAddress, str]] = []
        self.active: list[Record] = []
        self.persistent: list[Record] = []
        self.interfaces: dict[int, Interface] = {}
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.RLock()
        self._install_loopback()
        self._install(Interface(index, alias), ip_address(primary), prefix_length, gateway, dhcp)

    def _install_loopback(self) -> None:
        self.interfaces[LOOPBACK_INDEX] = Interface(LOOPBACK_INDEX, "Loopback Pseudo-Interface 1", mac="")
        for text, prefix_length in _LOOPBACK:
            self.active.append(Record(ip_address(text), prefix_length, LOOPBACK_INDEX, origin="WellKnown"))

    def _install(
        self, interface: Interface, primary: IPAddress, prefix_length: int, gateway: str | None, dhcp: bool
    ) -> None:
        default_gateway = gateway or (str(primary - (int(primary) & 0xFF) + 1) if primary.version == 4 else None)
        interface.dhcp[primary.version] = dhcp
        if default_gateway:
            interface.gateways[primary.version] = default_gateway
        self.interfaces[interface.index] = interface
        record = Record(primary, prefix_length, interface.index, origin="Dhcp" if dhcp else "Manual")
        self.active += [record, Record(parse_address(_LINK_LOCAL), 64, interface.index, origin="WellKnown")]
        if not dhcp:
            self.persistent.append(record)

    def add_interface(self, interface: Interface, *addresses: tuple[str, int]) -> None:
        """Another interface with static addresses, given as address and prefix length."""
        with self._lock:
            self.interfaces[interface.index] = interface
            for text, prefix_length in addresses:
                record = Record(parse_address(text), prefix_length, interface.index)
                self.active.append(record)
                self.persistent.append(record)

    def table(self, store: Store) -> list[Record]:
        """The records of one store."""
        return self.active if store == "ActiveStore" else self.persistent

    def find(self, address: IPAddress, index: int | None = None) -> list[tuple[Store, Record]]:
        """Where that address is, with the store."""
        return [(store, found) for store in STORES for found in self.table(store) if found.same(address, index)]

    def state(self, record: Record) -> str:
        """The state of an active record (Set-NetIPAddress, "AddressState")."""
        if not self.interfaces[record.index].connected:
            return "Tentative"
        if self.clock() - record.since < self.dad_seconds:
            return "Tentative"
        return "Duplicate" if record.address in self.duplicates else "Preferred"

    @property
    def addresses(self) -> list[HostAddress]:
        """The addresses of the adapters, without link-local ones, as they stand now."""
        with self._lock:
            return [self._host_address(found) for found in self.active if self._bindable(found)]

    def _bindable(self, record: Record) -> bool:
        return record.index != LOOPBACK_INDEX and not record.address.is_link_local

    def _host_address(self, record: Record) -> HostAddress:
        return HostAddress(
            address=str(record.address),
            prefix_length=record.prefix_length,
            interface_index=record.index,
            interface_alias=self.interfaces[record.index].alias,
            state=self.state(record),
            skip_as_source=record.skip_as_source,
            origin=record.origin,
            persistent=any(kept.same(record.address, record.index) for kept in self.persistent),
        )

    def usable(self, address: str) -> bool:
        """Whether a socket can be bound to it: an adapter has it and duplicate detection is over and well."""
        return any(found.address == address and found.state == "Preferred" for found in self.addresses)

    @property
    def registered(self) -> set[str]:
        """The addresses that the DNS client registers under the host's name (New-NetIPAddress, "SkipAsSource")."""
        return {
            str(found.address)
            for found in self.active
            if self._bindable(found)
            and not found.skip_as_source
            and self.interfaces[found.index].register_in_dns
            and self.state(found) == "Preferred"
        }

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call it after each change of the addresses and at the end of duplicate detection."""
        self._callbacks.append(callback)

    def add(self, record: Record, *stores: Store) -> None:
        """Add the record to the stores; in the active one duplicate detection starts."""
        with self._lock:
            record = replace(record, since=self.clock())
            for store in stores:
                self.table(store).append(record)
            if "ActiveStore" in stores and record.address in self.duplicates:
                self.conflicts.append((record.address, self.duplicates[record.address]))
        self._notify()
        if self.dad_seconds > 0:
            timer = threading.Timer(self.dad_seconds + 0.01, self._notify)
            timer.daemon = True
            timer.start()

    def put(self, store: Store, old: Record, new: Record | None) -> None:
        """Replace a record in its place, or take it away."""
        with self._lock:
            table = self.table(store)
            position = table.index(old)
            table[position : position + 1] = [new] if new else []
        self._notify()

    def made_static(self, index: int, version: int) -> None:
        """What a new static address does to DHCP on the interface (New-NetIPAddress, "Description")."""
        if version == 4 or self.switches.dhcpv6_beside_static == "stopped":
            self.stop_dhcp(index, version)

    def stop_dhcp(self, index: int, version: int) -> None:
        """Make the interface static: its lease, the leased address and the leased route are gone.

        An IPv6 default route comes from a router's advertisement, never from DHCPv6, and so it stays (RFC 8415 1.2).
        """
        interface = self.interfaces[index]
        if not interface.dhcp.get(version):
            return
        with self._lock:
            interface.dhcp[version] = False
            leased = [
                found
                for found in self.active
                if (found.index, found.address.version, found.origin) == (index, version, "Dhcp")
            ]
            self.active[:] = [found for found in self.active if found not in leased]
            if leased:
                interface.dns_servers[:] = [each for each in interface.dns_servers if (":" in each) != (version == 6)]
            if leased and version == 4:
                interface.gateways.pop(version, None)
        self._notify()

    def restart(self) -> None:
        """A restart copies the persistent store to the active one (New-NetIPAddress, "PolicyStore")."""
        with self._lock:
            kept = [found for found in self.active if found.origin != "Manual"]
            self.active[:] = kept + list(self.persistent)
        self._notify()

    def _notify(self) -> None:
        for callback in self._callbacks:
            callback()

    def cmdlets(self) -> dict[str, Cmdlet]:
        """The cmdlets of this host, by name: NetTCPIP, NetAdapter and DnsClient, or WMI on the old one."""
        from .catalogue import cmdlets

        return cmdlets(self)

    def programs(self) -> dict[str, Callable[[list[str]], tuple[int, str]]]:
        """Native programs by file name: each takes its arguments and gives exit code and output."""
        from .getmac import GetMac
        from .netsh import Netsh

        return {"netsh.exe": Netsh(self), "getmac.exe": GetMac(self)}
