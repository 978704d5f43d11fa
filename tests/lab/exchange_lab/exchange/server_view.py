# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Exchange server as Get-ExchangeServer shows it, property by property in the order of a capture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from exchange_lab.exchange import enums, nested
from exchange_lab.exchange.kinds import KINDS
from exchange_lab.exchange.model import ExchangeServer
from exchange_lab.exchange.naming import made_guid
from exchange_lab.exchange.versions import Profile, Version
from exchange_lab.exchange.views import CONFIGURATION_OBJECT, Shown, Views
from exchange_lab.powershell.objects import ps_object

if TYPE_CHECKING:
    from exchange_lab.exchange.organisation import Organisation

_INSTALLED = datetime(2024, 1, 15, 9, 30, tzinfo=UTC)
_COMMON_FIRST = ("Identity", "IsValid", "ExchangeVersion")
_COMMON_REST = (
    "DistinguishedName",
    "Guid",
    "ObjectCategory",
    "ObjectClass",
    "WhenChanged",
    "WhenCreated",
    "WhenChangedUTC",
    "WhenCreatedUTC",
    "OrganizationId",
    "Id",
    "OriginatingServer",
    "ObjectState",
)


def server_object(organisation: Organisation, server: ExchangeServer, controller: str) -> Any:
    """An ExchangeServer."""
    views, profile = organisation.views, organisation.profile
    identity = views.server_id(server)
    properties = {"Name": server.name, **_nature(organisation, server), **_directory(views, organisation, controller)}
    properties = {name: value for name, value in properties.items() if profile.version >= _SINCE.get(name, 0)}
    shown = Shown(
        _Dated(server),
        views.naming.server(server.name),
        identity,
        "ms-Exch-Exchange-Server",
        ("top", "server", "msExchExchangeServer"),
        controller,
    )
    common = views.common(shown)
    properties |= {name: common[name] for name in (*_COMMON_FIRST, *_COMMON_REST)}
    types = [
        "Microsoft.Exchange.Data.Directory.Management.ExchangeServer",
        "Microsoft.Exchange.Data.Directory.Management.ADPresentationObject",
        *CONFIGURATION_OBJECT[1:],
    ]
    return ps_object(types, properties, server.name)


_SINCE = {
    "IsE14OrLater": Version.E2010,
    "IsE15OrLater": Version.E2013,
    "IsFrontendTransportServer": Version.E2013,
    "MitigationsEnabled": Version.E2016,
    "MitigationsApplied": Version.E2016,
    "MitigationsBlocked": Version.E2016,
    "DataCollectionEnabled": Version.E2016,
    "MailboxProvisioningAttributes": Version.E2013,
}


class _Dated:
    """A server with the dates that every directory object has."""

    def __init__(self, server: ExchangeServer) -> None:
        self.name = server.name
        self.guid = server.guid
        self.properties: dict[str, Any] = {}
        self.created = self.changed = _INSTALLED


def _nature(organisation: Organisation, server: ExchangeServer) -> dict[str, Any]:
    """What the server is: its names, its roles, its version."""
    views, profile = organisation.views, organisation.profile
    mailbox = not profile.edge
    return {
        "DataPath": _path(views, _data_folder(profile)),
        "Domain": organisation.domain,
        "Edition": views.enumeration(enums.EDITION, "StandardEvaluation"),
        "ExchangeLegacyDN": organisation.naming.legacy(server.name.upper()),
        "ExchangeLegacyServerRole": 0,
        "Fqdn": server.fqdn,
        "CustomerFeedbackEnabled": True,
        "InternetWebProxy": None,
        "InternetWebProxyBypassList": None,
        "IsHubTransportServer": mailbox,
        "IsClientAccessServer": mailbox,
        "IsExchange2007OrLater": True,
        "IsEdgeServer": profile.edge,
        "IsMailboxServer": mailbox,
        "IsE14OrLater": True,
        "IsE15OrLater": True,
        "IsProvisionedServer": False,
        "IsUnifiedMessagingServer": mailbox and profile.version in (Version.E2013, Version.E2016),
        "IsFrontendTransportServer": mailbox,
        "NetworkAddress": _network_address(views, server),
        "OrganizationalUnit": f"{organisation.domain}/{server.name}",
        "AdminDisplayVersion": _version(views, profile),
    }


