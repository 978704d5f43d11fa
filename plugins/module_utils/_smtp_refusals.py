# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange's known refusals and what usually causes them. Private to the relayops.exchange collection.

Texts: allow-anonymous-relay, message-rate-limits and the tables of NDRs in Exchange's documentation; Microsoft Q&A
305565, 308173, 407670 and 1193037.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import Reply


@dataclass(frozen=True)
class Refusal:
    """A refusal by name; ``pattern`` matches the reply's text, ``codes`` holds its possible reply codes."""

    name: str
    codes: tuple[int, ...]
    pattern: str
    cause: str
    remedy: str


# The first that matches counts, so the more telling ones come first.
REFUSALS = (
    Refusal(
        "unable_to_relay",
        (550, 554),
        r"5\.7\.54\b|unable to relay|relay(?:ing)? (?:access )?(?:denied|not (?:permitted|allowed))",
        "The recipient is in no accepted domain, and the connector that served this client gives it no right to relay.",
        "If it is meant to relay, put its address into the ranges of a connector that grants"
        " ms-Exch-SMTP-Accept-Any-Recipient, and check with connector_for which connector serves it.",
    ),
    Refusal(
        "not_authenticated",
        (530,),
        r"5\.7\.57\b|not authenticated|5\.7\.1\b.*authenticat",
        "The connector that served this client does not let anonymous clients submit mail.",
        "Check that the connector has the permission group AnonymousUsers, and that the client reaches the connector"
        " that is meant.",
    ),
    Refusal(
        "tls_required",
        (451, 530, 554),
        r"starttls",
        "The connector requires TLS.",
        "Set starttls, or take RequireTLS off the connector.",
    ),
    Refusal(
        "sender_not_permitted",
        (550,),
        r"5\.7\.60\b|permissions to send as this sender",
        "The client has not the right to send as this sender.",
        "Use a sender that the account owns, or check ms-Exch-SMTP-Accept-Any-Sender and"
        " ms-Exch-SMTP-Accept-Authoritative-Domain-Sender on the connector.",
    ),
    Refusal(
        "per_source_limit",
        (421, 452),
        r"per-source limit",
        "The client has as many connections open as the connector allows one source (MaxInboundConnectionPerSource,"
        " MaxInboundConnectionPercentagePerSource).",
        "Try again later, or raise the limits of the connector.",
    ),
    Refusal(
        "connection_limit",
        (421, 452),
        r"concurrent (?:server )?connections has exceeded",
        "The connector has as many connections as it allows (MaxInboundConnection, or a limit per source in 2010).",
        "Try again later, or raise the limits of the connector.",
    ),
    Refusal(
        "rate_limit",
        (421, 450, 452),
        r"submission rate",
        "The client sends more messages a minute than the connector allows (MessageRateLimit).",
        "Try again later, or raise the limit of the connector.",
    ),
    Refusal(
        "exchange_authentication",
        (550, 530, 454, 451),
        r"5\.7\.3\b.*exchange server authentication|cannot achieve exchange server authentication",
        "The client is an Exchange server that a connector without Exchange Server authentication serves.",
        "Take the addresses of Exchange servers out of the connector's remote ranges.",
    ),
    Refusal(
        "message_too_big",
        (552, 550),
        r"exceeds (?:fixed )?maximum message size",
        "The message is larger than the connector allows (MaxMessageSize).",
        "Raise the limit of the connector.",
    ),
    Refusal(
        "too_many_errors",
        (421,),
        r"too many errors",
        "The client made more protocol errors in one session than the connector allows (MaxProtocolErrors).",
        "Ask for fewer recipients in one probe, or raise the limit of the connector.",
    ),
    Refusal(
        "transport_inactive",
        (421, 451, 454),
        r"4\.3\.2\b|service not available|not accepting network messages",
        "The transport service is inactive, or connectors of both transport roles are bound to this port.",
        "Check the state of the transport services and of the server's components, and that every connector on this"
        " port has the same transport role.",
    ),
    Refusal(
        "insufficient_resources",
        (421, 451, 452),
        r"4\.3\.1\b|insufficient system resources",
        "The server is short of disk space or memory (back pressure).",
        "Look for back pressure events in the server's log.",
    ),
    Refusal(
        "unknown_recipient",
        (550, 551),
        r"5\.1\.(?:1|10)\b|(?:recipient|user) (?:not found|unknown)",
        "The recipient's domain is accepted but there is no such recipient.",
        "Ask with a recipient that exists.",
    ),
    Refusal(
        "invalid_address",
        (500, 501, 550, 553, 555),
        r"5\.1\.[37]\b|5\.5\.4\b|invalid (?:address|argument)|malformed",
        "The server does not take this text for an address.",
        "Check the address; for an address form of a relay test this is a good answer.",
    ),
    Refusal(
        "blocked",
        (550, 554),
        r"5\.7\.1\b|block ?list|banned|access denied|rejected",
        "A rule of the server turns this client, sender or recipient away.",
        "Look into the server's protocol and agent logs.",
    ),
)


def known_refusal(reply: Reply) -> Refusal | None:
    """Return the refusal that this reply is, or None for an unknown one."""
    text = f"{reply.enhanced} {reply.text}"
    for refusal in REFUSALS:
        if reply.code in refusal.codes and re.search(refusal.pattern, text, re.IGNORECASE):
            return refusal
    return None
