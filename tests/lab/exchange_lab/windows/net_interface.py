# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get-NetIPInterface, Get-NetAdapter, Get-NetRoute, Get-NetNeighbor, the DNS client's cmdlets and the event log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..powershell.cmdlet import Cmdlet, CmdletError, Invocation, Parameter
from ..powershell.objects import ps_object
from . import binding
from .host import LOOPBACK_INDEX
from .record import Interface, Store
from .shapes import (
    adapter_object,
    configuration_object,
    dns_client_object,
    dns_server_object,
    interface_object,
    neighbour_object,
    route_object,
)

if TYPE_CHECKING:
    from .host import WindowsHost

_QUERY = (binding.INDEXES, binding.ALIASES, binding.FAMILY, binding.STORE)
_ENABLED = binding.one_of("Enabled", "Disabled")


@dataclass
class Interfaces:
    """The cmdlets that show and set what belongs to an interface."""

    host: WindowsHost

    def cmdlets(self) -> list[Cmdlet]:
        """The cmdlets with their parameters."""
        some = (binding.INDEXES, binding.ALIASES)
        registers = Parameter("RegisterThisConnectionsAddress", binding.truth, "System.Boolean")
        return [
            Cmdlet("Get-NetIPInterface", _QUERY, self.get_interface),
            Cmdlet(
                "Set-NetIPInterface", (*_QUERY, Parameter("Dhcp", _ENABLED)), self.set_interface, should_process=True
            ),
            Cmdlet("Get-NetAdapter", (Parameter("Name", binding.texts, position=0), *some), self.get_adapter),
            Cmdlet(
                "Get-NetRoute", (Parameter("DestinationPrefix", binding.texts, position=0), *_QUERY), self.get_route
            ),
            Cmdlet("Get-NetNeighbor", (binding.ADDRESSES, *some), self.get_neighbour),
            Cmdlet("Get-DnsClient", some, self.get_dns_client),
            Cmdlet("Set-DnsClient", (*some, registers), self.set_dns_client, should_process=True),
            Cmdlet("Register-DnsClient", (), self.register_dns_client),
            Cmdlet("Get-DnsClientServerAddress", (*some, binding.FAMILY), self.get_dns_server),
            Cmdlet(
                "Set-DnsClientServerAddress",
                (*some, Parameter("ServerAddresses", binding.texts, "System.String[]")),
                self.set_dns_server,
                should_process=True,
            ),
        ]

    def get_interface(self, call: Invocation) -> Iterator[Any]:
        """One object for each interface and family."""
        store: Store = (
            "PersistentStore" if call.bound.get("PolicyStore", "").lower() == "persistentstore" else "ActiveStore"
        )
        wanted = {"IPv4": (2,), "IPv6": (23,)}.get(call.bound.get("AddressFamily", ""), (23, 2))
        for interface in self._chosen(call, "MSFT_NetIPInterface"):
            for family in wanted:
                yield interface_object(interface, family, store)

    def set_interface(self, call: Invocation) -> Iterator[Any]:
        """``-Dhcp Disabled`` drops the lease."""
        versions = {"IPv4": (4,), "IPv6": (6,)}.get(call.bound.get("AddressFamily", ""), (4, 6))
        for interface in self._chosen(call, "MSFT_NetIPInterface"):
            for version in versions:
                if call.bound.get("Dhcp") == "Disabled":
                    self.host.stop_dhcp(interface.index, version)
                elif call.bound.get("Dhcp") == "Enabled":
                    interface.dhcp[version] = True
        return iter(())

    def get_adapter(self, call: Invocation) -> Iterator[Any]:
        """The adapters; the loopback pseudo-interface is none."""
        for interface in self._chosen(call, "MSFT_NetAdapter"):
            if interface.index != LOOPBACK_INDEX:
                yield adapter_object(self.host, interface)

    def get_route(self, call: Invocation) -> Iterator[Any]:
        """Default routes and the routes that the active addresses bring."""
        wanted = call.bound.get("DestinationPrefix")
        found = [route for interface in self._chosen(call, "MSFT_NetRoute") for route in self._routes(interface)]
        for item in binding.missing(wanted or (), (prefix for _, prefix, _ in found), lambda a, b: a == b):
            call.error(binding.not_found("MSFT_NetRoute", "DestinationPrefix", item))
        for interface, prefix, next_hop in found:
            if wanted is None or prefix in wanted:
                yield route_object(interface, prefix, next_hop)

    def _routes(self, interface: Interface) -> Iterator[tuple[Interface, str, str]]:
        for version, gateway in interface.gateways.items():
            yield interface, "0.0.0.0/0" if version == 4 else "::/0", gateway
        for record in self.host.active:
            if record.index == interface.index:
                whole = 32 if record.address.version == 4 else 128
                yield interface, f"{record.address}/{whole}", "0.0.0.0" if whole == 32 else "::"

    def get_neighbour(self, call: Invocation) -> Iterator[Any]:
        """Machines on the link that have been heard of: here, those that disputed an address."""
        wanted = call.bound.get("IPAddress")
        heard = {str(address): mac for address, mac in self.host.conflicts}
        for item in binding.missing(wanted or (), heard, binding.same_address):
            call.error(binding.not_found("MSFT_NetNeighbor", "IPAddress", item))
        for address, mac in heard.items():
            if wanted is None or any(binding.same_address(address, item) for item in wanted):
                yield neighbour_object(self._chosen(call, "MSFT_NetNeighbor")[-1], address, mac)

    def get_dns_client(self, call: Invocation) -> Iterator[Any]:
        """One object for each interface."""
        return (dns_client_object(interface) for interface in self._chosen(call, "MSFT_DNSClient"))

    def set_dns_client(self, call: Invocation) -> Iterator[Any]:
        """Registration belongs to the interface: off, none of its addresses is registered."""
        for interface in self._chosen(call, "MSFT_DNSClient"):
            interface.register_in_dns = call.bound.get("RegisterThisConnectionsAddress", interface.register_in_dns)
        return iter(())

    def register_dns_client(self, call: Invocation) -> Iterator[Any]:
        """Registers at once what is due; ``registered`` is always up to date here."""
        return iter(())

    def get_dns_server(self, call: Invocation) -> Iterator[Any]:
        """One object for each interface and family."""
        wanted = {"IPv4": (2,), "IPv6": (23,)}.get(call.bound.get("AddressFamily", ""), (2, 23))
        for interface in self._chosen(call, "MSFT_DNSClientServerAddress"):
            for family in wanted:
                yield dns_server_object(interface, family)

    def set_dns_server(self, call: Invocation) -> Iterator[Any]:
        """Replace the list of servers."""
        for interface in self._chosen(call, "MSFT_DNSClientServerAddress"):
            interface.dns_servers[:] = call.bound.get("ServerAddresses", [])
        return iter(())

    def _chosen(self, call: Invocation, kind: str) -> list[Interface]:
        indexes, aliases = call.bound.get("InterfaceIndex"), call.bound.get("InterfaceAlias")
        every = list(self.host.interfaces.values())
        for item in binding.missing(indexes or (), (each.index for each in every), lambda a, b: a == b):
            call.error(binding.not_found(kind, "InterfaceIndex", item))
        return [
            each
            for each in every
            if (indexes is None or each.index in indexes)
            and (aliases is None or each.alias.lower() in [alias.lower() for alias in aliases])
        ]


