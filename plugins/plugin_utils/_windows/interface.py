# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interface is meant: by name, index or hardware address, by the subnet of an address, by the default route."""

from __future__ import annotations

import re

from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import AddressTable, Interface
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import Desired, Refusal

# What the option says for the interface of the default route.
DEFAULT_ROUTE = "default_route"


def choose(table: AddressTable, desired: Desired) -> Interface:
    """Return the interface that the address is on or belongs on; raises Refusal where none or several fit."""
    if desired.index is not None:
        return table.interface(desired.index)
    if desired.interface is not None:
        return named(table, desired.interface, desired.ip.version)
    known = {interface.index for interface in table.adapters}
    holders = [table.interface(found.interface) for found in table.find(desired.ip) if found.interface in known]
    if holders:
        return holders[0]
    return _by_subnet(table, desired) or _by_default_route(
        table, desired.ip.version, f"no interface has a subnet that {desired.ip} lies in, and none has a default route"
    )


def named(table: AddressTable, wanted: str, version: int) -> Interface:
    """Return the interface of that alias, index or hardware address, or that of the default route."""
    for matches in (_same_alias, _same_index, _same_mac, _alike_alias):
        found = [interface for interface in table.adapters if matches(interface, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Refusal(f"{wanted!r} names several interfaces: {_names(found)}", "Name one by its alias or index")
    if wanted.lower() == DEFAULT_ROUTE:
        return _by_default_route(table, version, f"no interface has a default route for IPv{version}")
    raise Refusal(f"there is no interface {wanted!r}", f"The interfaces are {_names(table.adapters)}")


def _same_alias(interface: Interface, wanted: str) -> bool:
    return interface.alias.casefold() == wanted.casefold()


def _same_index(interface: Interface, wanted: str) -> bool:
    return str(interface.index) == wanted


def _same_mac(interface: Interface, wanted: str) -> bool:
    digits = re.sub("[-:.]", "", wanted).upper()
    return re.fullmatch("[0-9A-F]{12}", digits) is not None and digits == re.sub("[-:.]", "", interface.mac).upper()


def _alike_alias(interface: Interface, wanted: str) -> bool:
    """A console's code page may have mangled the letters outside ASCII (``Connexion au r?seau local``)."""
    return re.search("[^ -~]", interface.alias) is not None and _ascii_only(interface.alias) == _ascii_only(wanted)


def _ascii_only(text: str) -> str:
    return re.sub(r"[^ -~]+", "?", text).casefold()


def _by_subnet(table: AddressTable, desired: Desired) -> Interface | None:
    found = [
        interface
        for interface in table.adapters
        if any(desired.ip in subnet for subnet in table.subnets(interface.index, desired.ip.version, desired.ip))
    ]
    if len(found) > 1:
        raise Refusal(
            f"{desired.ip} lies in a subnet of several interfaces: {_names(found)}", "Set interface to one of them"
        )
    return found[0] if found else None


def _by_default_route(table: AddressTable, version: int, otherwise: str) -> Interface:
    """The interface of the default route; raises Refusal for several, and with that reason for none."""
    found = [interface for interface in table.adapters if version in interface.gateways]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refusal(f"several interfaces have a default route: {_names(found)}", "Set interface to one of them")
    raise Refusal(otherwise, f"Set interface to one of {_names(table.adapters)}")


def _names(interfaces: list[Interface]) -> str:
    return ", ".join(f"{each.alias} ({each.index})" for each in interfaces) or "none"
