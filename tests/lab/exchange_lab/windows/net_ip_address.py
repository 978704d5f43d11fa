# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get-, New-, Set- and Remove-NetIPAddress (NetTCPIP module of Windows Server 2012 and later)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..powershell.cmdlet import Cmdlet, CmdletError, Invocation, Parameter
from . import binding
from .record import STORES, Interface, IPAddress, Record, Store, parse_address
from .shapes import address_object

if TYPE_CHECKING:
    from .host import WindowsHost

KIND = "MSFT_NetIPAddress"
_QUERY = (binding.ADDRESSES, binding.INDEXES, binding.ALIASES, binding.FAMILY, binding.STORE)
_INPUT = Parameter("InputObject", by_value=True)


@dataclass
class Addresses:
    """The four cmdlets over one host's tables."""

    host: WindowsHost

    def cmdlets(self) -> list[Cmdlet]:
        """The cmdlets with their parameters."""
        prefixes = Parameter("PrefixLength", binding.byte, "System.Byte[]")
        state = Parameter(
            "AddressState", binding.one_of("Invalid", "Tentative", "Duplicate", "Deprecated", "Preferred")
        )
        new: tuple[Parameter, ...] = (
            binding.ADDRESS,
            binding.INDEX,
            binding.ALIAS,
            binding.PREFIX_LENGTH,
            Parameter("DefaultGateway", binding.text),
        )
        new += (
            binding.SKIP_AS_SOURCE,
            binding.STORE,
            binding.FAMILY,
            Parameter("Type", binding.one_of("Unicast", "Anycast")),
        )
        changed = (binding.PREFIX_LENGTH, binding.SKIP_AS_SOURCE)
        return [
            Cmdlet("Get-NetIPAddress", (*_QUERY, prefixes, state), self.get),
            Cmdlet("New-NetIPAddress", new, self.new, should_process=True),
            Cmdlet("Set-NetIPAddress", (*_QUERY, *changed), self.set, should_process=True),
            Cmdlet("Remove-NetIPAddress", (*_QUERY, prefixes), self.remove, should_process=True),
        ]

    def get(self, call: Invocation) -> Iterator[Any]:
        """Active addresses, or those of the store named by PolicyStore."""
        for store, record in self._matching(call, (self._store(call) or "ActiveStore",)):
            if call.bound.get("AddressState") in (
                None,
                self.host.state(record) if store == "ActiveStore" else "Invalid",
            ):
                yield address_object(self.host, record, store)

    def new(self, call: Invocation) -> Iterator[Any]:
        """Without PolicyStore the address is made in both stores; a DHCP interface becomes static."""
        interface = self._interface(call)
        address = self._parse(call.bound["IPAddress"])
        stores = self._new_stores(call)
        if any(found == store for found, _ in self.host.find(address) for store in STORES if store in stores):
            raise binding.already_exists(KIND)
        if "PersistentStore" in stores:
            self.host.made_static(interface.index, address.version)
        full = 32 if address.version == 4 else 128
        length = call.bound.get("PrefixLength", full)
        if length > full:
            raise binding.incorrect(KIND, "The parameter is incorrect. ", 87)
        skip = call.bound.get("SkipAsSource", False)
        self.host.add(Record(address, length, interface.index, skip), *stores)
        self._route(interface, address, call.bound.get("DefaultGateway"))
        for store, record in self.host.find(address, interface.index):
            if store in stores:
                yield address_object(self.host, record, store)

    def _new_stores(self, call: Invocation) -> tuple[Store, ...]:
        store = self._store(call)
        if store == "PersistentStore" and not self.host.switches.new_persistent:
            raise binding.incorrect(KIND, "The parameter is incorrect. ", 87)
        return (store,) if store else STORES

    def _route(self, interface: Interface, address: IPAddress, gateway: str | None) -> None:
        if gateway and interface.gateways.get(address.version):
            raise binding.already_exists("DefaultGateway")
        if gateway:
            interface.gateways[address.version] = gateway

    def set(self, call: Invocation) -> Iterator[Any]:
        """Prefix length and SkipAsSource change in place; the address stays up."""
        store = self._store(call)
        if store == "PersistentStore" and not self.host.switches.set_persistent:
            raise binding.incorrect(KIND, "The parameter is incorrect. ", 87)
        default: tuple[Store, ...] = STORES if self.host.switches.set_reaches == "both" else ("ActiveStore",)
        for found, record in list(self._matching(call, (store,) if store else default)):
            changed = record.changed(call.bound.get("PrefixLength"), call.bound.get("SkipAsSource"))
            if changed != record:
                self.host.put(found, record, changed)
        return iter(())

    def remove(self, call: Invocation) -> Iterator[Any]:
        """Without IPAddress all that match go; the default route stays."""
        store = self._store(call)
        default: tuple[Store, ...] = STORES if self.host.switches.remove_reaches == "both" else ("ActiveStore",)
        matching = list(self._matching(call, (store,) if store else default))
        for found, record in matching:
            self.host.put(found, record, None)
        if store and self.host.switches.remove_named_reaches == "both":
            for _store, record in matching:
                for other, same in self.host.find(record.address, record.index):
                    self.host.put(other, same, None)
        return iter(())

    def _store(self, call: Invocation) -> Store | None:
        given = call.bound.get("PolicyStore")
        for store in STORES:
            if given is not None and given.lower() == store.lower():
                return store
        if given is not None:
            raise binding.incorrect(KIND, "The parameter is incorrect. ", 87)
        return None

    def _matching(self, call: Invocation, stores: tuple[Store, ...]) -> list[tuple[Store, Record]]:
        bound = call.bound
        rows = [(store, record) for store in stores for record in self.host.table(store)]
        rows = self._keep(call, rows, "IPAddress", lambda record: record.text, binding.same_address)
        rows = self._keep(call, rows, "InterfaceIndex", lambda record: record.index, lambda a, b: a == b)
        rows = self._keep(call, rows, "InterfaceAlias", self._alias, lambda a, b: a.lower() == b.lower())
        family = {"IPv4": 2, "IPv6": 23}.get(bound.get("AddressFamily", ""))
        return [
            (store, record)
            for store, record in rows
            if family in (None, record.family)
            and (call.cmdlet.name.startswith("Set-") or bound.get("PrefixLength") in (None, record.prefix_length))
        ]

    def _alias(self, record: Record) -> str:
        return self.host.interfaces[record.index].alias

    def _keep(self, call: Invocation, rows: list[Any], name: str, value: Any, same: Any) -> list[Any]:
        """The rows that match a query parameter; each of its values that matches none is an error of its own."""
        wanted = call.bound.get(name)
        if wanted is None:
            return rows
        kept = [row for row in rows if any(same(item, value(row[1])) for item in wanted)]
        for item in binding.missing(wanted, (value(row[1]) for row in rows), same):
            call.error(binding.not_found(KIND, name, item))
        return kept

    def _interface(self, call: Invocation) -> Interface:
        index, alias = call.bound.get("InterfaceIndex"), call.bound.get("InterfaceAlias")
        if index is None and alias is None:
            raise CmdletError(
                "Cannot process command because of one or more missing mandatory parameters: InterfaceAlias.",
                category="InvalidArgument",
                reason="ParameterBindingException",
                error_id="MissingMandatoryParameter",
            )
        for interface in self.host.interfaces.values():
            if interface.index == index or (alias is not None and interface.alias.lower() == alias.lower()):
                return interface
        raise binding.incorrect(KIND, "Element not found. ", 1168)

    def _parse(self, text: str) -> IPAddress:
        try:
            return parse_address(text)
        except ValueError:
            raise binding.incorrect(KIND, f"Invalid parameter IPAddress {text}. ", 87) from None
