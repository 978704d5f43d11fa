# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's Exchange organisation as data; cmdlets change it, the transport reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Principal:
    """An account or group: its name as this server's language writes it and its security identifier."""

    name: str
    sid: str


@dataclass(frozen=True)
class AccessControlEntry:
    """One entry of a connector's access control list: an extended right (or a plain one) allowed or denied.

    ``source`` is the permission group that brought it, or "" for an explicit grant.
    """

    principal: Principal
    right: str
    deny: bool = False
    inherited: bool = False
    extended: bool = True
    source: str = ""


@dataclass
class ReceiveConnector:
    """A receive connector: ``properties`` under Exchange's own names, values in the lab's own Python types.

    Bindings are ``(address text, port)`` tuples, RemoteIPRanges ``IPRange`` of ranges.py, flags frozensets of names,
    timespans ``timedelta``, sizes bytes as int, Unlimited the string "Unlimited".
    """

    name: str
    server: str
    guid: str
    properties: dict[str, Any]
    acl: list[AccessControlEntry] = field(default_factory=list)


@dataclass(frozen=True)
class AcceptedDomain:
    """A domain the organisation accepts mail for: ``contoso.com``, ``*.contoso.com`` or ``*``."""

    name: str
    domain: str
    kind: str = "Authoritative"
    default: bool = False


@dataclass
class Mailbox:
    """A recipient inside: resolves an authenticated sender to a display name."""

    address: str
    display_name: str