@dataclass
class Management:
    """Get-CimInstance and Get-WinEvent as far as addresses are concerned.

    A conflict is event 4199 of the source Tcpip in the System log.
    """

    host: WindowsHost

    def cmdlets(self) -> list[Cmdlet]:
        """The two cmdlets; an old host has no CIM cmdlets."""
        filtered = Parameter("FilterHashtable", mandatory=True)
        events = Cmdlet(
            "Get-WinEvent", (filtered, Parameter("MaxEvents", binding.number, "System.Int64")), self.get_event
        )
        instances = Cmdlet("Get-CimInstance", (Parameter("ClassName", binding.text, position=0),), self.get_instance)
        return [events] if self.host.flavour == "2008" else [events, instances]

    def get_instance(self, call: Invocation) -> Iterator[Any]:
        """One Win32_NetworkAdapterConfiguration for each interface."""
        if call.bound.get("ClassName", "").lower() != "win32_networkadapterconfiguration":
            raise CmdletError(
                "Invalid class ", category="MetadataError", reason="CimException", error_id="HRESULT 0x80041010"
            )
        for interface in self.host.interfaces.values():
            yield configuration_object(self.host, interface)

    def get_event(self, call: Invocation) -> Iterator[Any]:
        """The newest first; without any it is an error."""
        events = list(reversed(self.host.conflicts))[: call.bound.get("MaxEvents")]
        if not events:
            call.error(
                CmdletError(
                    "No events were found that match the specified selection criteria.",
                    category="ObjectNotFound",
                    reason="Exception",
                    error_id="NoMatchingEventsFound",
                )
            )
        for address, mac in events:
            message = (
                f"The system detected an address conflict for IP address {address} with the system having network "
                f"hardware address {mac}. Network operations on this system may be disrupted as a result."
            )
            yield ps_object(
                ["System.Diagnostics.Eventing.Reader.EventLogRecord", "System.Object"],
                {"Id": 4199, "ProviderName": "Tcpip", "LogName": "System"},
                "System.Diagnostics.Eventing.Reader.EventLogRecord",
                extended={"Message": message},
            )
