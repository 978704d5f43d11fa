# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connector's access control list: who holds which extended right, and whether a permission group brought it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import (
    ANONYMOUS,
    ANY_SENDER,
    AUTHENTICATED,
    AUTHENTICATION_FLAG,
    EXCHANGE_SERVERS,
    EXTERNALLY_SECURED,
    GROUP_RIGHTS,
    LEGACY,
    PARTNERS,
    SERVERS,
    canonical,
)

ANONYMOUS_SID = "S-1-5-7"
ANONYMOUS_LOGON = "NT AUTHORITY\\ANONYMOUS LOGON"
# Well-known accounts in the languages whose spelling is public; any other is learnt from a connector's own entries.
_WELL_KNOWN = {
    "s-1-5-7": ANONYMOUS,
    "nt authority\\anonymous logon": ANONYMOUS,
    "nt-autorität\\anonymous-anmeldung": ANONYMOUS,
    "autorite nt\\anonymous logon": ANONYMOUS,
    "s-1-5-11": AUTHENTICATED,
    "nt authority\\authenticated users": AUTHENTICATED,
    "nt-autorität\\authentifizierte benutzer": AUTHENTICATED,
    "autorite nt\\utilisateurs authentifiés": AUTHENTICATED,
}
_IN_ANY_DOMAIN = {EXCHANGE_SERVERS, LEGACY}
_OF_MS_EXCHANGE = {*SERVERS[1:], EXTERNALLY_SECURED, PARTNERS}


@dataclass(frozen=True, order=True)
class Entry:
    """One access control entry of an extended right, under the account name that Exchange gave."""

    user: str
    right: str
    deny: bool = False
    inherited: bool = False

    @property
    def access(self) -> str:
        """``allow`` or ``deny``, as the option says it."""
        return "deny" if self.deny else "allow"

    @classmethod
    def from_object(cls, item: WireObject) -> list[Entry]:
        """The entries of one ADAcePresentationObject, none for an entry that holds no extended right."""
        rights = item.properties.get("ExtendedRights")
        names = [rights] if isinstance(rights, str) else rights if isinstance(rights, list) else []
        user = str(item.properties.get("User") or "")
        deny, inherited = (_true(item.properties.get(name)) for name in ("Deny", "IsInherited"))
        return [cls(user, canonical(str(name)), deny, inherited) for name in names if name]

    @classmethod
    def from_objects(cls, items: Iterable[WireObject]) -> list[Entry]:
        """All entries of a Get-ADPermission, sorted: Exchange's own order differs from server to server."""
        return sorted({entry for item in items for entry in cls.from_object(item)})


def _true(value: Plain) -> bool:
    return value is True or str(value).strip().lower() == "true"


@dataclass(frozen=True)
class Principals:
    """Account names of one organisation, as far as its connectors' entries gave them away.

    ``anonymous`` and ``authenticated`` are the names that this server's language has for these accounts, or "".
    """

    anonymous: str = ""
    authenticated: str = ""

    @classmethod
    def learn(cls, lists: Iterable[tuple[Iterable[str], Iterable[Entry]]]) -> Principals:
        """Learn from (permission groups, entries) of connectors: who holds just what a group grants to an account."""
        found = {ANONYMOUS: "", AUTHENTICATED: ""}
        for groups, entries in lists:
            present = set(groups)
            own = [entry for entry in entries if not entry.inherited and not entry.deny]
            for key, group in ((ANONYMOUS, "AnonymousUsers"), (AUTHENTICATED, "ExchangeUsers")):
                if not found[key]:
                    found[key] = _named(key, own) or (_holder(key, group, own) if group in present else "")
            if all(found.values()):
                break
        return cls(found[ANONYMOUS], found[AUTHENTICATED])

    def key(self, user: str) -> str:
        """The principal behind an account name, whatever the language: one of rights.py, or the name in lower case."""
        lower = user.strip().lower()
        if lower == ANONYMOUS or (self.anonymous and lower == self.anonymous.lower()):
            return ANONYMOUS
        if self.authenticated and lower == self.authenticated.lower():
            return AUTHENTICATED
        return _key(lower)

    def same(self, one: str, other: str) -> bool:
        """Whether two account names mean one principal."""
        return self.key(one) == self.key(other)

    def account(self, user: str) -> str:
        """What ``-User`` takes: the anonymous logon by the name learnt, or else by its SID; others as they are."""
        return (self.anonymous or ANONYMOUS_SID) if self.key(user) == ANONYMOUS else user

    def granted_by(self, entry: Entry, groups: Iterable[str]) -> str:
        """The permission group among ``groups`` that brings this entry, or "" for an explicit or inherited one."""
        if entry.deny or entry.inherited:
            return ""
        key = self.key(entry.user)
        return next((group for group in groups if entry.right in GROUP_RIGHTS.get(group, {}).get(key, ())), "")

    def explicit(self, entries: Iterable[Entry], groups: Iterable[str]) -> list[Entry]:
        """The entries that somebody made: neither inherited nor brought by a permission group."""
        present = list(groups)
        return [entry for entry in entries if not entry.inherited and not self.granted_by(entry, present)]


def _key(lower: str) -> str:
    domain, _separator, name = lower.rpartition("\\")
    if name in _IN_ANY_DOMAIN or (domain == "ms exchange" and name in _OF_MS_EXCHANGE):
        return name
    return _WELL_KNOWN.get(lower, lower)


def _named(key: str, entries: Iterable[Entry]) -> str:
    return next((entry.user for entry in entries if _key(entry.user.lower()) == key and "\\" in entry.user), "")


def _holder(key: str, group: str, entries: list[Entry]) -> str:
    """The one account that holds the group's rights and is no other principal; "" where there is not exactly one."""
    rights: dict[str, set[str]] = {}
    for entry in entries:
        rights.setdefault(entry.user, set()).add(entry.right)
    # What the accounts of other groups hold besides: servers the first, the anonymous logon the second.
    beyond = {AUTHENTICATION_FLAG} if key == ANONYMOUS else {AUTHENTICATION_FLAG, ANY_SENDER}
    holders = [
        user
        for user, held in rights.items()
        if GROUP_RIGHTS[group][key] <= held and not held & beyond and _key(user.lower()) == user.lower()
    ]
    return holders[0] if len(holders) == 1 else ""
