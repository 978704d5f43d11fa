# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permission groups and access control lists ("Receive connectors", permission groups and permissions)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exchange_lab.exchange.model import AccessControlEntry
from exchange_lab.exchange.principals import Principals
from exchange_lab.exchange.versions import Profile, Version
from exchange_lab.switches import Switches

_SUBMIT = "ms-Exch-SMTP-Submit"
_ANY_RECIPIENT = "ms-Exch-SMTP-Accept-Any-Recipient"
_ANY_SENDER = "ms-Exch-SMTP-Accept-Any-Sender"
_DOMAIN_SENDER = "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"
_AUTHENTICATION_FLAG = "ms-Exch-SMTP-Accept-Authentication-Flag"
_EXCH50 = "ms-Exch-SMTP-Accept-Exch50"
_ROUTING = "ms-Exch-Accept-Headers-Routing"
_ORGANIZATION = "ms-Exch-Accept-Headers-Organization"
_FOREST = "ms-Exch-Accept-Headers-Forest"
_NO_SPAM_FILTER = "ms-Exch-Bypass-Anti-Spam"
_NO_SIZE_LIMIT = "ms-Exch-Bypass-Message-Size-Limit"

_INTERNAL = (
    "ms-Exch-SMTP-Accept-Xattr",
    "ms-Exch-SMTP-Accept-XProxyFrom",
    "ms-Exch-SMTP-Accept-XSessionParams",
    "ms-Exch-SMTP-Accept-XShadow",
    "ms-Exch-SMTP-Accept-XSysProbe",
    "ms-Exch-SMTP-Send-XMessageContext-ADRecipientCache",
    "ms-Exch-SMTP-Send-XMessageContext-ExtendedProperties",
    "ms-Exch-SMTP-Send-XMessageContext-FastIndex",
)
_SEND = ("ms-Exch-Send-Headers-Routing", "ms-Exch-Send-Headers-Organization", "ms-Exch-Send-Headers-Forest")
_LEGACY = (
    _ROUTING,
    _NO_SPAM_FILTER,
    _NO_SIZE_LIMIT,
    _ANY_RECIPIENT,
    _ANY_SENDER,
    _AUTHENTICATION_FLAG,
    _DOMAIN_SENDER,
    _EXCH50,
    _SUBMIT,
)
# "Active Directory schema changes": which release added an extended right to the directory
_ADDED = {"ms-Exch-SMTP-Accept-XShadow": Version.E2010, "ms-Exch-SMTP-Accept-XProxyFrom": Version.E2013}
_SERVER = (_FOREST, _ORGANIZATION, *_LEGACY)

RIGHTS = (*_SERVER, *_INTERNAL, *_SEND)
OTHER_RIGHTS = ("Send-As", "Receive-As", "ms-Exch-Store-Admin", "User-Force-Change-Password")

# permission group → the account's English name → rights
GRANTS: dict[str, dict[str, tuple[str, ...]]] = {
    "AnonymousUsers": {"NT AUTHORITY\\ANONYMOUS LOGON": (_ROUTING, _ANY_SENDER, _DOMAIN_SENDER, _SUBMIT)},
    "ExchangeUsers": {
        "NT AUTHORITY\\Authenticated Users": (_ROUTING, _NO_SPAM_FILTER, _ANY_RECIPIENT, _SUBMIT),
    },
    "ExchangeServers": {
        "{domain}\\Exchange Servers": _SERVER,
        "MS Exchange\\Edge Transport Servers": _SERVER,
        "MS Exchange\\Hub Transport Servers": _SERVER,
        "MS Exchange\\Externally Secured Servers": _LEGACY,
    },
    "ExchangeLegacyServers": {"{domain}\\ExchangeLegacyInterop": _LEGACY},
    "Partners": {"MS Exchange\\Partner Servers": (_ROUTING, _SUBMIT)},
}

# what a connector inherits from the organisation's container ("Exchange deployment permissions reference")
_INHERITED: tuple[tuple[str, str, bool, bool], ...] = (
    ("{domain}\\Domain Admins", "Receive-As", True, True),
    ("{domain}\\Domain Admins", "Send-As", True, True),
    ("{domain}\\Enterprise Admins", "Receive-As", True, True),
    ("{domain}\\Enterprise Admins", "Send-As", True, True),
    ("{domain}\\Organization Management", "Receive-As", True, True),
    ("{domain}\\Organization Management", "Send-As", True, True),
    ("{domain}\\Organization Management", "GenericAll", False, False),
    ("{domain}\\Exchange Trusted Subsystem", "GenericAll", False, False),
    ("{domain}\\Exchange Servers", "GenericRead", False, False),
    ("{domain}\\Exchange Servers", "ms-Exch-Store-Admin", False, True),
    ("NT AUTHORITY\\Authenticated Users", "ReadProperty", False, False),
    ("NT AUTHORITY\\SYSTEM", "GenericAll", False, False),
)


class Permissions:
    """The permission groups of one organisation, with its accounts and its version."""

    def __init__(self, principals: Principals, profile: Profile, switches: Switches) -> None:
        self._principals = principals
        self._profile = profile
        self._switches = switches
        keys = {group: frozenset(entry.key for entry in self.granted([group])) for group in GRANTS}
        self._keys = {group: needed for group, needed in keys.items() if needed}

    def inherited(self) -> list[AccessControlEntry]:
        """Entries that every connector inherits."""
        return [
            AccessControlEntry(self._principals.named(account), right, deny, inherited=True, extended=extended)
            for account, right, deny, extended in _INHERITED
            if self._has(account)
        ]

    def granted(self, groups: Iterable[str]) -> list[AccessControlEntry]:
        """The entries that permission groups bring."""
        return [
            AccessControlEntry(self._principals.named(account), right, source=group)
            for group in groups
            for account, rights in GRANTS[group].items()
            if self._has(account)
            for right in self._with_internal(account, rights)
        ]

    def knows(self, right: str) -> bool:
        """Whether the directory's schema holds the right."""
        return self._profile.version >= _ADDED.get(right, self._profile.version)

    def _has(self, account: str) -> bool:
        """An Edge Transport server belongs to no domain."""
        return not (self._profile.edge and account.startswith("{domain}"))

    def _with_internal(self, account: str, rights: tuple[str, ...]) -> tuple[str, ...]:
        internal = rights is _SERVER and self._profile.version >= Version.E2013
        return rights + _INTERNAL if internal else rights

    def with_groups(self, acl: Sequence[AccessControlEntry], groups: Iterable[str]) -> list[AccessControlEntry]:
        """The list after the connector's permission groups have been set to exactly these."""
        granted = self.granted(sorted(groups, key=list(GRANTS).index))
        keys = {entry.key for entry in granted}
        keep = self._switches.set_groups == "keep"
        kept = [entry for entry in acl if entry.inherited or (keep and not entry.source and entry.key not in keys)]
        return granted + kept

    def groups(self, acl: Iterable[AccessControlEntry]) -> frozenset[str]:
        """PermissionGroups as Exchange derives it: each group all of whose entries are there, Custom for the rest."""
        own = [entry for entry in acl if not entry.inherited]
        keys = {entry.key for entry in own}
        whole = {group for group, needed in self._keys.items() if needed <= keys}
        covered = frozenset().union(*(self._keys[group] for group in whole))
        found = set(whole)
        if keys - covered:
            found.add("Custom")
        if self._switches.partial_group == "group":
            found |= {entry.source for entry in own if entry.source}
        return frozenset(found)
