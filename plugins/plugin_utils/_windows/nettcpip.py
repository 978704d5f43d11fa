# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and changing addresses with the NetTCPIP cmdlets (Windows Server 2012 and later)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Pipeline, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import (
    ORIGINS,
    STATES,
    Address,
    AddressTable,
    Entry,
    Interface,
    IPAddress,
    parse_ip,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import (
    PERSISTENT,
    Add,
    Change,
    Remove,
    SetDnsServers,
    SetRegistration,
    Step,
    StopDhcp,
)

_ENTRY = ("IPAddress", "InterfaceIndex", "PrefixLength", "SkipAsSource")
_VERSIONS = {"2": 4, "23": 6, "IPv4": 4, "IPv6": 6}

# What is read, as cmdlet, parameters and properties; the last property of each tells whose line an answer is.
_QUESTIONS: tuple[tuple[str, dict[str, Plain], tuple[str, ...]], ...] = (
    ("Get-NetIPAddress", {"PolicyStore": "ActiveStore"}, (*_ENTRY, "PrefixOrigin", "AddressState")),
    ("Get-NetIPAddress", {"PolicyStore": "PersistentStore"}, (*_ENTRY, "PolicyStore")),
    (
        "Get-NetIPInterface",
        {"PolicyStore": "ActiveStore"},
        ("InterfaceIndex", "InterfaceAlias", "AddressFamily", "ConnectionState", "Dhcp"),
    ),
    ("Get-NetAdapter", {}, ("InterfaceIndex", "MacAddress")),
    ("Get-NetRoute", {"PolicyStore": "ActiveStore"}, ("InterfaceIndex", "DestinationPrefix", "NextHop")),
    ("Get-DnsClient", {}, ("InterfaceIndex", "RegisterThisConnectionsAddress")),
    ("Get-DnsClientServerAddress", {}, ("InterfaceIndex", "ServerAddresses")),
    (
        "Get-CimInstance",
        {"ClassName": "Win32_NetworkAdapterConfiguration"},
        ("InterfaceIndex", "IPAddress", "IPEnabled"),
    ),
)

Rows = list[dict[str, Any]]

# characters; some 600 for each address of a host
LARGEST = 8 * 2**20


def questions() -> list[Pipeline]:
    """Return the pipelines that read the table; each prints its objects as one line of JSON."""
    return [
        (
            Command(cmdlet, parameters),
            Command("Select-Object", {"Property": list(properties)}),
            Command("ConvertTo-Json", {"Compress": True}),
        )
        for cmdlet, parameters, properties in _QUESTIONS
    ]


def table(printed: str) -> AddressTable:
    """Return the table out of what the questions printed; raises ValueError for what is no answer to them.

    A value of a type that Windows does not give raises LookupError, TypeError, AttributeError or OverflowError.
    """
    if len(printed) > LARGEST:
        raise ValueError(f"the answer has {len(printed)} characters, and more than {LARGEST} are not read")
    rows = _sorted(printed)
    active = {(parse_ip(row["IPAddress"]), int(row["InterfaceIndex"])): row for row in rows["AddressState"]}
    persistent = {(parse_ip(row["IPAddress"]), int(row["InterfaceIndex"])): row for row in rows["PolicyStore"]}
    order = _order(rows["IPEnabled"])
    keys = sorted({**active, **persistent}, key=lambda key: order.get(key, len(order)))
    addresses = [_address(key, active.get(key), persistent.get(key)) for key in keys]
    return AddressTable(tuple(_interfaces(rows)), tuple(addresses))


def _sorted(printed: str) -> dict[str, Rows]:
    """The objects by the property that tells them apart."""
    rows: dict[str, Rows] = {properties[-1]: [] for *_ignored, properties in _QUESTIONS}
    for line in filter(None, (line.strip() for line in printed.splitlines())):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise ValueError(f"the answer is no JSON: {line[:200]}") from None
        for row in found if isinstance(found, list) else [found]:
            rows[_marker(row, rows)].append(row)
    return rows


def _marker(row: Mapping[str, Any], markers: Iterable[str]) -> str:
    found = next((marker for marker in markers if marker in row), "") if isinstance(row, dict) else ""
    if not found:
        raise ValueError(f"an answer nobody asked for: {str(row)[:200]}")
    return found


def _order(configurations: Rows) -> dict[tuple[IPAddress, int], int]:
    """Where Windows lists each address; inventories take the first one for the address of the host."""
    listed = [(parse_ip(text), int(row["InterfaceIndex"])) for row in configurations for text in row["IPAddress"] or ()]
    return {key: place for place, key in enumerate(listed)}


def _address(
    key: tuple[IPAddress, int], active: Mapping[str, Any] | None, persistent: Mapping[str, Any] | None
) -> Address:
    state = _name(active["AddressState"], STATES) if active else ""
    origin = _name(active["PrefixOrigin"], ORIGINS) if active else "Manual"
    return Address(*key, _entry(active, key[0]), _entry(persistent, key[0]), state, origin)


