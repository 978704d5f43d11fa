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
from typing import List, NamedTuple

from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import Usage

# commands; UNKNOWN is none where the client's side of an authentication is meant
OTHER, MAIL, INSIDE, OUTSIDE, DATA, CHUNK, LAST_CHUNK, TLS, AUTH, UNKNOWN = range(1, 11)
# replies: of the 200s by what they say that they answer, and refusals
SENDER_TAKEN, RECIPIENT_TAKEN, CONTENT_TAKEN, QUEUED, TAKEN, REFUSED = range(11, 17)
# what holds for the whole session; from SECURED on it is under TLS, of the version in VERSIONS
PROXIED, AUTHENTICATED, SECURED = range(17, 20)
VERSIONS = ("unknown", "SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
LAST_WORD = SECURED + len(VERSIONS) - 1
_CONTENT = (DATA, CHUNK, LAST_CHUNK)
_ANSWERED = {SENDER_TAKEN: (MAIL,), RECIPIENT_TAKEN: (INSIDE, OUTSIDE), CONTENT_TAKEN: _CONTENT, QUEUED: _CONTENT}
_LONGEST_REMEMBERED = 200
_MOST_WAITING = 2_000


class Outcome(NamedTuple):
    """What a part of a session comes to; ``tls`` is its version, or "".

    ``rest`` is what to go on from: what holds for the whole session, and the commands that have no reply yet.
    """

    messages: int
    inside: int
    outside: int
    refused_outside: int
    tls: str
    authenticated: bool
    proxied: bool
    rest: bytes


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
        elif word < REFUSED:
            kind = _answered(waiting, word)
            answered[kind] += 1
            if kind == TLS:
                waiting.clear()
    version = max(said, default=0)
    facts = [
        *([PROXIED] if PROXIED in said else []),
        *([AUTHENTICATED] if answered[AUTH] or AUTHENTICATED in said else []),
        *([max(version, SECURED)] if answered[TLS] or version >= SECURED else []),
    ]
    return Outcome(
        answered[DATA] + answered[LAST_CHUNK],
        answered[INSIDE],
        answered[OUTSIDE],
        refused,
        VERSIONS[facts[-1] - SECURED] if facts and facts[-1] >= SECURED else "",
        AUTHENTICATED in facts,
        PROXIED in facts,
        bytes(facts + waiting[-_MOST_WAITING:]),
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
    """One session: a byte for each thing that was said. ``last`` is the time of the last line as the log has it."""

    __slots__ = ("last", "usage")

    usage: Usage
    last: bytes

    def settle(self) -> Outcome:
        """Count what was said; to go on, the session has to be reduced to the ``rest``."""
        said = bytes(self)
        told = _remembered(said) if len(said) < _LONGEST_REMEMBERED else understood(said)
        messages, inside, outside, refused_outside, _tls, _authenticated, _proxied, _rest = told
        usage = self.usage
        if messages:
            usage.messages += messages
            usage.connector.count(self.last, 1, messages)
        usage.inside += inside
        usage.outside += outside
        usage.refused_outside += refused_outside
        return told

    def end(self) -> None:
        """Add the whole session to the client's row."""
        told = self.settle()
        usage, last = self.usage, self.last
        # a time that is none could only be later than all others; the whole form is checked at the beginning
        if last > usage.last and last[-1:] == b"Z" and last[4:5] == b"-":
            usage.last = last
        if told.rest:
            if told.tls:
                usage.tls[told.tls] = usage.tls.get(told.tls, 0) + 1
            usage.authenticated += told.authenticated
            usage.proxied += told.proxied
