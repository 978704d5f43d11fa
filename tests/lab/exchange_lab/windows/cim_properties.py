# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the same in every CIM instance of a class, in the order of a published capture; None for no value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psrpcore.types import PSByte, PSDuration, PSUInt, PSUInt16, PSUInt64

# [TimeSpan]::MaxValue stands for infinite: P10675199DT2H48M5.4775807S. A Python timedelta has no tenth of a
# microsecond, so nanoseconds carry it.
FOREVER = PSDuration(days=10675199, seconds=10085, microseconds=477580, nanoseconds=700)
_HEAD = ("Caption", "Description", "ElementName", "InstanceID", "CommunicationStatus", "DetailedStatus", "HealthState")
_STATUS = ("OperatingStatus", "OperationalStatus", "PrimaryStatus", "Status", "StatusDescriptions")
_SYSTEM = ("CreationClassName", "SystemCreationClassName", "SystemName")

# CIM_EnabledLogicalElement and CIM_ServiceAccessPoint
ENDPOINT: Mapping[str, Any] = {
    **dict.fromkeys((*_HEAD, "InstallDate", "Name", *_STATUS, "AvailableRequestedStates")),
    **{"EnabledDefault": PSUInt16(2), "EnabledState": None, "OtherEnabledState": None, "RequestedState": PSUInt16(12)},
    **{"TimeOfLastStateChange": None, "TransitioningToState": PSUInt16(12), **dict.fromkeys(_SYSTEM, "")},
}
_LAN = ("AliasAddresses", "GroupAddresses", "LANID", "LANType", "MACAddress", "MaxDataSize", "OtherLANType")
INTERFACE: Mapping[str, Any] = {
    **ENDPOINT,
    **dict.fromkeys(("NameFormat", "OtherTypeDescription", "ProtocolIFType", "ProtocolType", *_LAN, "AddressFamily")),
    **{"AdvertiseDefaultRoute": PSByte(0), "AdvertisedRouterLifetime": PSDuration(minutes=30)},
    **{"Advertising": PSByte(0), "AutomaticMetric": PSByte(1), "BaseReachableTime": PSUInt(30000)},
    **{"ClampMss": PSByte(0), "CompartmentId": PSUInt(1), "ConnectionState": None, "CurrentHopLimit": PSUInt(0)},
    **{"DadRetransmitTime": PSUInt(1000), "DadTransmits": PSUInt(1), "Dhcp": None, "DirectedMacWolPattern": PSByte(0)},
    **{"EcnMarking": PSByte(3), "ForceArpNdWolPattern": PSByte(0), "Forwarding": PSByte(0)},
    **{"IgnoreDefaultRoutes": PSByte(0), "InterfaceAlias": None, "InterfaceIndex": None, "InterfaceMetric": PSUInt(15)},
    **{"IsolationId": PSUInt(0), "LowestIfNetLuid": PSUInt64(1689399632855040)},
    **{"ManagedAddressConfiguration": PSByte(0), "NeighborDiscoverySupported": PSByte(1)},
    **{"NeighborUnreachabilityDetection": PSByte(1), "NlMtu": PSUInt(1500), "OtherStatefulConfiguration": PSByte(0)},
    **{"ReachableTime": PSUInt(21000), "RetransmitTime": PSUInt(1000), "RouterDiscovery": PSByte(1), "Store": None},
    **{"WeakHostReceive": PSByte(0), "WeakHostSend": PSByte(0), "PSComputerName": None},
}
# what is another for IPv4
INTERFACE_4: Mapping[str, Any] = {
    **{"DadTransmits": PSUInt(3), "ManagedAddressConfiguration": PSByte(1), "OtherStatefulConfiguration": PSByte(1)},
    **{"ReachableTime": PSUInt(19000), "RouterDiscovery": PSByte(2)},
}
# the words for the numbers, in no order that matters
INTERFACE_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("Forwarding", "ClampMss", "Advertising", "WeakHostSend", "WeakHostReceive"), "Disabled"),
    **dict.fromkeys(("IgnoreDefaultRoutes", "AdvertiseDefaultRoute", "ForceArpNdWolPattern"), "Disabled"),
    **dict.fromkeys(("DirectedMacWolPattern", "ManagedAddressConfiguration", "OtherStatefulConfiguration"), "Disabled"),
    **dict.fromkeys(("NeighborUnreachabilityDetection", "RouterDiscovery", "AutomaticMetric"), "Enabled"),
    **{"NeighborDiscoverySupported": "Yes", "EcnMarking": "AppDecide"},
}
INTERFACE_WORDS_4: Mapping[str, Any] = {
    **{"ManagedAddressConfiguration": "Enabled", "OtherStatefulConfiguration": "Enabled"},
    "RouterDiscovery": "ControlledByDHCP",
}
ROUTE: Mapping[str, Any] = {
    **dict.fromkeys(("Caption", "Description", "ElementName", "InstanceID", "AdminDistance", "DestinationAddress")),
    **{"IsStatic": None, "RouteMetric": PSUInt16(256), "TypeOfRoute": PSUInt16(3), "AddressFamily": None},
    **{"CompartmentId": PSUInt(1), "DestinationPrefix": None, "InterfaceAlias": None, "InterfaceIndex": None},
    **{"InterfaceMetric": PSUInt(15), "NextHop": None, "PreferredLifetime": FOREVER, "Protocol": PSUInt16(3)},
    **{"Publish": PSByte(0), "State": PSByte(0), "Store": PSByte(1), "ValidLifetime": FOREVER, "PSComputerName": None},
}
ROUTE_WORDS: Mapping[str, Any] = {
    **{"PSShowComputerName": True, "Publish": "No", "Protocol": "NetMgmt", "Store": "ActiveStore", "State": "Alive"},
}
_ACCESS = ("AccessInfo", "InfoFormat", "OtherAccessContext", "OtherInfoFormatDescription")
DNS_SERVERS: Mapping[str, Any] = {
    **ENDPOINT,
    **{"EnabledState": PSUInt16(5), "AccessContext": PSUInt16(0), **dict.fromkeys(_ACCESS), "AddressFamily": None},
    **{"InterfaceAlias": None, "InterfaceIndex": None, "ServerAddresses": None, "PSComputerName": None},
}
