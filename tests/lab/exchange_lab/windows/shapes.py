# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CIM instances of ROOT/StandardCimv2 as Windows Server 2019 serialises them.

Numbers are in ``<Props>``; the names that PowerShell shows instead (``Preferred`` for 4) are script properties in
``<MS>`` (NetTCPIP.Types.ps1xml).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from psrpcore.types import PSByte, PSDuration, PSUInt, PSUInt16, PSUInt64

from ..powershell.objects import ps_object
from .cim_properties import (
    DNS_SERVERS,
    ENDPOINT,
    FOREVER,
    INTERFACE,
    INTERFACE_4,
    INTERFACE_WORDS,
    INTERFACE_WORDS_4,
    ROUTE,
    ROUTE_WORDS,
)
from .record import Interface, Record, Store

if TYPE_CHECKING:
    from .host import WindowsHost

_ENDPOINT = ("CIM_ProtocolEndpoint", "CIM_ServiceAccessPoint", "CIM_EnabledLogicalElement", "CIM_LogicalElement")
_ELEMENT = ("CIM_ManagedSystemElement", "CIM_ManagedElement")
_ADDRESS = ("CIM_IPProtocolEndpoint", *_ENDPOINT, *_ELEMENT)
_INTERFACE = ("CIM_LANEndpoint", *_ENDPOINT, *_ELEMENT)
_PORT = ("CIM_NetworkPort", "CIM_LogicalPort", "CIM_LogicalDevice", "CIM_EnabledLogicalElement", "CIM_LogicalElement")
_ADAPTER = (*_PORT, *_ELEMENT)
_ROUTE = ("CIM_NextHopRoute", "CIM_ManagedElement")
_DNS = ("CIM_SettingData", "CIM_ManagedElement")

STORE_NUMBERS: Mapping[str, int] = {"PersistentStore": 0, "ActiveStore": 1}
STATES = ("Invalid", "Tentative", "Duplicate", "Deprecated", "Preferred")
PREFIX_ORIGINS = ("Other", "Manual", "WellKnown", "Dhcp", "RouterAdvertisement")
SUFFIX_ORIGINS = ("Other", "Manual", "WellKnown", "Dhcp", "Link", "Random")
FAMILIES = {2: "IPv4", 23: "IPv6"}
# how long a lease or an advertised prefix still is good for
LEASED = PSDuration(days=6, seconds=86398)


def cim_types(name: str, bases: Sequence[str], namespace: str = "root/StandardCimv2") -> list[str]:
    """The type names of a CIM instance: each class with its namespace, then each class alone."""
    prefix = "Microsoft.Management.Infrastructure.CimInstance"
    upper = [f"{prefix}#ROOT/StandardCimv2/{base}" for base in bases]
    return [
        f"{prefix}#{namespace}/{name}",
        *upper,
        *(f"{prefix}#{each}" for each in (name, *bases)),
        prefix,
        "System.Object",
    ]


def _key(text: str) -> str:
    """How StandardCimv2 writes a key: every character ten places further on (``192.`` becomes ``;C<8``)."""
    return "".join(chr(ord(character) + 10) for character in text)


def _keyed(name: str, keys: Mapping[str, str]) -> str:
    """How a CIM instance prints itself: its class with its keys, in which ``<`` and ``=`` have become ``?``."""
    shown = {key: value.replace("<", "?").replace("=", "?") for key, value in keys.items()}
    return f"{name} (" + ", ".join(f'{key} = "{value}"' for key, value in shown.items()) + ")"


