# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The single acts that an address is made, changed or removed by."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import (
    Address,
    AddressTable,
    Entry,
    Interface,
    IPAddress,
)

ACTIVE = "ActiveStore"
PERSISTENT = "PersistentStore"


_WHERE = {ACTIVE: "the active store of ", PERSISTENT: "the persistent store of "}


def _where(store: str) -> str:
    return _WHERE.get(store, "")


@dataclass(frozen=True)
class Add:
    """Make the address in both stores, or in the one named."""

    interface: int
    ip: IPAddress
    prefix_length: int
    skip_as_source: bool
    store: str = ""
    gateway: str = ""

    @property
    def words(self) -> str:
        """What it does."""
        source = ", not as a source" if self.skip_as_source else ""
        return f"add {self.ip}/{self.prefix_length} to {_where(self.store)}interface {self.interface}{source}"


@dataclass(frozen=True)
class Change:
    """Change what is given of an address that stays up meanwhile."""

    interface: int
    ip: IPAddress
    prefix_length: int | None = None
    skip_as_source: bool | None = None
    store: str = ""

    @property
    def words(self) -> str:
        """What it does."""
        return f"correct {self.ip} on interface {self.interface}"


@dataclass(frozen=True)
class Remove:
    """Remove the address from both stores, or from the one named."""

    interface: int
    ip: IPAddress
    store: str = ""

    @property
    def words(self) -> str:
        """What it does."""
        return f"remove {self.ip} from {_where(self.store)}interface {self.interface}"


@dataclass(frozen=True)
class StopDhcp:
    """Make an interface static for one IP version; its lease is gone with that."""

    interface: int
    version: int

    @property
    def words(self) -> str:
        """What it does."""
        return f"switch DHCP off for IPv{self.version} on interface {self.interface}"


@dataclass(frozen=True)
class SetDnsServers:
    """Name the DNS servers that the lease named."""

    interface: int
    servers: tuple[str, ...]

    @property
    def words(self) -> str:
        """What it does."""
        return f"set the DNS servers of interface {self.interface} to {', '.join(self.servers)}"


@dataclass(frozen=True)
class SetRegistration:
    """Let the DNS client register the addresses of an interface, or not."""

    interface: int
    enabled: bool

    @property
    def words(self) -> str:
        """What it does."""
        return f"switch DNS registration {'on' if self.enabled else 'off'} for interface {self.interface}"


Step = Add | Change | Remove | StopDhcp | SetDnsServers | SetRegistration


def predict(table: AddressTable, steps: list[Step]) -> AddressTable:
    """Return the table as it will be after the steps, duplicate address detection over."""
    for step in steps:
        table = _after(table, step)
    return table


def _after(table: AddressTable, step: Step) -> AddressTable:
    if isinstance(step, StopDhcp):
        kept = tuple(found for found in table.addresses if not _leased(found, step))
        return _with_interface(replace(table, addresses=kept), _static(table.interface(step.interface), step.version))
    if isinstance(step, SetDnsServers):
        return _with_interface(table, replace(table.interface(step.interface), dns_servers=step.servers))
    if isinstance(step, SetRegistration):
        return _with_interface(table, replace(table.interface(step.interface), registers_in_dns=step.enabled))
    here = [found for found in table.addresses if (found.ip, found.interface) == (step.ip, step.interface)]
    if not here:
        return _appended(table, step) if isinstance(step, Add) else table
    changed = [after if found in here else found for found in table.addresses for after in [_changed(found, step)]]
    return replace(table, addresses=tuple(found for found in changed if found is not None))


def _leased(found: Address, step: StopDhcp) -> bool:
    return (found.interface, found.ip.version, found.origin) == (step.interface, step.version, "Dhcp")


def _static(interface: Interface, version: int) -> Interface:
    """An IPv6 default route comes from a router's advertisement, never from DHCPv6, and so it stays (RFC 8415 1.2)."""
    gateways = {key: gateway for key, gateway in interface.gateways.items() if version == 6 or key != version}
    servers = tuple(each for each in interface.dns_servers if each not in servers_of(interface, version))
    return replace(interface, dhcp=interface.dhcp - {version}, gateways=gateways, dns_servers=servers)


def servers_of(interface: Interface, version: int) -> tuple[str, ...]:
    """The DNS servers that are reached by that IP version."""
    return tuple(each for each in interface.dns_servers if (":" in each) == (version == 6))


def _with_interface(table: AddressTable, changed: Interface) -> AddressTable:
    interfaces = tuple(changed if found.index == changed.index else found for found in table.interfaces)
    return replace(table, interfaces=interfaces)


def _appended(table: AddressTable, step: Add) -> AddressTable:
    made = Address(step.ip, step.interface, *_entries(step), "Preferred" if step.store != PERSISTENT else "")
    table = replace(table, addresses=(*table.addresses, made))
    if not step.gateway:
        return table
    interface = table.interface(step.interface)
    return _with_interface(table, replace(interface, gateways={**interface.gateways, step.ip.version: step.gateway}))


def _entries(step: Add) -> tuple[Entry | None, Entry | None]:
    entry = Entry(step.prefix_length, step.skip_as_source)
    return (None if step.store == PERSISTENT else entry, None if step.store == ACTIVE else entry)


def _changed(found: Address, step: Add | Change | Remove) -> Address | None:
    if isinstance(step, Remove):
        active = found.active if step.store == PERSISTENT else None
        persistent = found.persistent if step.store == ACTIVE else None
        kept = replace(found, active=active, persistent=persistent, state=found.state if active else "")
        return kept if active or persistent else None
    if isinstance(step, Add):
        active, persistent = _entries(step)
        return replace(
            found, active=active or found.active, persistent=persistent or found.persistent, state="Preferred"
        )
    return replace(
        found,
        active=found.active if step.store == PERSISTENT else _corrected(found.active, step),
        persistent=found.persistent if step.store == ACTIVE else _corrected(found.persistent, step),
    )


def _corrected(entry: Entry | None, step: Change) -> Entry | None:
    if entry is None:
        return None
    return Entry(
        entry.prefix_length if step.prefix_length is None else step.prefix_length,
        entry.skip_as_source if step.skip_as_source is None else step.skip_as_source,
    )
