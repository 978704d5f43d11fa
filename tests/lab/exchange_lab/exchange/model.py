# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's Exchange organisation as data; cmdlets change it, the transport reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Principal:
    """An account or group: its name as this server's language writes it and its security identifier."""

    name: str
    sid: str


@dataclass(frozen=True)
class AccessControlEntry:
    """One entry of a connector's access control list: an extended right (or a plain one) allowed or denied.

    ``source`` is the permission group that brought it, or "" for an explicit grant. ``inheritance`` is the
    InheritanceType of the *-ADPermission cmdlets.
    """

    principal: Principal
    right: str
    deny: bool = False
    inherited: bool = False
    extended: bool = True
    source: str = ""
    inheritance: str = "All"

    @property
    def key(self) -> tuple[str, str, bool]:
        """What makes two entries the same one: account, right, allow or deny."""
        return self.principal.sid, self.right.lower(), self.deny


class DirectoryObject(Protocol):
    """A directory object with a name, a GUID and attributes."""

    @property
    def name(self) -> str: ...
    @property
    def guid(self) -> str: ...
    @property
    def properties(self) -> dict[str, Any]: ...
    @property
    def created(self) -> datetime: ...
    @property
    def changed(self) -> datetime: ...


@dataclass
class ReceiveConnector:
    """A receive connector: ``properties`` under Exchange's own names, values in the lab's own Python types.

    Bindings are ``(address text, port)`` tuples, RemoteIPRanges ``IPRange`` of ranges.py, flags frozensets of names,
    timespans ``timedelta``, sizes bytes as int, Unlimited the string "Unlimited". PermissionGroups is not among them:
    Exchange derives it from the access control list (acl.py, ``permission_groups``).
    """

    name: str
    server: str
    guid: str
    properties: dict[str, Any]
    acl: list[AccessControlEntry] = field(default_factory=list)
    created: datetime = field(default_factory=_now)
    changed: datetime = field(default_factory=_now)


@dataclass
class SendConnector:
    """A send connector; ``properties`` as for receive connectors. It belongs to the organisation, not to a server."""

    name: str
    guid: str
    properties: dict[str, Any]
    acl: list[AccessControlEntry] = field(default_factory=list)
    created: datetime = field(default_factory=_now)
    changed: datetime = field(default_factory=_now)


@dataclass(frozen=True)
class ExchangeServer:
    """A server of the organisation."""

    name: str
    fqdn: str
    guid: str


@dataclass(frozen=True)
class AcceptedDomain:
    """A domain the organisation accepts mail for: ``example.com``, ``*.example.com`` or ``*``."""

    name: str
    domain: str
    kind: str = "Authoritative"
    default: bool = False

    def covers(self, domain: str) -> bool:
        """Whether mail for this domain name is accepted; ``*.example.com`` covers example.com too."""
        wanted, own = domain.lower().rstrip("."), self.domain.lower()
        if own == "*":
            return True
        if own.startswith("*."):
            return wanted == own[2:] or wanted.endswith(own[1:])
        return wanted == own


@dataclass
class Mailbox:
    """A recipient inside: resolves an authenticated sender to a display name."""

    address: str
    display_name: str


@dataclass(frozen=True)
class LoggedEvent:
    """An entry of a Windows event log, such as event 6 of MSExchange CmdletLogs."""

    log: str
    source: str
    event_id: int
    level: str
    text: str
    details: Mapping[str, str] = field(default_factory=dict)