def address_object(host: WindowsHost, record: Record, store: Store) -> Any:
    """An MSFT_NetIPAddress; in the persistent store its state is Invalid."""
    state = host.state(record) if store == "ActiveStore" else "Invalid"
    prefix_origin = record.origin
    of_link = record.origin == "RouterAdvertisement" or (record.origin == "WellKnown" and record.address.is_link_local)
    suffix_origin = "Link" if of_link else record.origin
    lifetime = LEASED if record.expires else FOREVER
    number = STORE_NUMBERS[store]
    version = record.address.version
    name = _key(f"{record.text}++{record.index}++1++{number}")
    properties: dict[str, Any] = {**ENDPOINT, "Name": name, "NameFormat": None}
    properties |= {"OtherTypeDescription": None, "ProtocolIFType": PSUInt16(4096), "ProtocolType": None}
    properties |= {"Address": None, "AddressOrigin": PSUInt16(0), "AddressType": None}
    properties |= {
        "IPv4Address": record.text if version == 4 else None,
        "IPv6Address": record.text if version == 6 else None,
    }
    properties |= {"IPVersionSupport": None, "PrefixLength": PSByte(record.prefix_length), "SubnetMask": None}
    properties |= {
        "AddressFamily": PSUInt16(record.family),
        "AddressState": PSUInt16(STATES.index(state)),
        "InterfaceAlias": host.interfaces[record.index].alias,
        "InterfaceIndex": PSUInt(record.index),
        "IPAddress": record.text,
        "PreferredLifetime": lifetime,
        "PrefixOrigin": PSUInt16(PREFIX_ORIGINS.index(prefix_origin)),
        "SkipAsSource": record.skip_as_source,
        "Store": PSByte(number),
        "SuffixOrigin": PSUInt16(SUFFIX_ORIGINS.index(suffix_origin)),
        "Type": PSByte(1),
        "ValidLifetime": lifetime,
        "PSComputerName": None,
    }
    shown = {
        "PSShowComputerName": True,
        "PrefixOrigin": prefix_origin,
        "SuffixOrigin": suffix_origin,
        "Type": "Unicast",
    }
    shown |= {"Store": store, "AddressFamily": FAMILIES[record.family], "AddressState": state}
    types = cim_types("MSFT_NetIPAddress", _ADDRESS)
    return ps_object(types, properties, record.text, extended={**shown, "ifIndex": PSUInt(record.index)})


def interface_object(interface: Interface, family: int, store: Store) -> Any:
    """An MSFT_NetIPInterface: one for each interface and address family."""
    number = STORE_NUMBERS[store]
    dhcp = interface.dhcp.get(4 if family == 2 else 6, False)
    name = _key(f"{interface.index}++{family}++{number}")
    properties: dict[str, Any] = {**INTERFACE, **(INTERFACE_4 if family == 2 else {}), "Name": name}
    properties |= {"AddressFamily": PSUInt16(family), "ConnectionState": PSByte(int(interface.connected))}
    properties |= {"Dhcp": PSByte(int(dhcp)), "InterfaceAlias": interface.alias}
    properties |= {"InterfaceIndex": PSUInt(interface.index), "Store": PSByte(number)}
    shown = {**INTERFACE_WORDS, **(INTERFACE_WORDS_4 if family == 2 else {}), "PSShowComputerName": True}
    shown |= {"Store": store, "AddressFamily": FAMILIES[family]}
    shown |= {"Dhcp": "Enabled" if dhcp else "Disabled"}
    shown |= {"ConnectionState": "Connected" if interface.connected else "Disconnected"}
    keys = {"Name": name, "CreationClassName": "", "SystemCreationClassName": "", "SystemName": ""}
    text = _keyed("MSFT_NetIPInterface", keys)
    extended = {**shown, "ifIndex": PSUInt(interface.index), "ifAlias": interface.alias}
    return ps_object(cim_types("MSFT_NetIPInterface", _INTERFACE), properties, text, extended=extended)


def adapter_object(host: WindowsHost, interface: Interface) -> Any:
    """An MSFT_NetAdapter; its Name is the interface's alias."""
    bare = interface.mac.replace("-", "")
    properties: dict[str, Any] = {"InstanceID": interface.guid, "Name": interface.alias, "SystemName": host.name}
    properties |= {"CreationClassName": "MSFT_NetAdapter", "DeviceID": interface.guid, "PermanentAddress": bare}
    properties |= {"InterfaceDescription": interface.description, "InterfaceGuid": interface.guid}
    properties |= {"InterfaceIndex": PSUInt(interface.index), "Speed": PSUInt64(10000000000), "Virtual": False}
    properties |= {"InterfaceOperationalStatus": PSUInt(1 if interface.connected else 2), "PSComputerName": None}
    shown = {
        "PSShowComputerName": True,
        "MacAddress": interface.mac,
        "Status": "Up" if interface.connected else "Disconnected",
    }
    shown |= {"LinkSpeed": "10 Gbps", "ifAlias": interface.alias, "InterfaceAlias": interface.alias}
    extended = {**shown, "ifIndex": PSUInt(interface.index), "LinkLayerAddress": interface.mac}
    keys = {"CreationClassName": "MSFT_NetAdapter", "DeviceID": interface.guid}
    keys |= {"SystemCreationClassName": "CIM_NetworkPort", "SystemName": host.name}
    text = _keyed("MSFT_NetAdapter", keys)
    return ps_object(cim_types("MSFT_NetAdapter", _ADAPTER), properties, text, extended=extended)


