# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distinguished names of the configuration partition, and the object ids made of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exchange_lab.powershell.objects import ps_object

_ADMINISTRATIVE_GROUP = "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups"
_NOWHERE = uuid.UUID(int=0)


@dataclass(frozen=True)
class Naming:
    """Where the organisation's objects are; ``root`` is ``DC=…``, or ``CN={GUID}`` in the AD LDS of an Edge server."""

    organisation: str
    domain: str
    root: str

    @property
    def configuration(self) -> str:
        """The configuration partition."""
        return f"CN=Configuration,{self.root}"

    @property
    def exchange(self) -> str:
        """The organisation's container."""
        return f"CN={self.organisation},CN=Microsoft Exchange,CN=Services,{self.configuration}"

    def server(self, name: str) -> str:
        """A server's distinguished name."""
        return f"CN={name},CN=Servers,{_ADMINISTRATIVE_GROUP},{self.exchange}"

    def legacy(self, server: str) -> str:
        """A server's legacyExchangeDN."""
        group = "Exchange Administrative Group (FYDIBOHF23SPDLT)"
        return f"/o={self.organisation}/ou={group}/cn=Configuration/cn=Servers/cn={server}"

    def receive_connector(self, server: str, name: str) -> str:
        """A receive connector's distinguished name."""
        return f"CN={escaped(name)},CN=SMTP Receive Connectors,CN=Protocols,{self.server(server)}"

    def send_connector(self, name: str) -> str:
        """A send connector's distinguished name."""
        routing = "CN=Connections,CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups"
        return f"CN={escaped(name)},{routing},{_ADMINISTRATIVE_GROUP},{self.exchange}"

    def accepted_domain(self, name: str) -> str:
        """An accepted domain's distinguished name."""
        return f"CN={escaped(name)},CN=Accepted Domains,CN=Transport Settings,{self.exchange}"

    def object_id(self, dn: str, text: str, guid: uuid.UUID, parent: str, partition: uuid.UUID) -> Any:
        """An ADObjectId with all its properties."""
        rdn, _, _ = split(dn)
        properties = {
            "OrgHierarchyToIgnore": None,
            "IsDeleted": False,
            "Rdn": rdn,
            "Parent": parent,
            "Depth": _depth(dn),
            "DistinguishedName": dn,
            "IsRelativeDn": False,
            "DomainId": self.domain,
            "PartitionGuid": partition,
            "PartitionFQDN": self.domain,
            "ObjectGuid": guid,
            "Name": unescaped(rdn[3:]),
        }
        types = ["Microsoft.Exchange.Data.Directory.ADObjectId", "Microsoft.Exchange.Data.ObjectId", "System.Object"]
        return ps_object(types, properties, text)

    def class_id(self, name: str, guid: uuid.UUID, partition: uuid.UUID) -> Any:
        """The object id of a schema class, as ObjectCategory shows it."""
        parent = f"{self.domain}/Configuration/Schema"
        dn = f"CN={name},CN=Schema,{self.configuration}"
        return self.object_id(dn, f"{parent}/{name}", guid, parent, partition)

    def server_id(self, name: str) -> Any:
        """The object id of a server as another object refers to it: without GUIDs."""
        return self.object_id(self.server(name), name, _NOWHERE, "Servers", _NOWHERE)


def made_guid(*parts: str) -> uuid.UUID:
    """A GUID that is the same in every run for the same words."""
    return uuid.uuid5(uuid.NAMESPACE_OID, "\\".join(parts))


def escaped(name: str) -> str:
    """A relative name with its special characters escaped (RFC 4514)."""
    text = "".join("\\" + letter if letter in ',+"\\<>;=' else letter for letter in name)
    return "\\" + text if text.startswith("#") else text


def unescaped(text: str) -> str:
    """The name that escaped() was given."""
    letters = iter(text)
    return "".join(next(letters, "") if letter == "\\" else letter for letter in letters)


def split(dn: str) -> tuple[str, str, str]:
    """The first component, a comma or nothing, and the rest."""
    end = _separator(dn)
    return (dn, "", "") if end is None else (dn[:end], ",", dn[end + 1 :])


def _separator(dn: str) -> int | None:
    skip = False
    for position, letter in enumerate(dn):
        if not skip and letter == ",":
            return position
        skip = not skip and letter == "\\"
    return None


def _depth(dn: str) -> int:
    """Components below the topmost one."""
    count, rest = -1, dn
    while rest:
        _, _, rest = split(rest)
        count += 1
    return count


def is_dn(text: str) -> bool:
    """Whether the text looks like a distinguished name."""
    return text.upper().startswith("CN=") and _separator(text) is not None


def same(one: str) -> Callable[[str], bool]:
    """A comparison without case, as the directory compares names."""
    wanted = one.casefold()
    return lambda other: other.casefold() == wanted
