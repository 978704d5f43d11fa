# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the organisation as cmdlets put them out, property by property in the order of a capture."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from exchange_lab.exchange import enums, nested
from exchange_lab.exchange.directory import Connector
from exchange_lab.exchange.kinds import KINDS
from exchange_lab.exchange.model import DirectoryObject, ExchangeServer, ReceiveConnector
from exchange_lab.exchange.naming import Naming, made_guid
from exchange_lab.exchange.parameters import attributes
from exchange_lab.exchange.versions import Profile
from exchange_lab.powershell.objects import ps_object, text_of
from exchange_lab.switches import Switches

_DIRECTORY = "Microsoft.Exchange.Data.Directory."
CONFIGURATION_OBJECT = (
    _DIRECTORY + "SystemConfiguration.ADConfigurationObject",
    _DIRECTORY + "ADObject",
    _DIRECTORY + "ADRawEntry",
    "Microsoft.Exchange.Data.ConfigurableObject",
    "System.Object",
)
_LOCAL_TIME = timezone(timedelta(hours=2))


@dataclass(frozen=True)
class Shown:
    """A directory object to be put out: its class in the schema, its names and who answered."""

    thing: DirectoryObject
    distinguished_name: str
    identity: Any
    category: str
    classes: tuple[str, ...]
    controller: str
    version: tuple[int, int, str] = (0, 1, "8.0.535.0")
    state: str = "Unchanged"


@dataclass(frozen=True)
class Views:
    """Makes output objects in the shape that the switches choose."""

    naming: Naming
    profile: Profile
    switches: Switches

    @property
    def partition(self) -> uuid.UUID:
        """The configuration partition's GUID."""
        return made_guid(self.naming.configuration)

    def shaped(self, thing: Any) -> Any:
        """An object, or its string form where the remote endpoint sends strings."""
        return text_of(thing) if self.switches.wire_shape == "strings" and thing is not None else thing

    def enumeration(self, kind: enums.EnumType, value: Any) -> Any:
        """A member of an enumeration."""
        return self.shaped(nested.enumeration(kind, value))

    def receive_connector(
        self, connector: ReceiveConnector, groups: frozenset[str], controller: str, state: str = "Unchanged"
    ) -> Any:
        """A ReceiveConnector."""
        own = self._attributes(connector, groups)
        identity = f"{connector.server}\\{connector.name}"
        shown = Shown(
            connector,
            self.naming.receive_connector(connector.server, connector.name),
            self.connector_id(connector),
            "ms-Exch-Smtp-Receive-Connector",
            ("top", "msExchSmtpReceiveConnector"),
            controller,
            state=state,
        )
        types = [_DIRECTORY + "SystemConfiguration.ReceiveConnector", *CONFIGURATION_OBJECT]
        return ps_object(types, own | self.common(shown), identity)

    def connector_id(self, connector: Connector) -> Any:
        """The id of a connector: for a receive connector its text is Server\\\\Name, else the name."""
        if isinstance(connector, ReceiveConnector):
            text, parent = f"{connector.server}\\{connector.name}", "SMTP Receive Connectors"
            dn = self.naming.receive_connector(connector.server, connector.name)
        else:
            text, parent = connector.name, "Connections"
            dn = self.naming.send_connector(connector.name)
        return self.named_id(dn, text, connector.guid, parent)

    def server_id(self, server: ExchangeServer) -> Any:
        """The id of a server, whose text is its name."""
        return self.named_id(self.naming.server(server.name), server.name, server.guid, "Servers")

    def named_id(self, dn: str, text: str, guid: str, parent: str) -> Any:
        """An object's id, or its text where the remote endpoint sends strings."""
        if self.switches.wire_shape == "strings":
            return text
        return self.naming.object_id(dn, text, uuid.UUID(guid), parent, self.partition)

    def _attributes(self, connector: ReceiveConnector, groups: frozenset[str]) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        for attribute in attributes(self.profile):
            if attribute.name == "Server":
                properties["Server"] = self.shaped(self.naming.server_id(connector.server))
            elif attribute.name == "PermissionGroups":
                properties["PermissionGroups"] = KINDS[attribute.kind].write(groups, self.switches)
            elif attribute.name == "TransportRole" and self.profile.edge and self.switches.edge_role == "absent":
                continue
            elif attribute.name in connector.properties:
                value = connector.properties[attribute.name]
                properties[attribute.name] = KINDS[attribute.kind].write(value, self.switches)
        return properties

    def common(self, shown: Shown) -> dict[str, Any]:
        """What every configuration object ends with, from AdminDisplayName to ObjectState."""
        category = self.naming.class_id(shown.category, made_guid(shown.category), self.partition)
        return {
            "AdminDisplayName": "",
            "ExchangeVersion": self.shaped(nested.object_version(*shown.version)),
            "Name": shown.thing.name,
            "DistinguishedName": shown.distinguished_name,
            "Identity": shown.identity,
            "Guid": uuid.UUID(shown.thing.guid),
            "ObjectCategory": self.shaped(category),
            "ObjectClass": nested.multi_valued("System.String", list(shown.classes)),
            **times(shown.thing.created, shown.thing.changed),
            "OrganizationId": "" if self.switches.wire_shape == "strings" else nested.organization_id(),
            "Id": shown.identity,
            "OriginatingServer": shown.controller,
            "IsValid": True,
            "ObjectState": self.enumeration(enums.OBJECT_STATE, shown.state),
        }


def times(created: datetime, changed: datetime) -> Mapping[str, datetime]:
    """When an object was made and last changed, with the server's offset and in UTC."""
    return {
        "WhenChanged": changed.astimezone(_LOCAL_TIME),
        "WhenCreated": created.astimezone(_LOCAL_TIME),
        "WhenChangedUTC": changed,
        "WhenCreatedUTC": created,
    }