def route_object(interface: Interface, prefix: str, next_hop: str) -> Any:
    """An MSFT_NetRoute in the active store."""
    name = _key(f"{prefix}++{interface.index}++{next_hop}++1")
    family = 23 if ":" in prefix else 2
    properties: dict[str, Any] = {**ROUTE, "InstanceID": name, "AddressFamily": PSUInt16(family)}
    properties |= {"DestinationPrefix": prefix, "InterfaceAlias": interface.alias}
    properties |= {"InterfaceIndex": PSUInt(interface.index), "NextHop": next_hop}
    shown = {**ROUTE_WORDS, "AddressFamily": FAMILIES[family]}
    text = _keyed("MSFT_NetRoute", {"InstanceID": name})
    extended = {**shown, "ifIndex": PSUInt(interface.index)}
    return ps_object(cim_types("MSFT_NetRoute", _ROUTE), properties, text, extended=extended)


def dns_client_object(interface: Interface) -> Any:
    """An MSFT_DNSClient (Get-DnsClient)."""
    properties: dict[str, Any] = {"ConnectionSpecificSuffix": "", "InterfaceAlias": interface.alias}
    properties |= {"InterfaceIndex": PSUInt(interface.index), "PSComputerName": None}
    properties |= {"RegisterThisConnectionsAddress": interface.register_in_dns, "UseSuffixWhenRegistering": False}
    text = f'MSFT_DNSClient (Name = "{interface.index}")'
    return ps_object(cim_types("MSFT_DNSClient", _DNS), properties, text, extended={"PSShowComputerName": True})


def dns_server_object(interface: Interface, family: int) -> Any:
    """An MSFT_DNSClientServerAddress (Get-DnsClientServerAddress)."""
    servers = [each for each in interface.dns_servers if (":" in each) == (family == 23)]
    properties: dict[str, Any] = {**DNS_SERVERS, "ElementName": interface.alias, "Name": str(interface.index)}
    properties |= {"SystemName": str(family), "AddressFamily": PSUInt16(family), "InterfaceAlias": interface.alias}
    properties |= {"InterfaceIndex": PSUInt(interface.index), "ServerAddresses": servers}
    keys = {"Name": str(interface.index), "CreationClassName": "", "SystemCreationClassName": ""}
    text = _keyed("MSFT_DNSClientServerAddress", {**keys, "SystemName": str(family)})
    types = cim_types("MSFT_DNSClientServerAddress", ("CIM_RemoteServiceAccessPoint", *_ENDPOINT[1:], *_ELEMENT))
    return ps_object(types, properties, text, extended={"PSShowComputerName": True, "Address": servers})


def neighbour_object(interface: Interface, address: str, mac: str) -> Any:
    """An MSFT_NetNeighbor (Get-NetNeighbor)."""
    properties: dict[str, Any] = {"IPAddress": address, "InterfaceAlias": interface.alias}
    properties |= {"InterfaceIndex": PSUInt(interface.index), "LinkLayerAddress": mac, "PSComputerName": None}
    types = cim_types("MSFT_NetNeighbor", ("CIM_RemoteServiceAccessPoint", *_ENDPOINT[1:], *_ELEMENT))
    return ps_object(types, properties, f'MSFT_NetNeighbor (Name = "{address}")', extended={"State": "Stale"})


def configuration_object(host: WindowsHost, interface: Interface) -> Any:
    """A Win32_NetworkAdapterConfiguration; its addresses come in the order in which they were made."""
    records = [found for found in host.active if found.index == interface.index] if interface.mac else []
    properties: dict[str, Any] = {"Index": PSUInt(interface.index), "InterfaceIndex": PSUInt(interface.index)}
    properties |= {"Description": interface.description, "IPEnabled": bool(records)}
    properties |= {"IPAddress": [str(found.address) for found in records] or None}
    properties |= {"IPSubnet": [_subnet(found) for found in records] or None}
    properties |= {"DHCPEnabled": interface.dhcp.get(4, False), "MACAddress": interface.mac.replace("-", ":") or None}
    properties |= {"DefaultIPGateway": list(interface.gateways.values()) or None}
    properties |= {"FullDNSRegistrationEnabled": interface.register_in_dns, "SettingID": interface.guid}
    types = cim_types("Win32_NetworkAdapterConfiguration", ("CIM_Setting",), "root/cimv2")
    return ps_object(types, properties, _keyed("Win32_NetworkAdapterConfiguration", {"Index": str(interface.index)}))


def _subnet(record: Record) -> str:
    """A mask for IPv4, the length for IPv6."""
    if record.address.version == 6:
        return str(record.prefix_length)
    return str(ip_network((record.address, record.prefix_length), strict=False).netmask)
