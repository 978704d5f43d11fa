# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP session as the receive log tells it. Private to the relayops.exchange collection.

What was said is kept as one byte for each line, and understood when sessions are over. They are much alike, so that it
is counted how often a client said just the same, and most of it has been understood before.

Replies belong to commands in their order (RFC 2920, pipelining): Exchange logs several commands before their replies.
Where lines are missing, a reply that says what it answers (RFC 3463: 2.1.0, 2.1.5, 2.6.0) puts the order right again.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import List, NamedTuple

from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import Usage

# commands; PROXYING is that of a front end that speaks for a client, UNKNOWN is none where the client's side of an
# authentication is meant
OTHER, MAIL, INSIDE, OUTSIDE, DATA, CHUNK, LAST_CHUNK, TLS, AUTH, PROXYING, UNKNOWN = range(1, 12)
# replies: of the 200s by what they say that they answer, and refusals
SENDER_TAKEN, RECIPIENT_TAKEN, CONTENT_TAKEN, QUEUED, TAKEN, REFUSED = range(12, 18)
# what holds for the whole session; from SECURED on it is under TLS, of the version in VERSIONS
PROXIED, AUTHENTICATED, SECURED = range(18, 21)
VERSIONS = ("unknown", "SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
LAST_WORD = SECURED + len(VERSIONS) - 1
_CONTENT = (DATA, CHUNK, LAST_CHUNK)
_ANSWERED = {SENDER_TAKEN: (MAIL,), RECIPIENT_TAKEN: (INSIDE, OUTSIDE), CONTENT_TAKEN: _CONTENT, QUEUED: _CONTENT}
# before the name that a client gives for itself, and before the domain of a sender; a line end is behind them
HELLO_NAME, SENDER_DOMAIN = b"\x1d", b"\x1e"
_NAMES = re.compile(rb"([\x1d\x1e])([^\n]*)\n")
_LONGEST_NAME = 255
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
        *([PROXIED] if answered[PROXYING] or PROXIED in said else []),
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
    """One session: a byte for each thing that was said, and names between a mark and a line end.

    ``last`` is the time of the last line as the log has it.
    """

    __slots__ = ("last", "usage")

    usage: Usage
    last: bytes


def count(usage: Usage, said: bytes, sessions: int = 1, whole: bool = True) -> Outcome:
    """Count so many sessions, or where it is not whole a part of one, in which just this was said."""
    # words, and after each but the last a mark and a name
    parts = _NAMES.split(said)
    for place in range(1, len(parts), 3):
        names = usage.helo_names if parts[place] == HELLO_NAME else usage.sender_domains
        names.add(parts[place + 1].strip()[:_LONGEST_NAME].lower(), number=sessions)
    words = b"".join(parts[::3])
    told = _remembered(words) if len(words) < _LONGEST_REMEMBERED else understood(words)
    messages, inside, outside, refused_outside, tls, authenticated, proxied, rest = told
    if messages or inside or outside or refused_outside:
        usage.messages += messages * sessions
        usage.inside += inside * sessions
        usage.outside += outside * sessions
        usage.refused_outside += refused_outside * sessions
    if whole and rest:
        if tls:
            usage.tls[tls] = usage.tls.get(tls, 0) + sessions
        usage.authenticated += authenticated * sessions
        usage.proxied += proxied * sessions
    return told
