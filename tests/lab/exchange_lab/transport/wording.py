# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the transport says, by version of Exchange.

Texts with a public source: allow-anonymous-relay and "NDRs and SMTP errors" (Exchange documentation), Microsoft Q&A
305565, 308173, 407670 and 1193037. The others are the customary ones; no test of a plugin may rest on them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

SENDER_OK = "250 2.1.0 Sender OK"
RECIPIENT_OK = "250 2.1.5 Recipient OK"
START_INPUT = "354 Start mail input; end with <CRLF>.<CRLF>"
CLOSING = "221 2.0.0 Service closing transmission channel"
TLS_READY = "220 2.0.0 SMTP server ready"
UNAVAILABLE = "421 4.3.2 Service not available"
TOO_BIG = "552 5.3.4 Message size exceeds fixed maximum message size"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
RATE_EXCEEDED = "421 4.4.2 Message submission rate for this client has exceeded the configured limit"
TLS_REQUIRED = "451 5.7.3 STARTTLS is required to send mail"
HELLO_FIRST = "503 5.5.2 Send hello first"
MAIL_FIRST = "503 5.5.2 Need mail command"
RECIPIENT_FIRST = "503 5.5.2 Need rcpt command"
SENDER_SPECIFIED = "503 5.5.2 Sender already specified"
BAD_SENDER = "501 5.1.7 Invalid address"
BAD_RECIPIENT = "501 5.1.3 Invalid address"
BAD_ARGUMENTS = "501 5.5.4 Invalid arguments"
BAD_HELLO = "501 5.5.4 Invalid domain name"
UNKNOWN_COMMAND = "500 5.3.3 Unrecognized command"
TOO_MANY_ERRORS = "421 4.7.0 Too many errors on this connection, closing transmission channel"
TIMED_OUT = "421 4.4.1 Connection timed out"
HOPS_EXCEEDED = "554 5.4.6 Hop count exceeded - possible mail loop"
BAD_LOGON = "535 5.7.3 Authentication unsuccessful"
GOOD_LOGON = "235 2.7.0 Authentication successful"
UNKNOWN_LOGON = "504 5.7.4 Unrecognized authentication type"
BARE_LINEFEED = "550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds"


@dataclass(frozen=True)
class Wording:
    """The refusals that differ between versions; ``classic`` is 2007 and 2010, with one transport service."""

    classic: bool
    no_relay: str
    not_authenticated: str
    not_own_sender: str
    per_source_limit: str
    total_limit: str
    anonymous_sender: str = "550 5.7.1 Anonymous client does not have permissions to send as this sender"


_CONCURRENT = (
    "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel"
)
CLASSIC = Wording(
    classic=True,
    no_relay="550 5.7.1 Unable to relay",
    not_authenticated="530 5.7.1 Client was not authenticated",
    not_own_sender="550 5.7.1 Client does not have permissions to send as this sender",
    per_source_limit=_CONCURRENT,
    total_limit=_CONCURRENT,
)
MODERN = Wording(
    classic=False,
    no_relay="550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
    not_authenticated="530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
    not_own_sender="550 5.7.60 SMTP; Client does not have permissions to send as this sender",
    per_source_limit="421 4.3.2 The maximum number of concurrent server connections has exceeded a per-source limit,"
    " closing transmission channel",
    total_limit="421 4.3.2 The maximum number of concurrent server connections has exceeded a limit,"
    " closing transmission channel",
)


def wording(version: str, anonymous_refusal: str = "5.7.57") -> Wording:
    """Return the refusals of a version; ``anonymous_refusal`` is the code for a client without ms-Exch-SMTP-Submit."""
    if version in ("2007", "2010"):
        return CLASSIC
    return MODERN if anonymous_refusal == "5.7.57" else replace(MODERN, not_authenticated=CLASSIC.not_authenticated)