def _directory(views: Views, organisation: Organisation, controller: str) -> dict[str, Any]:
    """Where the server finds its directory, and what support wants to know."""
    controllers = nested.multi_valued("System.String", [controller])
    none = nested.multi_valued("System.String", [])
    return {
        "Site": None if organisation.profile.edge else _site(views),
        "ServerRole": views.enumeration(enums.SERVER_ROLE, _roles(organisation.profile)),
        "ErrorReportingEnabled": True,
        "MitigationsEnabled": True,
        "StaticDomainControllers": none,
        "StaticGlobalCatalogs": none,
        "StaticConfigDomainController": "",
        "StaticExcludedDomainControllers": none,
        "MonitoringGroup": "",
        "CurrentDomainControllers": controllers,
        "CurrentGlobalCatalogs": controllers,
        "CurrentConfigDomainController": controller,
        "ProductID": "",
        "IsExchangeTrialEdition": True,
        "IsExpiredExchangeTrialEdition": True,
        "MailboxProvisioningAttributes": None,
        "RemainingTrialPeriod": KINDS["timespan"].write(timedelta(), views.switches),
        "MitigationsApplied": None,
        "MitigationsBlocked": None,
        "DataCollectionEnabled": False,
    }


def _roles(profile: Profile) -> frozenset[str]:
    """ServerRole: until 2010 every role had its own; 2013 merged them into two, 2016 into one."""
    if profile.edge:
        return frozenset({"Edge"})
    if profile.version < Version.E2013:
        return frozenset({"Mailbox", "ClientAccess", "HubTransport"})
    return frozenset({"Mailbox", "ClientAccess"} if profile.version == Version.E2013 else {"Mailbox"})


def _data_folder(profile: Profile) -> str:
    folder = "" if profile.schema == 8 else f"V{profile.schema}\\"
    return f"C:\\Program Files\\Microsoft\\Exchange Server\\{folder}Mailbox"


def _path(views: Views, text: str) -> Any:
    types = ["Microsoft.Exchange.Data.LocalLongFullPath", "Microsoft.Exchange.Data.LongPath", "System.Object"]
    properties = {"PathName": text, "IsLocalFull": True, "IsUnc": False, "DriveName": text[:2]}
    return views.shaped(ps_object(types, properties, text))


def _version(views: Views, profile: Profile) -> Any:
    names = ("Major", "Minor", "Build", "Revision")
    properties: dict[str, Any] = {**dict(zip(names, profile.build, strict=True)), "FilePatchLevelDescription": None}
    return views.shaped(
        ps_object(["Microsoft.Exchange.Data.ServerVersion", "System.Object"], properties, profile.build_text)
    )


def _site(views: Views) -> Any:
    name, parent = "Default-First-Site-Name", f"{views.naming.domain}/Configuration/Sites"
    dn = f"CN={name},CN=Sites,{views.naming.configuration}"
    return views.shaped(views.naming.object_id(dn, f"{parent}/{name}", made_guid(dn), parent, views.partition))


def _network_address(views: Views, server: ExchangeServer) -> Any:
    data = "Microsoft.Exchange.Data."
    assembly = "Microsoft.Exchange.Data, Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
    kinds = ("ncacn_vns_spp", "netbios", "ncacn_np", "ncacn_spx", "ncacn_ip_tcp", "ncalrpc")
    items = []
    for kind in kinds:
        address = server.fqdn if kind == "ncacn_ip_tcp" else server.name
        types = [data + "CustomNetworkAddress", data + "NetworkAddress", data + "ProtocolAddress", "System.Object"]
        properties = {"ProtocolType": kind, "AddressString": address}
        items.append(views.shaped(ps_object(types, properties, f"{kind}:{address}")))
    element = f"[[{data}NetworkAddress, {assembly}]]"
    types = [
        data + "NetworkAddressCollection",
        f"{data}ProtocolAddressCollection`1{element}",
        f"{data}MultiValuedProperty`1{element}",
        data + "MultiValuedPropertyBase",
        "System.Object",
    ]
    return ps_object(types, {}, items=items)
