# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a host has and what is wanted to the steps that lead there; nothing here talks to a host."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ansible_collections.relayops.exchange.plugins.plugin_utils._windows import guard
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import (
    Address,
    AddressTable,
    Entry,
    Interface,
    IPAddress,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import Allowed, Desired, Refusal
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.interface import choose, named
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import (
    ACTIVE,
    PERSISTENT,
    Add,
    Change,
    Remove,
    SetDnsServers,
    SetRegistration,
    Step,
    StopDhcp,
    predict,
    servers_of,
)


@dataclass(frozen=True)
class Circumstances:
    """What else decides: what is allowed, the address Ansible is connected to, and who listens on an address.

    ``connectors`` maps an address to the receive connectors that are bound to it.
    """

    allowed: Allowed = field(default_factory=Allowed)
    connected_to: IPAddress | None = None
    connectors: dict[IPAddress, tuple[str, ...]] | None = None


def plan(table: AddressTable, desired: Desired, around: Circumstances) -> list[Step]:
    """Return the steps, none where the host agrees already; raises Refusal.

    A step may reach fewer stores than hoped (Set-NetIPAddress, "PolicyStore"), so the table is to be read and planned
    again until no step is left.
    """
    if desired.present:
        return _present(table, desired, around)
    return _absent(table, desired, around)


def _present(table: AddressTable, desired: Desired, around: Circumstances) -> list[Step]:
    guard.refuse_contradiction(desired)
    guard.refuse_unknown_flag(table, desired)
    interface = choose(table, desired)
    guard.refuse_primary(table, desired.ip, around.connected_to)
    wanted = Entry(prefix_length(table, interface, desired), desired.skip_as_source)
    here = [found for found in table.find(desired.ip) if found.interface == interface.index]
    known = {each.index for each in table.interfaces}
    elsewhere = [found for found in table.find(desired.ip) if found not in here and found.interface in known]
    steps = _moved(table, elsewhere, interface, around.allowed)
    if here:
        steps += _corrected(table, here[0], wanted, around.allowed)
    else:
        steps.append(Add(interface.index, desired.ip, wanted.prefix_length, desired.skip_as_source))
    if any(isinstance(step, Add) for step in steps):
        guard.refuse_gateway(table, desired.ip)
        guard.refuse_disconnected(interface, desired.ip)
        steps = _static(table, interface, desired.ip.version, around.allowed) + steps
    if any(isinstance(step, Add | Change) for step in steps):
        before, after = (
            each.primary(interface.index, desired.ip.version, around.connected_to)
            for each in (table, predict(table, steps))
        )
        guard.refuse_first(before, after, interface, desired)
        guard.refuse_no_host(desired.ip, wanted.prefix_length)
        guard.refuse_foreign(table, interface, desired, wanted.prefix_length, around.allowed)
    registration = guard.refuse_registration(interface, desired, around.allowed)
    return steps if registration is None else [*steps, SetRegistration(interface.index, registration)]


def prefix_length(table: AddressTable, interface: Interface, desired: Desired) -> int:
    """Return the length that is asked for, or that of the subnet the address lies in; raises Refusal without any."""
    if desired.prefix_length is not None:
        return desired.prefix_length
    subnets = table.subnets(interface.index, desired.ip.version, desired.ip)
    lengths = [subnet.prefixlen for subnet in subnets if desired.ip in subnet]
    if not lengths:
        raise Refusal(
            f"{desired.ip} lies in no subnet of {interface.alias}", f"Give its prefix length: {desired.ip}/24"
        )
    return max(lengths)


def _moved(table: AddressTable, elsewhere: list[Address], interface: Interface, allowed: Allowed) -> list[Step]:
    steps: list[Step] = []
    for found in elsewhere:
        source = table.interface(found.interface).alias
        guard.refuse_interruption(found, f"it has to move from {source} to {interface.alias}", allowed)
        steps += _removed(table, found)
    return steps


def pinned(table: AddressTable, desired: Desired) -> Desired:
    """Return the wish with the interface and the length that it came to; ``table`` is how it is to be in the end."""
    found = next((found for found in table.find(desired.ip) if found.active), None)
    if not desired.present or found is None:
        return desired
    return replace(desired, index=found.interface, prefix_length=found.entry.prefix_length)


def _static(table: AddressTable, interface: Interface, version: int, allowed: Allowed) -> list[Step]:
    """Keep the lease as a static address, with its gateway and DNS servers: without it nobody reaches the host."""
    guard.refuse_dhcp(table, interface, version, allowed)
    if not guard.uses_dhcp(table, interface, version):
        return []
    leased = [found for found in table.on(interface.index, version) if found.origin == "Dhcp"]
    steps: list[Step] = [StopDhcp(interface.index, version)]
    for number, found in enumerate(leased):
        gateway = interface.gateways.get(version, "") if number == 0 and version == 4 else ""
        steps.append(
            Add(interface.index, found.ip, found.entry.prefix_length, bool(found.entry.skip_as_source), "", gateway)
        )
    if leased and servers_of(interface, version):
        steps.append(SetDnsServers(interface.index, interface.dns_servers))
    return steps


def _corrected(table: AddressTable, found: Address, wanted: Entry, allowed: Allowed) -> list[Step]:
    """Bring both stores to what is wanted, in place as far as Windows can."""
    if found.active is None:
        return _reactivated(table, found, wanted, allowed)
    if found.persistent is None:
        return _replaced(table, found, wanted, "it is not in the persistent store and has to be made again", allowed)
    active, persistent = _differs(found.active, wanted), _differs(found.persistent, wanted)
    if not active and not persistent:
        return []
    if not table.in_place:
        return _replaced(table, found, wanted, "it can only be corrected by making it again", allowed)
    if not active and allowed.interruption:
        return _replaced(table, found, wanted, "", allowed)
    return [_change(found, wanted, "" if active and persistent else ACTIVE if active else PERSISTENT)]


def _reactivated(table: AddressTable, found: Address, wanted: Entry, allowed: Allowed) -> list[Step]:
    """An address that only a restart would bring back."""
    active = Add(found.interface, found.ip, wanted.prefix_length, bool(wanted.skip_as_source), ACTIVE)
    if found.persistent is not None and not _differs(found.persistent, wanted):
        return [active]
    made = Add(found.interface, found.ip, wanted.prefix_length, bool(wanted.skip_as_source))
    return [Remove(found.interface, found.ip, PERSISTENT), made]


def _replaced(table: AddressTable, found: Address, wanted: Entry, reason: str, allowed: Allowed) -> list[Step]:
    guard.refuse_interruption(found, reason, allowed)
    made = Add(found.interface, found.ip, wanted.prefix_length, bool(wanted.skip_as_source))
    return [*_removed(table, found), made]


def _removed(table: AddressTable, found: Address) -> list[Step]:
    """Clear both stores by name: what the cmdlet reaches without is not documented, and the next step needs both."""
    if found.active and found.persistent and table.in_place:
        return [Remove(found.interface, found.ip, store) for store in (ACTIVE, PERSISTENT)]
    return [Remove(found.interface, found.ip, _only_store(found))]


def undone(table: AddressTable, before: AddressTable, found: Address) -> list[Step]:
    """Return the steps that take an address out of the stores it was not in before; none where it was active."""
    earlier = next((each for each in before.find(found.ip) if each.interface == found.interface), None)
    if earlier is None:
        return _removed(table, found)
    return [] if earlier.active else [Remove(found.interface, found.ip, ACTIVE)]


def _change(found: Address, wanted: Entry, store: str) -> Change:
    """Only what differs in one of the stores is named."""
    entries = [entry for entry in (found.active, found.persistent) if entry is not None]
    length = any(entry.prefix_length != wanted.prefix_length for entry in entries)
    source = any(bool(entry.skip_as_source) != wanted.skip_as_source for entry in entries)
    return Change(
        found.interface,
        found.ip,
        wanted.prefix_length if length else None,
        wanted.skip_as_source if source else None,
        store,
    )


def _differs(entry: Entry, wanted: Entry) -> bool:
    """A flag that Windows does not know counts as not set."""
    return (entry.prefix_length, bool(entry.skip_as_source)) != (wanted.prefix_length, wanted.skip_as_source)


def _only_store(found: Address) -> str:
    """The one store that has the address, or nothing for both."""
    if found.active and found.persistent:
        return ""
    return ACTIVE if found.active else PERSISTENT


def _absent(table: AddressTable, desired: Desired, around: Circumstances) -> list[Step]:
    chosen = None if desired.interface is None else named(table, desired.interface, desired.ip.version).index
    there = [found for found in table.find(desired.ip) if chosen in (None, found.interface)]
    if not there:
        return []
    guard.refuse_primary(table, desired.ip, around.connected_to)
    guard.refuse_bound(desired.ip, (around.connectors or {}).get(desired.ip, ()), around.allowed)
    return [Remove(found.interface, found.ip, _only_store(found)) for found in there]


def unmet(table: AddressTable, desired: Desired) -> list[str]:
    """Return what the table does not have of what is wanted, in words; nothing where it is as it should be."""
    found = [each for each in table.find(desired.ip) if desired.index in (None, each.interface)]
    if not desired.present:
        return [f"it is still in the {_store_words(each)}" for each in found if desired.interface is None]
    if not found:
        return ["it is in no store"]
    each = next((each for each in found if each.active), found[0])
    missing = [
        f"it is not in the {name}"
        for name, entry in (("active store", each.active), ("persistent store", each.persistent))
        if entry is None
    ]
    if each.active and each.state != "Preferred":
        interface = table.interface(each.interface)
        why = "" if interface.connected else f", since {interface.alias} is disconnected"
        missing.append(f"its state is {each.state}, not Preferred{why}")
    return missing


def _store_words(found: Address) -> str:
    return {"": "active and the persistent store", ACTIVE: "active store", PERSISTENT: "persistent store"}[
        _only_store(found)
    ]
