# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get-ExchangeServer and the cmdlets that tell about a server's network and transport services."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from exchange_lab.exchange import enums, nested
from exchange_lab.exchange.identity import identity_text
from exchange_lab.exchange.kinds import KINDS
from exchange_lab.exchange.model import ExchangeServer
from exchange_lab.exchange.naming import made_guid
from exchange_lab.exchange.server_view import server_object
from exchange_lab.exchange.session import Session
from exchange_lab.exchange.texts import binding_text
from exchange_lab.exchange.versions import Version, receive_log_folder
from exchange_lab.powershell.cmdlet import Cmdlet, Invocation, Parameter
from exchange_lab.powershell.objects import ps_object

_SERVER_TYPE = "Microsoft.Exchange.Configuration.Tasks.ServerIdParameter"
_MB = 1024**2


def cmdlets(session: Session) -> Iterator[Cmdlet]:
    """Those of them that this version has."""
    profile = session.organisation.profile
    controller = () if profile.edge else (Parameter("DomainController"),)
    identity = Parameter("Identity", identity_text, _SERVER_TYPE, position=1, by_value=True)
    status = Parameter("Status", switch=True)
    yield session.cmdlet("Get-ExchangeServer", [identity, status, *controller], get)
    if profile.version >= Version.E2010:
        yield session.cmdlet("Get-NetworkConnectionInfo", [identity, *controller], network)
        yield session.cmdlet("Test-SmtpConnectivity", [identity, *controller], connectivity)
    for name, folder in _services(session):
        yield session.cmdlet(name, [identity, *controller], _service(folder))


def _services(session: Session) -> Iterator[tuple[str, str]]:
    """The cmdlets for transport services and the folder of their logs ("Protocol logging")."""
    profile = session.organisation.profile
    if profile.version < Version.E2013:
        yield "Get-TransportServer", ""
    else:
        yield "Get-TransportService", "Edge" if profile.edge else "Hub"
        if not profile.edge:
            yield "Get-FrontendTransportService", "FrontEnd"


def _meant(session: Session, call: Invocation) -> list[ExchangeServer]:
    """The server asked for, or all; raises Refusal."""
    controller = session.controller(call)
    if call.bound.get("Identity"):
        return [session.organisation.server_of(call.bound["Identity"], controller)]
    return list(session.organisation.servers)


def get(session: Session, call: Invocation) -> Iterator[Any]:
    """Servers."""
    controller = session.controller(call)
    for server in _meant(session, call):
        yield server_object(session.organisation, server, controller)


def network(session: Session, call: Invocation) -> Iterator[Any]:
    """The adapters of a server, of which the lab's have one; the session's own server unless told."""
    organisation = session.organisation
    for server in _meant(session, call) if call.bound.get("Identity") else [session.server]:
        addresses = list(organisation.addresses_of(server.name))
        listed = ps_object(["System.Net.IPAddress[]", "System.Array", "System.Object"], {}, items=addresses)
        properties = {
            "Name": "vmxnet3 Ethernet Adapter",
            "DnsServers": ps_object(
                ["System.Net.IPAddress[]", "System.Array", "System.Object"], {}, items=["10.0.0.2"]
            ),
            "IPAddresses": ",".join(addresses) if organisation.switches.network_addresses == "text" else listed,
            "AdapterGuid": made_guid("adapter", server.name),
            "MacAddress": "00:50:56:9A:00:01",
            "Identity": server.name,
            "IsValid": True,
            "ObjectState": organisation.views.enumeration(enums.OBJECT_STATE, "Unchanged"),
        }
        types = [
            "Microsoft.Exchange.Management.SystemConfigurationTasks.NetworkConnectionInfo",
            "Microsoft.Exchange.Data.ConfigurableObject",
            "System.Object",
        ]
        yield ps_object(types, properties, server.name)


def connectivity(session: Session, call: Invocation) -> Iterator[Any]:
    """Every binding of every receive connector of a server, tried from the server itself."""
    for server in _meant(session, call) if call.bound.get("Identity") else [session.server]:
        for connector in session.organisation.connectors(server.name):
            for address, port in connector.properties["Bindings"]:
                status, details = session.organisation.answer_of(server.name, address, port)
                properties = {
                    "Server": server.name,
                    "ReceiveConnector": connector.name,
                    "Binding": binding_text((address, port)),
                    "EndPoint": binding_text((address, port)),
                    "StatusCode": status,
                    "Details": details,
                }
                types = [
                    "Microsoft.Exchange.Management.SystemConfigurationTasks.SmtpConnectivityStatus",
                    "System.Object",
                ]
                yield ps_object(types, properties, connector.name)


def _service(folder: str) -> Callable[[Session, Invocation], Iterator[Any]]:
    def get_service(session: Session, call: Invocation) -> Iterator[Any]:
        organisation, controller = session.organisation, session.controller(call)
        for server in _meant(session, call):
            dn = organisation.naming.server(server.name)
            properties = {
                "Name": server.name,
                "ReceiveProtocolLogPath": receive_log_folder(organisation.profile, folder),
                "ReceiveProtocolLogMaxAge": KINDS["timespan"].write(timedelta(days=30), organisation.switches),
                "ReceiveProtocolLogMaxDirectorySize": organisation.views.shaped(nested.size(250 * _MB)),
                "Identity": organisation.views.server_id(server),
                "DistinguishedName": dn,
                "Guid": uuid.UUID(server.guid),
                "OriginatingServer": controller,
                "IsValid": True,
            }
            types = ["Microsoft.Exchange.Data.Directory.Management.TransportServer", "System.Object"]
            yield ps_object(types, properties, server.name)

    return get_service
