# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a session is and what a connector's access control list lets it do, right by right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exchange_lab.exchange.model import AccessControlEntry

ANONYMOUS_LOGON = "S-1-5-7"
AUTHENTICATED_USERS = "S-1-5-11"
EVERYONE = "S-1-1-0"
EXTERNALLY_SECURED = "externally secured servers"

SUBMIT = "ms-exch-smtp-submit"
ANY_RECIPIENT = "ms-exch-smtp-accept-any-recipient"
ANY_SENDER = "ms-exch-smtp-accept-any-sender"
AUTHORITATIVE_SENDER = "ms-exch-smtp-accept-authoritative-domain-sender"
AUTHENTICATION_FLAG = "ms-exch-smtp-accept-authentication-flag"
BYPASS_ANTI_SPAM = "ms-exch-bypass-anti-spam"
BYPASS_SIZE = "ms-exch-bypass-message-size-limit"
HEADERS_ROUTING = "ms-exch-accept-headers-routing"
HEADERS_ORGANIZATION = "ms-exch-accept-headers-organization"
HEADERS_FOREST = "ms-exch-accept-headers-forest"


@dataclass(frozen=True)
class Account:
    """A user who can log on by AUTH: the own address and, besides the well-known groups, SIDs and group names."""

    name: str
    address: str
    sids: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Identity:
    """``kind`` is anonymous, secured or user; an entry applies by SID or by the name after the backslash."""

    kind: str
    sids: frozenset[str]
    names: frozenset[str] = frozenset()
    address: str = ""

    def matches(self, entry: AccessControlEntry) -> bool:
        """Whether this entry is about us."""
        if entry.principal.sid and entry.principal.sid in self.sids:
            return True
        return entry.principal.name.rpartition("\\")[2].casefold() in self.names


# Everyone leaves the anonymous logon out (Windows, "Let Everyone permissions apply to anonymous users": disabled)
ANONYMOUS = Identity("anonymous", frozenset({ANONYMOUS_LOGON}))
SECURED = Identity("secured", frozenset(), frozenset({EXTERNALLY_SECURED}))


def user_identity(account: Account) -> Identity:
    """Return the identity of a user after a successful AUTH."""
    names = frozenset(name.rpartition("\\")[2].casefold() for name in {account.name, *account.groups})
    return Identity("user", account.sids | {AUTHENTICATED_USERS, EVERYONE}, names, account.address.lower())


def granted_rights(acl: Iterable[AccessControlEntry], identity: Identity) -> frozenset[str]:
    """Return the extended rights, in lower case, that the list gives.

    Windows reads a list in canonical order, and the first entry that speaks about a right decides: explicit deny,
    explicit allow, inherited deny, inherited allow (MS-DTYP 2.5.3, Order of ACEs in a DACL).
    """
    ranked = sorted((entry for entry in acl if entry.extended and identity.matches(entry)), key=_rank)
    verdicts: dict[str, bool] = {}
    for entry in ranked:
        verdicts.setdefault(entry.right.lower(), not entry.deny)
    return frozenset(right for right, allowed in verdicts.items() if allowed)


def _rank(entry: AccessControlEntry) -> int:
    return 2 * entry.inherited + (not entry.deny)
