# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netsh interface ipv4 and ipv6 of Windows Server 2008 and 2008 R2 as text in the display language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from .host import LOOPBACK_INDEX
from .netsh_words import LANGUAGES, Words
from .record import STORES, Interface, Record, Store, parse_address

if TYPE_CHECKING:
    from .host import WindowsHost

Answer = tuple[int, str]
# What a lifetime looks like that ends
LEASED = "6d23h59m58s"
_ADD = ("name", "address", "mask", "gateway", "gwmetric", "store", "skipassource", "type", "validlifetime")
_DELETE = ("name", "address", "gateway", "store")


class NetshError(Exception):
    """What netsh prints when it does nothing."""


@dataclass
class Netsh:
    """Runs one netsh command line; gives exit code and output."""

    host: WindowsHost

    @property
    def words(self) -> Words:
        """The display language."""
        return LANGUAGES[self.host.language]

    def __call__(self, arguments: list[str], given: list[str] | None = None) -> Answer:
        """``interface ipv4|ipv6 <command>``; anything else is unknown."""
        line = [word.lower() for word in arguments[:2]]
        if len(arguments) < 3 or line[0] not in ("interface", "int") or line[1] not in ("ipv4", "ipv6", "ip"):
            return 1, f"The following command was not found: {' '.join(arguments)}.\n"
        version = 6 if line[1] == "ipv6" else 4
        try:
            return 0, "\n".join(self._run(version, arguments[2:])) + "\n"
        except NetshError as error:
            return 1, f"\n{error}\n\n"

    def _run(self, version: int, arguments: list[str]) -> Iterator[str]:
        commands: dict[str, Callable[[int, list[str]], Iterator[str]]] = {
            "show interfaces": self._show_interfaces,
            "show addresses": self._show_settings if version == 4 else self._show_addresses,
            "show ipaddresses": self._show_addresses,
            "show route": self._show_route,
            "add address": self._add,
            "delete address": self._delete,
        }
        if arguments[0].lower() == "dump":
            return self._dump(version)
        command = commands.get(" ".join(word.lower() for word in arguments[:2]))
        if command is None:
            raise NetshError(f"The following command was not found: interface ipv{version} {' '.join(arguments)}.")
        return command(version, arguments[2:])

    def _show_interfaces(self, version: int, arguments: list[str]) -> Iterator[str]:
        idx, met, mtu, state, name = self.words.columns
        yield ""
        yield f"{idx:<3}  {met:>10}  {mtu:>10}  {state:<12}  {name}"
        yield f"{'-' * 3}  {'-' * 10}  {'-' * 10}  {'-' * 12}  {'-' * 27}"
        for each in self.host.interfaces.values():
            shown = self.words.connected if each.connected else self.words.disconnected
            size = 4294967295 if each.index == LOOPBACK_INDEX else 1500
            yield f"{each.index:>3}  {10:>10}  {size:>10}  {shown:<12}  {each.alias}"
        yield ""

    def _show_settings(self, version: int, arguments: list[str]) -> Iterator[str]:
        words = self.words
        for each in self.host.interfaces.values():
            yield ""
            yield words.configuration.format(each.alias)
            rows = [(words.settings[0], words.yes if each.dhcp.get(4) else words.no)]
            for record in self._records("ActiveStore", 4, each):
                network = ip_network((record.address, record.prefix_length), strict=False)
                rows.append((words.settings[1], str(record.address)))
                rows.append((words.settings[2], f"{network} ({words.mask} {network.netmask})"))
            if 4 in each.gateways:
                rows += [(words.settings[3], each.gateways[4]), (words.settings[4], "256")]
            rows.append((words.settings[5], "10"))
            for label, value in rows:
                yield f"    {label + ':':<38}{value}"
        yield ""

    def _show_addresses(self, version: int, arguments: list[str]) -> Iterator[str]:
        given = _named(arguments, ("interface", "level", "store"))
        store: Store = "PersistentStore" if given.get("store") == "persistent" else "ActiveStore"
        if given.get("level") != "verbose":
            raise NetshError("The lab prints level=verbose only.")
        for each in self.host.interfaces.values():
            for record in self._records(store, version, each):
                yield from self._verbose(each, record, store)

    def _verbose(self, interface: Interface, record: Record, store: Store) -> Iterator[str]:
        words = self.words
        state = self.host.state(record) if store == "ActiveStore" else "Invalid"
        zone = f"0.{record.index}" if record.address.is_link_local else "0.0"
        lifetime = LEASED if record.expires else words.infinite
        values = [
            interface.alias,
            zone,
            lifetime,
            lifetime,
            words.states[state],
            words.types[record.origin],
        ]
        if self.host.hotfix:
            values.append(words.true if record.skip_as_source else words.false)
        width = max(len(label) for label in words.rows) + 1
        yield ""
        yield words.heading.format(record.text)
        yield "-" * 57
        for label, value in zip(words.rows, values, strict=False):
            yield f"{label:<{width}}: {value}"

    def _show_route(self, version: int, arguments: list[str]) -> Iterator[str]:
        heads = self.words.routes
        yield ""
        yield f"{heads[0]:<7}  {heads[1]:<8}  {heads[2]:<3}  {heads[3]:<24}  {heads[4]:<3}  {heads[5]}"
        yield f"{'-' * 7}  {'-' * 8}  {'-' * 3}  {'-' * 24}  {'-' * 3}  {'-' * 24}"
        for each in self.host.interfaces.values():
            for prefix, target in self._routes(version, each):
                kind = self.words.types["Manual"]
                yield f"{self.words.no:<7}  {kind:<8}  {256:<3}  {prefix:<24}  {each.index:>3}  {target}"
        yield ""

    def _routes(self, version: int, interface: Interface) -> Iterator[tuple[str, str]]:
        if version in interface.gateways:
            yield ("0.0.0.0/0" if version == 4 else "::/0"), interface.gateways[version]
        for record in self._records("ActiveStore", version, interface):
            yield str(ip_network((record.address, record.prefix_length), strict=False)), interface.alias
            yield str(ip_network(record.address)), interface.alias

    def _dump(self, version: int) -> Iterator[str]:
        yield "# ----------------------------------"
        yield f"# {self.words.title.format(version)}"
        yield "# ----------------------------------"
        yield f"pushd interface ipv{version}"
        yield ""
        yield "reset"
        yield "set global icmpredirects=enabled"
        for each in self.host.interfaces.values():
            for record in self._records("PersistentStore", version, each):
                yield self._dumped(version, each, record)
        yield ""
        yield "popd"
        yield f"# {self.words.end.format(version)}"
        yield ""

    def _dumped(self, version: int, interface: Interface, record: Record) -> str:
        flag = self.host.hotfix and self.host.switches.dump_shows_flag and record.skip_as_source
        source = " skipassource=true" if flag else ""
        if version == 6:
            return f'add address interface="{interface.alias}" address={record.address}/{record.prefix_length}{source}'
        mask = ip_network((record.address, record.prefix_length), strict=False).netmask
        return f'add address name="{interface.alias}" address={record.address} mask={mask}{source}'

    def _add(self, version: int, arguments: list[str]) -> Iterator[str]:
        if "?" in arguments or "/?" in arguments:
            yield from self._usage()
            return
        given = _named(arguments, _ADD)
        interface = self._interface(given)
        if "skipassource" in given and not self.host.hotfix:
            raise NetshError(self.words.bad_argument.format("skipassource", "add address"))
        record = self._record(given, interface)
        stores = _stores(given)
        if any(store in stores for store, _ in self.host.find(record.address)):
            raise NetshError(self.words.exists)
        self.host.made_static(interface.index, version)
        self.host.add(record, *stores)
        yield ""

    def _record(self, given: dict[str, str], interface: Interface) -> Record:
        text, _, length = given.get("address", "").partition("/")
        try:
            address = parse_address(text)
            if not length:
                length = _length(given.get("mask", ""), address.version)
            return Record(address, int(length), interface.index, given.get("skipassource", "").lower() == "true")
        except ValueError:
            raise NetshError(self.words.bad_argument.format(given.get("address"), "address")) from None

    def _usage(self) -> Iterator[str]:
        """The parameter names are the same in every language."""
        yield self.words.usage
        yield "             [[address=]<IPv4 address>[/<integer>] [[mask=]<IPv4 mask>]"
        yield "             [[gateway=]<IPv4 address> [gwmetric=]<integer>]"
        yield "             [[store=]active|persistent]"
        if self.host.hotfix:
            yield "             [[skipassource=]true|false]"

    def _delete(self, version: int, arguments: list[str]) -> Iterator[str]:
        given = _named(arguments, _DELETE)
        interface = self._interface(given)
        address = parse_address(given.get("address", ""))
        stores: tuple[Store, ...] = ("ActiveStore",) if given.get("store") == "active" else STORES
        there = [(store, record) for store, record in self.host.find(address, interface.index) if store in stores]
        if not there:
            raise NetshError(self.words.not_found)
        for store, record in there:
            self.host.put(store, record, None)
        yield ""

    def _interface(self, given: dict[str, str]) -> Interface:
        wanted = given.get("name", given.get("interface", ""))
        for each in self.host.interfaces.values():
            if wanted in (str(each.index), each.alias):
                return each
        raise NetshError(self.words.not_found)

    def _records(self, store: Store, version: int, interface: Interface) -> list[Record]:
        return [
            found
            for found in self.host.table(store)
            if found.address.version == version and found.index == interface.index
        ]


def _named(arguments: list[str], order: tuple[str, ...]) -> dict[str, str]:
    """Arguments with a name in front, or in the order of the usage."""
    given: dict[str, str] = {}
    free = list(order)
    for argument in arguments:
        name, equals, value = argument.partition("=")
        key = name.lower() if equals else free[0]
        given[key] = value.strip('"') if equals else argument
        if key in free:
            free.remove(key)
    return given


def _stores(given: dict[str, str]) -> tuple[Store, ...]:
    """Persistent is the default and means both."""
    return ("ActiveStore",) if given.get("store") == "active" else STORES


def _length(mask: str, version: int) -> str:
    if not mask:
        return "64" if version == 6 else "24"
    return str(ip_network(f"0.0.0.0/{mask}").prefixlen)