def _entry(row: Mapping[str, Any] | None, ip: IPAddress) -> Entry | None:
    if row is None:
        return None
    length = int(row["PrefixLength"])
    if not 0 <= length <= ip.max_prefixlen:
        raise ValueError(f"{ip} has the prefix length {length}")
    return Entry(length, bool(row["SkipAsSource"]))


def _name(value: object, names: tuple[str, ...]) -> str:
    """An enumeration's name: ConvertTo-Json prints its number, other ways print the name."""
    if isinstance(value, int):
        return names[value] if 0 <= value < len(names) else str(value)
    return str(value)


def _interfaces(rows: Mapping[str, Rows]) -> list[Interface]:
    aliases = {int(row["InterfaceIndex"]): str(row["InterfaceAlias"]) for row in rows["Dhcp"]}
    macs = {int(row["InterfaceIndex"]): str(row["MacAddress"] or "") for row in rows["MacAddress"]}
    registers = {
        int(row["InterfaceIndex"]): bool(row["RegisterThisConnectionsAddress"])
        for row in rows["RegisterThisConnectionsAddress"]
    }
    families, routes, resolvers = (_by_index(rows[marker]) for marker in ("Dhcp", "NextHop", "ServerAddresses"))
    return [
        Interface(
            index,
            alias,
            macs.get(index, ""),
            frozenset(_VERSIONS[str(row["AddressFamily"])] for row in families[index] if _enabled(row["Dhcp"])),
            _gateways(routes.get(index, [])),
            registers.get(index),
            tuple(str(server) for row in resolvers.get(index, []) for server in row["ServerAddresses"] or ()),
            any(str(row["ConnectionState"]) not in ("0", "Disconnected") for row in families[index]),
        )
        for index, alias in aliases.items()
    ]


def _by_index(rows: Rows) -> dict[int, Rows]:
    """The objects by interface."""
    found: dict[int, Rows] = {}
    for row in rows:
        found.setdefault(int(row["InterfaceIndex"]), []).append(row)
    return found


def _enabled(value: object) -> bool:
    return str(value) in ("1", "Enabled")


def _gateways(routes: Rows) -> dict[int, str]:
    default = {"0.0.0.0/0": 4, "::/0": 6}
    return {
        default[row["DestinationPrefix"]]: str(row["NextHop"]) for row in routes if row["DestinationPrefix"] in default
    }


def command(step: Step) -> Command:
    """Return the cmdlet call for a step."""
    interface: dict[str, Plain] = {"InterfaceIndex": step.interface}
    if isinstance(step, Add):
        return Command("New-NetIPAddress", {**interface, **_made(step), **_store(step.store)})
    if isinstance(step, Change):
        changed = {"PrefixLength": step.prefix_length, "SkipAsSource": step.skip_as_source}
        given = {name: value for name, value in changed.items() if value is not None}
        named: dict[str, Plain] = {**interface, "IPAddress": str(step.ip), **given}
        return Command("Set-NetIPAddress", {**named, **_store(step.store), "Confirm": False, **_quiet(step)})
    if isinstance(step, Remove):
        named = {**interface, "IPAddress": str(step.ip)}
        return Command("Remove-NetIPAddress", {**named, **_store(step.store), "Confirm": False, **_quiet(step)})
    if isinstance(step, StopDhcp):
        family = f"IPv{step.version}"
        return Command("Set-NetIPInterface", {**interface, "AddressFamily": family, "Dhcp": "Disabled"})
    if isinstance(step, SetDnsServers):
        return Command("Set-DnsClientServerAddress", {**interface, "ServerAddresses": list(step.servers)})
    if isinstance(step, SetRegistration):
        return Command("Set-DnsClient", {**interface, "RegisterThisConnectionsAddress": step.enabled})
    raise TypeError(step)


def _made(step: Add) -> dict[str, Plain]:
    gateway: dict[str, Plain] = {"DefaultGateway": step.gateway} if step.gateway else {}
    source: dict[str, Plain] = {"PrefixLength": step.prefix_length, "SkipAsSource": step.skip_as_source}
    return {"IPAddress": str(step.ip), **source, **gateway}


def _quiet(step: Change | Remove) -> dict[str, Plain]:
    """What the persistent store takes by itself is not documented: reading back tells, an error would not."""
    return {"ErrorAction": "SilentlyContinue"} if step.store == PERSISTENT else {}


def _store(store: str) -> dict[str, Plain]:
    return {"PolicyStore": store} if store else {}


def conflict_question() -> Pipeline:
    """Return the pipeline that prints which hardware addresses disputed addresses lately (Tcpip, 4198 and 4199)."""
    wanted: Plain = {"LogName": "System", "ProviderName": "Tcpip", "Id": [4198, 4199]}
    return (
        Command("Get-WinEvent", {"FilterHashtable": wanted, "MaxEvents": 10, "ErrorAction": "SilentlyContinue"}),
        Command("Select-Object", {"ExpandProperty": "Message"}),
    )
