# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP session as the receive log tells it. Private to the relayops.exchange collection.

What was said is kept as one byte for each line, and understood when the session is over. Sessions are much alike, so
that most have been understood before.

Replies belong to commands in their order (RFC 2920, pipelining): Exchange logs several commands before their replies.
Where lines are missing, a reply that says what it answers (RFC 3463: 2.1.0, 2.1.5, 2.6.0) puts the order right again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import List, NamedTuple, Tuple

from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import Usage

# commands; UNKNOWN is none where the client's side of an authentication is meant
OTHER, MAIL, INSIDE, OUTSIDE, DATA, CHUNK, LAST_CHUNK, TLS, AUTH, PROXY, UNKNOWN = range(1, 12)
# replies: of the 200s by what they say that they answer, and refusals
SENDER_TAKEN, RECIPIENT_TAKEN, CONTENT_TAKEN, QUEUED, TAKEN, REFUSED = range(12, 18)
_CONTENT = (DATA, CHUNK, LAST_CHUNK)
_ANSWERED = {SENDER_TAKEN: (MAIL,), RECIPIENT_TAKEN: (INSIDE, OUTSIDE), CONTENT_TAKEN: _CONTENT, QUEUED: _CONTENT}
_LONGEST_REMEMBERED = 200
_MOST_WAITING = 2_000
_NO_VERSION = "unknown"


class Outcome(NamedTuple):
    """What a part of a session comes to; ``waiting`` are the commands that have no reply yet."""

    messages: int
    inside: int
    outside: int
    refused_outside: int
    tls: bool
    authenticated: bool
    proxied: bool
    waiting: bytes


def understood(said: bytes) -> Outcome:
    """Return what commands and replies come to."""
    waiting: List[int] = []
    answered = [0] * (UNKNOWN + 1)
    refused = 0
    for word in said:
        if word < UNKNOWN:
            waiting.append(word)
        elif word == UNKNOWN:
            if waiting[:1] != [AUTH]:
                waiting.append(OTHER)
        elif word == REFUSED:
            refused += bool(waiting) and waiting.pop(0) == OUTSIDE
        else:
            kind = _answered(waiting, word)
            answered[kind] += 1
            if kind == TLS:
                waiting.clear()
    return Outcome(
        answered[DATA] + answered[LAST_CHUNK],
        answered[INSIDE],
        answered[OUTSIDE],
        refused,
        bool(answered[TLS]),
        bool(answered[AUTH]),
        PROXY in said,
        bytes(waiting[-_MOST_WAITING:]),
    )


_remembered = lru_cache(maxsize=4096)(understood)


def _answered(waiting: List[int], reply: int) -> int:
    """Take the command that a reply of the 200s answers; return its kind, OTHER where there is none.

    That is the first that waits; where lines are missing, those before the first that it can mean are dropped.
    A reply need not say what it answers; EnhancedStatusCodesEnabled may be off.
    """
    if reply == TAKEN:
        return waiting.pop(0) if waiting else OTHER
    kinds = _ANSWERED[reply]
    kind = waiting.pop(0) if waiting else OTHER
    if kind in kinds:
        return kind
    for place, later in enumerate(waiting):
        if later in kinds:
            del waiting[: place + 1]
            return later
    # the line with DATA is missing
    return DATA if reply == QUEUED else OTHER


class Session(bytearray):
    """One session, with what was said since it was settled last."""

    __slots__ = ("authenticated", "last", "proxied", "secured", "tls", "usage")

    def __init__(self, usage: Usage, stamp: bytes) -> None:
        """Begin it at a time, as it stands in the log."""
        self.usage, self.last, self.tls = usage, stamp, ""
        self.secured = self.authenticated = self.proxied = False

    def settle(self) -> None:
        """Count what was said."""
        said = bytes(self)
        told = _remembered(said) if len(said) < _LONGEST_REMEMBERED else understood(said)
        messages, inside, outside, refused_outside, secured, authenticated, proxied, waiting = told
        usage = self.usage
        if messages:
            usage.messages += messages
            usage.connector.count(self.last, 1, messages)
        usage.inside += inside
        usage.outside += outside
        usage.refused_outside += refused_outside
        self.secured = self.secured or secured
        self.authenticated = self.authenticated or authenticated
        self.proxied = self.proxied or proxied
        self[:] = waiting

    def end(self) -> None:
        """Add the whole session to the client's row."""
        self.settle()
        usage = self.usage
        last = self.last
        # a time that is none could only be later than all others; the whole form is checked at the beginning
        if last > usage.last and last[-1:] == b"Z" and last[4:5] == b"-":
            usage.last = last
        if self.secured or self.tls:
            version = self.tls or _NO_VERSION
            usage.tls[version] = usage.tls.get(version, 0) + 1
        if self.authenticated:
            usage.authenticated += 1
        if self.proxied:
            usage.proxied += 1
