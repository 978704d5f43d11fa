# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a connector lets its clients do, and by which grant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Connector, Estate, Server
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals

EXTERNAL = "ExternalAuthoritative"
ANYONE = "anyone"
USERS = "users"
SERVERS = "Exchange servers"
PARTNERS = "partners"
# The group Everyone holds users, not the anonymous logon ("Let Everyone permissions apply to anonymous users").
EVERYONE = frozenset({"everyone", "jeder", "tout le monde", "s-1-1-0"})

INTERNAL_MAIL = "internal_mail"
RELAY = "relay"
ANY_SENDER = "any_sender"
FOREIGN_SENDER = "foreign_sender"
INTERNAL_IDENTITY = "internal_identity"
BYPASS_ANTI_SPAM = "bypass_anti_spam"
BYPASS_SIZE_LIMIT = "bypass_size_limit"
ORGANIZATION_HEADERS = "organization_headers"
FOREST_HEADERS = "forest_headers"

WORDS: Mapping[str, str] = {
    INTERNAL_MAIL: "write to recipients of the organization",
    RELAY: "relay anywhere",
    ANY_SENDER: "send as anyone",
    FOREIGN_SENDER: "send as anyone outside",
    INTERNAL_IDENTITY: "count as an internal sender",
    BYPASS_ANTI_SPAM: "bypass anti-spam",
    BYPASS_SIZE_LIMIT: "bypass the size limit",
    ORGANIZATION_HEADERS: "send organization headers",
    FOREST_HEADERS: "send forest headers",
}
_BY_RIGHT = {
    rights.SUBMIT: INTERNAL_MAIL,
    rights.RELAY: RELAY,
    rights.AUTHENTICATION_FLAG: INTERNAL_IDENTITY,
    rights.BYPASS_ANTI_SPAM: BYPASS_ANTI_SPAM,
    rights.BYPASS_SIZE_LIMIT: BYPASS_SIZE_LIMIT,
    rights.HEADERS_ORGANIZATION: ORGANIZATION_HEADERS,
    rights.HEADERS_FOREST: FOREST_HEADERS,
}


@dataclass(frozen=True)
class Grant:
    """Why something is allowed.

    ``kind`` is group, entry, inherited, domain (the accepted domain ``*``) or transport (nothing checks it); ``name``
    is the group's, account's or domain's, ``right`` the extended right; ``authentication`` names the mechanism that
    takes a client for the group or account without proof.
    """

    kind: str
    name: str
    right: str = ""
    authentication: str = ""

    def __str__(self) -> str:
        texts = {
            "group": f"permission group {self.name}",
            "entry": f"entry for {self.name}: {self.right}",
            "inherited": f"inherited entry for {self.name}: {self.right}",
            "domain": f"accepted domain {self.name}",
            "transport": self.name,
        }
        return texts[self.kind] + (f", by {self.authentication}" if self.authentication else "")


Capabilities = Mapping[str, Grant]


def access(estate: Estate, server: Server, connector: Connector) -> dict[str, Capabilities]:
    """Return who may do what: ``anyone`` without proof of identity, others by what they prove.

    Who holds ms-Exch-SMTP-Submit not, cannot send at all and is left out.
    """
    found: dict[str, Capabilities] = {}
    for who, keys in _callers(connector, estate.principals).items():
        held = held_rights(connector, estate.principals, keys)
        if rights.SUBMIT in held:
            found[who] = _capabilities(estate, server, connector, who, held)
    return found


def _callers(connector: Connector, principals: Principals) -> dict[str, frozenset[str]]:
    """Return the kinds of callers with the principals that each of them is.

    Under ExternalAuthoritative every client is one of the Externally Secured Servers (Receive connectors).
    """
    first = rights.EXTERNALLY_SECURED if EXTERNAL in connector.auth else rights.ANONYMOUS
    callers = {ANYONE: frozenset({first})}
    if connector.auth & {"Integrated", "BasicAuth"}:
        users = frozenset({rights.AUTHENTICATED, *EVERYONE})
        callers[USERS] = users
        known = {rights.ANONYMOUS, rights.EXTERNALLY_SECURED, rights.LEGACY, rights.PARTNERS, *rights.SERVERS, *users}
        for entry in connector.entries:
            if principals.key(entry.user) not in known and not entry.deny and not entry.inherited:
                callers.setdefault(entry.user, frozenset({principals.key(entry.user), *users}))
    if "ExchangeServer" in connector.auth:
        callers[SERVERS] = frozenset({*rights.SERVERS, rights.LEGACY})
    if "Partners" in connector.groups and "Tls" in connector.auth:
        callers[PARTNERS] = frozenset({rights.PARTNERS})
    return callers


def held_rights(connector: Connector, principals: Principals, keys: frozenset[str]) -> dict[str, Entry]:
    """Return the rights of a caller with the entry that decides.

    The order of Windows decides: own denials, own grants, inherited denials, inherited grants (MS-DTYP 2.5.3).
    """
    decided: dict[str, Entry] = {}
    mine = [entry for entry in connector.entries if principals.key(entry.user) in keys]
    for entry in sorted(mine, key=_order):
        decided.setdefault(entry.right, entry)
    return {right: entry for right, entry in decided.items() if not entry.deny}


def _order(entry: Entry) -> tuple[bool, bool]:
    return entry.inherited, not entry.deny


def _capabilities(
    estate: Estate, server: Server, connector: Connector, who: str, held: Mapping[str, Entry]
) -> Capabilities:
    found: dict[str, Grant] = {
        capability: _grant(connector, estate.principals, held[right], who)
        for right, capability in _BY_RIGHT.items()
        if right in held
    }
    everything = estate.catch_all
    if RELAY not in found and everything is not None:
        found[RELAY] = Grant("domain", everything.name)
    sender = _sender(server, connector, who, held)
    if sender:
        capability, entry = sender
        ignored = "front ends do not check the sender rights of anonymous clients"
        found[capability] = _grant(connector, estate.principals, entry, who) if entry else Grant("transport", ignored)
    return found


def _sender(
    server: Server, connector: Connector, who: str, held: Mapping[str, Entry]
) -> tuple[str, Entry | None] | None:
    anonymous = who == ANYONE
    if anonymous and server.ignores_sender_rights(connector):
        return ANY_SENDER, held.get(rights.ANY_SENDER)
    if rights.ANY_SENDER not in held:
        return None
    own_domains_too = not anonymous or rights.DOMAIN_SENDER in held
    return ANY_SENDER if own_domains_too else FOREIGN_SENDER, held[rights.ANY_SENDER]


def _grant(connector: Connector, principals: Principals, entry: Entry, who: str) -> Grant:
    trusting = EXTERNAL if who == ANYONE and EXTERNAL in connector.auth else ""
    group = principals.granted_by(entry, connector.groups)
    if group:
        return Grant("group", group, entry.right, trusting)
    return Grant("inherited" if entry.inherited else "entry", entry.user, entry.right, trusting)


def relays(access_of: Mapping[str, Capabilities]) -> bool:
    """Whether a client that proves nothing may write to any recipient."""
    return RELAY in access_of.get(ANYONE, {})


def in_words(capabilities: Iterable[str]) -> list[str]:
    """Return capabilities as people read them, in the order of the table."""
    present = set(capabilities)
    return [words for name, words in WORDS.items() if name in present]
