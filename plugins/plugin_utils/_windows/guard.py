# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused, with the reason and the option that allows it."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import (
    Address,
    AddressTable,
    Interface,
    IPAddress,
    network_of,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import Allowed, Desired, Refusal

# The hotfixes that bring the flag (support.microsoft.com, KB975808, "skipassource").
HOTFIX = "KB975808 (Windows Server 2008) or KB2386184 (Windows Server 2008 R2)"


def refuse_primary(table: AddressTable, ip: IPAddress, connected_to: IPAddress | None) -> None:
    """Refuse the address that Ansible is connected to and the one that an interface sends from."""
    if ip == connected_to:
        raise Refusal(f"{ip} is the address that Ansible is connected to", "Name a secondary address")
    for found in table.find(ip):
        interface = table.interface(found.interface)
        if found.active and table.primary(found.interface, ip.version, connected_to) == ip:
            raise Refusal(f"{ip} is the primary address of {interface.alias}", "Name a secondary address")
        if found.origin not in ("Manual", "Other"):
            raise Refusal(
                f"{ip} on {interface.alias} comes from {found.origin}", "Name an address that was set by hand"
            )


def refuse_first(before: IPAddress | None, after: IPAddress | None, interface: Interface, desired: Desired) -> None:
    """Refuse what would become the primary address of an interface; ``before`` and ``after`` are its primary ones."""
    if after != desired.ip:
        return
    if before is None:
        raise Refusal(
            f"{interface.alias} has no IPv{desired.ip.version} address yet, {desired.ip} would become its primary one",
            "Give the interface its primary address first, or set skip_as_source to true",
        )
    raise Refusal(
        f"{desired.ip} would become the primary address of {interface.alias} in place of {before}",
        "Set skip_as_source to true, or take an address that Windows lists after the primary one",
    )


def refuse_foreign(table: AddressTable, interface: Interface, desired: Desired, length: int, allowed: Allowed) -> None:
    """Refuse an address whose subnet is not within one that the interface has."""
    subnets = table.subnets(interface.index, desired.ip.version, desired.ip)
    wanted = network_of(desired.ip, length)
    if allowed.foreign_subnet or any(wanted.subnet_of(subnet) for subnet in subnets):  # type: ignore[arg-type]
        return
    have = ", ".join(dict.fromkeys(str(subnet) for subnet in subnets)) or "no subnet"
    raise Refusal(
        f"{desired.ip}/{length} is outside the subnets of {interface.alias} ({have})",
        "Take an address of those, or set allow_foreign_subnet to true",
    )


def refuse_no_host(ip: IPAddress, length: int) -> None:
    """Refuse the first and the last IPv4 address of a subnet, which stand for all its hosts (RFC 1122 3.2.1.3)."""
    network = network_of(ip, length)
    if ip.version == 6 or network.num_addresses <= 2:
        return
    for edge, name in ((network.network_address, "network"), (network.broadcast_address, "broadcast")):
        if ip == edge:
            raise Refusal(f"{ip} is the {name} address of {network}, which no host can have", "Take another address")


def refuse_gateway(table: AddressTable, ip: IPAddress) -> None:
    """Refuse the address of a router that the host sends through."""
    for interface in table.interfaces:
        if str(ip) in interface.gateways.values():
            raise Refusal(f"{ip} is the default gateway of {interface.alias}, another machine", "Take another address")


def refuse_disconnected(interface: Interface, ip: IPAddress) -> None:
    """Refuse an interface without a link: an address stays Tentative there, and no duplicate can show."""
    if not interface.connected:
        raise Refusal(
            f"{interface.alias} is disconnected, so that Windows cannot find out whether another machine holds {ip}",
            "Connect it first, or name another interface",
        )


def refuse_dhcp(table: AddressTable, interface: Interface, version: int, allowed: Allowed) -> None:
    """Refuse an interface that New-NetIPAddress would make static (New-NetIPAddress, "Description")."""
    if uses_dhcp(table, interface, version) and not (allowed.static and table.in_place):
        way = "; allow_static: true makes the present lease static" if table.in_place else ""
        raise Refusal(
            f"{interface.alias} is configured by DHCP, which a static address would switch off",
            f"Reserve the address at the DHCP server or give the interface static addresses{way}",
        )


def uses_dhcp(table: AddressTable, interface: Interface, version: int) -> bool:
    """Whether DHCP is at work: for IPv6 it is enabled everywhere, so only a lease tells."""
    leased = any(found.origin == "Dhcp" for found in table.on(interface.index, version))
    return leased or (version == 4 and 4 in interface.dhcp)


def refuse_unknown_flag(table: AddressTable, desired: Desired) -> None:
    """Refuse SkipAsSource where Windows does not know it."""
    if desired.skip_as_source and not table.knows_skip_as_source:
        raise Refusal(
            f"this Windows does not know skipassource, the hotfix {HOTFIX} is missing",
            "Install it, or accept that the address is a source and registered in DNS: "
            "set skip_as_source to false and register_in_dns to true",
        )


def refuse_contradiction(desired: Desired) -> None:
    """Refuse what Windows cannot do: it never registers an address that is no source."""
    if desired.skip_as_source and desired.register_in_dns:
        raise Refusal(
            f"{desired.ip}: Windows does not register an address with SkipAsSource in DNS",
            "Set skip_as_source to false, or make the DNS record by hand",
        )


def refuse_registration(interface: Interface, desired: Desired, allowed: Allowed) -> bool | None:
    """Return what the DNS registration of the interface has to become, None to leave it; refuse it unless allowed."""
    wanted = desired.register_in_dns
    if interface.registers_in_dns is None and not desired.skip_as_source and not wanted:
        raise Refusal(
            f"Windows registers {desired.ip} in DNS unless {interface.alias} registers none, which cannot be seen here",
            "Set skip_as_source to true, or accept the registration with register_in_dns: true",
        )
    if desired.skip_as_source or interface.registers_in_dns is None or wanted == interface.registers_in_dns:
        return None
    if not allowed.dns_change:
        state = "on" if interface.registers_in_dns else "off"
        raise Refusal(
            f"register_in_dns is {str(wanted).lower()}, but DNS registration is {state} for all of {interface.alias}",
            f"Set register_in_dns to {str(not wanted).lower()}{'' if wanted else ' or skip_as_source to true'}, "
            "or set allow_dns_change to true to switch it for the interface",
        )
    return wanted


def refuse_interruption(address: Address, reason: str, allowed: Allowed) -> None:
    """Refuse to drop an address that is in use, if only for a moment."""
    if not allowed.interruption:
        raise Refusal(
            f"{address.ip}: {reason}, which drops the address for a moment",
            "Set allow_interruption to true, at a time when nobody needs it",
        )


def refuse_bound(ip: IPAddress, connectors: Sequence[str], allowed: Allowed) -> None:
    """Refuse to remove what receive connectors listen on."""
    if connectors and not allowed.force:
        names = ", ".join(repr(name) for name in connectors)
        raise Refusal(
            f"{ip} is bound by receive connector {names}", "Remove or rebind the connector first, or set force to true"
        )
