# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control entries on the wire: one object for each entry, as Get-ADPermission puts them out."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psrpcore.types import PSObject

from exchange_lab.exchange import enums
from exchange_lab.exchange.directory import Connector
from exchange_lab.exchange.model import AccessControlEntry, Principal
from exchange_lab.exchange.views import Views
from exchange_lab.powershell.objects import property_of, ps_object, text_of

ENTRY_TYPE = "Microsoft.Exchange.Management.RecipientTasks.ADAcePresentationObject"
_TASKS = "Microsoft.Exchange.Configuration.Tasks."
ACCESS_RIGHTS = enums.EnumType(
    "System.DirectoryServices.ActiveDirectoryRights",
    {
        "CreateChild": 1,
        "DeleteChild": 2,
        "ListChildren": 4,
        "Self": 8,
        "ReadProperty": 16,
        "WriteProperty": 32,
        "DeleteTree": 64,
        "ListObject": 128,
        "ExtendedRight": 256,
        "Delete": 65536,
        "ReadControl": 131072,
        "GenericExecute": 131076,
        "GenericWrite": 131112,
        "GenericRead": 131220,
        "WriteDacl": 262144,
        "WriteOwner": 524288,
        "GenericAll": 983551,
        "Synchronize": 1048576,
        "AccessSystemSecurity": 16777216,
    },
)


@dataclass(frozen=True)
class Target:
    """An object whose permissions are meant: the thing, its names, its id as other objects show it."""

    thing: Connector
    distinguished_name: str
    identity: Any


def shuffled(target: Target, entries: Iterable[AccessControlEntry]) -> list[AccessControlEntry]:
    """In no order that means anything, yet the same every time: servers differ in it."""

    def place(entry: AccessControlEntry) -> int:
        return zlib.crc32(f"{target.thing.guid}{entry.key}{entry.inherited}".encode())

    return sorted(entries, key=place)


def entry_object(views: Views, target: Target, entry: AccessControlEntry) -> Any:
    """An ADAcePresentationObject."""
    access = "ExtendedRight" if entry.extended else entry.right
    rights = [_raw(views, "ExtendedRightIdParameter", entry.right)] if entry.extended else None
    properties = {
        "AccessRights": _array(ACCESS_RIGHTS.type_name, [views.enumeration(ACCESS_RIGHTS, access)]),
        "Deny": entry.deny,
        "ExtendedRights": None if rights is None else _array(_TASKS + "ExtendedRightIdParameter", rights),
        "InheritanceType": views.enumeration(enums.INHERITANCE, entry.inheritance),
        "InheritedObjectType": None,
        "IsInherited": entry.inherited,
        "ChildObjectTypes": None,
        "Properties": None,
        "User": _account(views, entry.principal),
        "Identity": target.identity,
        "IsValid": True,
        "ObjectState": views.enumeration(enums.OBJECT_STATE, "Unchanged"),
    }
    types = [
        ENTRY_TYPE,
        "Microsoft.Exchange.Management.RecipientTasks.AcePresentationObject",
        "Microsoft.Exchange.Data.ConfigurableObject",
        "System.Object",
    ]
    made = ps_object(types, properties, target.distinguished_name)
    # kept beside the wire properties, for what is piped to another cmdlet of the same session
    made.distinguished_name = target.distinguished_name
    return made


def owner_object(views: Views, target: Target, owner: Principal) -> Any:
    """An ADOwnerPresentationObject."""
    properties = {"Owner": _account(views, owner), "Identity": target.identity, "IsValid": True}
    types = ["Microsoft.Exchange.Management.RecipientTasks.OwnerPresentationObject", "System.Object"]
    return ps_object(types, properties, target.distinguished_name)


def _array(element: str, items: list[Any]) -> Any:
    return ps_object([element + "[]", "System.Array", "System.Object"], {}, items=items)


def _raw(views: Views, type_name: str, text: str) -> Any:
    """An IdParameter: its text and RawIdentity, which public scripts read."""
    return views.shaped(ps_object([_TASKS + type_name, "System.Object"], {"RawIdentity": text}, text))


def _account(views: Views, principal: Principal) -> Any:
    properties = {"RawIdentity": principal.name, "SecurityIdentifier": principal.sid}
    return views.shaped(
        ps_object([_TASKS + "SecurityPrincipalIdParameter", "System.Object"], properties, principal.name)
    )


def read_entry(value: Any) -> Any:
    """An entry that was put out before; raises ValueError for anything else."""
    if isinstance(value, PSObject) and ENTRY_TYPE in (value.PSTypeNames or ()):
        return value
    raise ValueError(f'Cannot convert to type "{ENTRY_TYPE}".')


def entry_identity(value: Any) -> str | None:
    """The distinguished name of the object that an entry belongs to."""
    found = getattr(value, "distinguished_name", None) or property_of(
        property_of(value, "Identity"), "DistinguishedName"
    )
    return None if found is None else text_of(found)
