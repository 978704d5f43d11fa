# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP session as the receive log tells it, line by line. Private to the relayops.exchange collection.

Replies belong to commands in their order (RFC 2920, pipelining): Exchange logs several commands before their replies.
Where lines are missing, a reply that says what it answers (RFC 3463: 2.1.0, 2.1.5, 2.6.0) puts the order right again.
"""

from __future__ import annotations

from typing import Callable, List, Tuple

from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import MOST_REPLIES, Usage

OTHER, MAIL, INSIDE, OUTSIDE, DATA, CHUNK, LAST_CHUNK, TLS, AUTH = range(9)
_CONTENT = (DATA, CHUNK, LAST_CHUNK)
_UNKNOWN = "unknown"


class Session(List[int]):
    """One session: a list of the kinds of the commands that wait for their replies."""

    __slots__ = ("authenticated", "last", "proxied", "tls", "usage")

    usage: Usage
    last: bytes
    tls: str
    authenticated: bool
    proxied: bool

    def answer(self, kinds: Tuple[int, ...]) -> int:
        """Take the command that a reply answers which says that it answers one of these kinds, OTHER for none.

        That is the first that waits; where lines are missing, those before the first of these kinds are dropped.
        """
        for place, kind in enumerate(self):
            if kind in kinds:
                del self[: place + 1]
                return kind
        return OTHER

    def end(self) -> None:
        """Add what is known of the whole session to the client's row."""
        usage = self.usage
        last = self.last
        # a time that is none could only be later than all others; the whole form is checked at the beginning
        if last > usage.last and last[-1:] == b"Z" and last[4:5] == b"-":
            usage.last = last
        if self.tls:
            usage.tls[self.tls] = usage.tls.get(self.tls, 0) + 1
        if self.authenticated:
            usage.authenticated += 1
        if self.proxied:
            usage.proxied += 1


# does to a session what the end of a line says: event, data, context as they stand in the log
Action = Callable[[Session, bytes], None]


def connected(session: Session, end: bytes) -> None:
    """Stand for the beginning of the session."""


def skipped(session: Session, end: bytes) -> None:
    """Stand for a line that counts for nothing, not even as a sight of the client."""


def ended(session: Session, end: bytes) -> None:
    """Stand for the end of the session."""


def waiting(kind: int) -> Action:
    """Let a command wait for its reply."""
    return lambda session, end: session.append(kind)


def unknown_command(session: Session, end: bytes) -> None:
    """Let a command wait, unless it is the client's side of an authentication, which is none."""
    if not session or session[0] != AUTH:
        session.append(OTHER)


def proxy(session: Session, end: bytes) -> None:
    """Note that a front end speaks for a client."""
    session.proxied = True
    session.append(OTHER)


def sender_accepted(session: Session, end: bytes) -> None:
    """Take 250 2.1.0."""
    if not session or session.pop(0) != MAIL:
        session.answer((MAIL,))


def recipient_accepted(session: Session, end: bytes) -> None:
    """Take 250 2.1.5."""
    kind = session.pop(0) if session else OTHER
    if kind == INSIDE:
        session.usage.inside += 1
    elif kind == OUTSIDE:
        session.usage.outside += 1
    else:
        _accept(session, session.answer((INSIDE, OUTSIDE)))


def content_accepted(session: Session, end: bytes) -> None:
    """Take 250 2.6.0, which answers a chunk as well."""
    kind = session.pop(0) if session else OTHER
    if kind not in _CONTENT:
        kind = session.answer(_CONTENT)
        if kind == OTHER and b"Queued" in end:
            kind = DATA  # whose own line is missing
    _accept(session, kind)


def accepted(session: Session, end: bytes) -> None:
    """Take a reply of the 200s that does not say what it answers; EnhancedStatusCodesEnabled may be off."""
    if session:
        kind = session.pop(0)
        if kind > MAIL:
            _accept(session, kind)


def _accept(session: Session, kind: int) -> None:
    """Count what the server has said yes to."""
    usage = session.usage
    if kind in (DATA, LAST_CHUNK):
        usage.messages += 1
        usage.connector.count(session.last, 1)
    elif kind == INSIDE:
        usage.inside += 1
    elif kind == OUTSIDE:
        usage.outside += 1
    elif kind == TLS:
        session.clear()
        session.tls = session.tls or _UNKNOWN
    elif kind == AUTH:
        session.authenticated = True


def refuse(session: Session, reply: str) -> None:
    """Count a refusal."""
    kind = session.pop(0) if session else OTHER
    session.usage.refusals.add(reply, MOST_REPLIES)
    if kind == OUTSIDE:
        session.usage.refused_outside += 1
