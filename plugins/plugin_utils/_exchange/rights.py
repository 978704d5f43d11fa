# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The extended rights of connectors, and which of them each permission group brings (Receive connectors, tables of
permission groups and of receive connector permissions)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version

Side = Literal["receive", "send", "internal"]


@dataclass(frozen=True)
class Right:
    """An extended right: where it means something, what it lets its holder do, and the release that brought it."""

    name: str
    side: Side
    words: str
    since: Version = Version.EXCHANGE_2007


RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"
SUBMIT = "ms-Exch-SMTP-Submit"
ANY_SENDER = "ms-Exch-SMTP-Accept-Any-Sender"
DOMAIN_SENDER = "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"
AUTHENTICATION_FLAG = "ms-Exch-SMTP-Accept-Authentication-Flag"
EXCH50 = "ms-Exch-SMTP-Accept-Exch50"
HEADERS_ROUTING = "ms-Exch-Accept-Headers-Routing"
HEADERS_ORGANIZATION = "ms-Exch-Accept-Headers-Organization"
HEADERS_FOREST = "ms-Exch-Accept-Headers-Forest"
BYPASS_ANTI_SPAM = "ms-Exch-Bypass-Anti-Spam"
BYPASS_SIZE_LIMIT = "ms-Exch-Bypass-Message-Size-Limit"

_RECEIVE = {
    SUBMIT: "hand in messages",
    RELAY: "relay to any recipient",
    ANY_SENDER: "use any sender address",
    DOMAIN_SENDER: "use a sender address of an accepted domain",
    AUTHENTICATION_FLAG: "have messages treated as authenticated",
    EXCH50: "hand in XEXCH50 data",
    HEADERS_ROUTING: "keep Received and Resent headers",
    HEADERS_ORGANIZATION: "keep X-MS-Exchange-Organization headers",
    HEADERS_FOREST: "keep X-MS-Exchange-Forest headers",
    BYPASS_ANTI_SPAM: "bypass anti-spam",
    BYPASS_SIZE_LIMIT: "bypass the message size limit",
}
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
# Shadow redundancy is new in Exchange 2010; "Active Directory schema changes in Exchange 2013", extended rights. When
# the others came has no public source: Exchange itself refuses those that its directory does not hold.
_SINCE = {
    "ms-Exch-SMTP-Accept-XShadow": Version.EXCHANGE_2010,
    "ms-Exch-SMTP-Accept-XProxyFrom": Version.EXCHANGE_2013,
}
_EXTENSION = "speak a protocol extension between Exchange servers"
_SEND = {
    "ms-Exch-Send-Headers-Routing": "be sent Received and Resent headers",
    "ms-Exch-Send-Headers-Organization": "be sent X-MS-Exchange-Organization headers",
    "ms-Exch-Send-Headers-Forest": "be sent X-MS-Exchange-Forest headers",
}

RIGHTS: Mapping[str, Right] = {
    right.name: right
    for right in (
        *(Right(name, "receive", words) for name, words in _RECEIVE.items()),
        *(Right(name, "internal", _EXTENSION, _SINCE.get(name, Version.EXCHANGE_2007)) for name in _INTERNAL),
        *(Right(name, "send", words) for name, words in _SEND.items()),
    )
}
# The Exchange 2013 edition of the documentation leaves out SMTP in this one.
_OTHER_SPELLINGS = {"ms-exch-accept-exch50": EXCH50}
_BY_LOWER = {name.lower(): name for name in RIGHTS} | _OTHER_SPELLINGS

# Principals by a name of our own: Exchange writes the first two in the server's language and puts the domain's name
# before two others, so an account is mapped to these (see Principals.key).
ANONYMOUS = "anonymous logon"
AUTHENTICATED = "authenticated users"
EXCHANGE_SERVERS = "exchange servers"
EXTERNALLY_SECURED = "externally secured servers"
LEGACY = "exchangelegacyinterop"
PARTNERS = "partner servers"
SERVERS = (EXCHANGE_SERVERS, "edge transport servers", "hub transport servers")

_SECURED = frozenset(_RECEIVE) - {HEADERS_FOREST, HEADERS_ORGANIZATION}
_OF_SERVERS = frozenset(_RECEIVE) | frozenset(_INTERNAL)

GROUP_RIGHTS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "AnonymousUsers": {ANONYMOUS: frozenset({HEADERS_ROUTING, ANY_SENDER, DOMAIN_SENDER, SUBMIT})},
    "ExchangeUsers": {AUTHENTICATED: frozenset({HEADERS_ROUTING, BYPASS_ANTI_SPAM, RELAY, SUBMIT})},
    "ExchangeServers": {**dict.fromkeys(SERVERS, _OF_SERVERS), EXTERNALLY_SECURED: _SECURED},
    "ExchangeLegacyServers": {LEGACY: _SECURED},
    "Partners": {PARTNERS: frozenset({HEADERS_ROUTING, SUBMIT})},
}


def canonical(name: str) -> str:
    """The right's documented spelling; a name that is not known stays as it is."""
    return _BY_LOWER.get(name.strip().lower(), name.strip())


def known(name: str, side: Literal["receive", "send"] = "receive") -> str:
    """The documented spelling of a right that a user asked for; ValueError with the nearest name for any other."""
    right = RIGHTS.get(canonical(name))
    if right is None:
        nearest = _nearest(name)
        advice = f"Did you mean {nearest}?" if nearest else f"Write its whole name, such as {RELAY}."
        raise ValueError(f"{name} is not a right of connectors. {advice}")
    if right.side not in (side, "internal"):
        raise ValueError(f"{right.name} is a right on {right.side} connectors, it means nothing on a {side} connector.")
    return right.name


def check_version(names: Iterable[str], server: ServerFacts) -> None:
    """ValueError for the first right that came with a later release than the server's."""
    for name in sorted(names):
        right = RIGHTS.get(canonical(name))
        if right is not None and server.version < right.since:
            raise ValueError(
                f"{right.name} needs {right.since} or later; {server.name} runs {server.version}. Take it out of "
                "rights for this host"
            )


def _nearest(name: str) -> str:
    wanted = name.strip().lower()
    tails = {lower.removeprefix("ms-exch-").removeprefix("smtp-"): full for lower, full in _BY_LOWER.items()}
    for candidates, text in ((_BY_LOWER, wanted), (tails, wanted.removeprefix("ms-exch-").removeprefix("smtp-"))):
        close = get_close_matches(text, candidates, n=1, cutoff=0.6)
        if close:
            return candidates[close[0]]
    return ""
