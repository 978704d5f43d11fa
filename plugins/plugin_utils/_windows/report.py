# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces and addresses as a task returns them, and the part of them that a diff shows."""

from __future__ import annotations

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import Address, AddressTable, Interface
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import Desired
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import Add, Step, StopDhcp

Described = dict[str, Plain]


def concerned(before: AddressTable, after: AddressTable, wanted: list[Desired], steps: list[Step]) -> list[int]:
    """Return the indexes of the interfaces that the addresses are or were on, or that a step changes."""
    ips = {desired.ip for desired in wanted}
    holders = {found.interface for table in (before, after) for found in table.addresses if found.ip in ips}
    return sorted(holders | {step.interface for step in steps})


def notes(before: AddressTable, after: AddressTable, steps: list[Step], check_mode: bool) -> list[str]:
    """Return what a static IPv6 address does, or may do, to DHCPv6 without a lease; nobody has written down which."""
    stopped = {step.interface for step in steps if isinstance(step, StopDhcp) and step.version == 6}
    made = {step.interface for step in steps if isinstance(step, Add) and step.ip.version == 6} - stopped
    enabled = [before.interface(index) for index in sorted(made) if 6 in before.interface(index).dhcp]
    if check_mode:
        return [f"{each.alias} has DHCPv6 on, without a lease: Windows may switch it off there" for each in enabled]
    gone = [each for each in enabled if 6 not in after.interface(each.index).dhcp]
    return [f"Windows has switched DHCPv6 off on {each.alias}, where there was no lease" for each in gone]


def interfaces(table: AddressTable, indexes: list[int]) -> list[Plain]:
    """Return the interfaces with all their addresses, in the order in which Windows lists them."""
    return [_interface(table, table.interface(index)) for index in indexes]


def _interface(table: AddressTable, interface: Interface) -> Described:
    return {
        "index": interface.index,
        "alias": interface.alias,
        "mac_address": interface.mac,
        "dhcp": sorted(interface.dhcp) != [],
        "dhcp_versions": list(sorted(interface.dhcp)),
        "default_gateways": [interface.gateways[version] for version in sorted(interface.gateways)],
        "dns_servers": list(interface.dns_servers),
        "registers_in_dns": interface.registers_in_dns,
        "addresses": [_address(table, each) for each in table.addresses if each.interface == interface.index],
    }


def _address(table: AddressTable, address: Address) -> Described:
    return {
        "address": str(address.ip),
        "prefix_length": address.entry.prefix_length,
        "skip_as_source": address.entry.skip_as_source,
        "state": address.state,
        "origin": address.origin,
        "active": address.active is not None,
        "persistent": address.persistent is not None,
        "primary": table.primary(address.interface, address.ip.version) == address.ip,
    }


def diff(before: AddressTable, after: AddressTable, indexes: list[int]) -> Described:
    """Return what differs in a form that is the same in check mode: no states, addresses in order."""
    return {"before": _settings(before, indexes), "after": _settings(after, indexes)}


def _settings(table: AddressTable, indexes: list[int]) -> Described:
    return {table.interface(index).alias: _interface_settings(table, table.interface(index)) for index in indexes}


def _interface_settings(table: AddressTable, interface: Interface) -> Described:
    found = [each for each in table.addresses if each.interface == interface.index]
    found.sort(key=lambda each: (each.ip.version, int(each.ip)))
    return {
        "dhcp": 4 in interface.dhcp,
        "register_in_dns": interface.registers_in_dns,
        "addresses": {str(each.ip): _address_settings(each) for each in found},
    }


def _address_settings(address: Address) -> Described:
    stores = {"active": address.active, "persistent": address.persistent}
    return {
        name: {"prefix_length": entry.prefix_length, "skip_as_source": entry.skip_as_source}
        for name, entry in stores.items()
        if entry is not None
    }
