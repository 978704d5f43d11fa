# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end of a line in the receive log means, that is event, data and context.

Private to the relayops.exchange collection.
"""

from __future__ import annotations

from typing import Callable, Dict, Optional

from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_session as session
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_domains import AcceptedDomains
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_line import (
    EVENTS,
    reply_of,
    split_quoted,
    tls_version_of,
)
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_session import Session
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import MOST_REPLIES, Ledger

HEAD = slice(11)
# what a line may mean besides what _receive_log_session has: nothing, the session's beginning and its end, and from
# ACTIONS on what has to be looked at more closely
SKIPPED, BEGINS, ENDS = 0, session.LAST_WORD + 1, session.LAST_WORD + 2
ACTIONS = ENDS + 1
RECIPIENT, SENDER, HELLO, CHUNK, CONTENT, REFUSAL, SECURED, PROXY = range(ACTIONS, ACTIONS + 8)
# does to a session what the end of a line says: event, data, context as they stand in the log
Action = Callable[[Session, bytes], None]
_MOST_MEANINGS = 5_000
_MOST_VERSIONS = 200
_LONGEST_NAME = 255
# commands by their first four letters
_COMMANDS = {
    b"RCPT": RECIPIENT,
    b"MAIL": SENDER,
    b"EHLO": HELLO,
    b"HELO": HELLO,
    b"BDAT": CHUNK,
    b"XPRO": PROXY,
    b"QUIT": SKIPPED,
    b"DATA": session.DATA,
    b"STAR": session.TLS,
    b"X-AN": session.TLS,
    b"AUTH": session.AUTH,
    b"X-EX": session.AUTH,
    b"RSET": session.OTHER,
    b"NOOP": session.OTHER,
}


class Meanings:
    """Tells what the ends of lines mean.

    ``known`` holds meanings by the ``HEAD`` of an end, where these tell; nearly all lines begin in one of a few ways.
    Others are for ``of``. ``actions`` do what a meaning from ACTIONS on asks for.
    """

    def __init__(self, domains: AcceptedDomains, ledger: Ledger) -> None:
        """Say what is inside and where to keep the words of refusals."""
        self._domains, self._ledger = domains, ledger
        self.known: Dict[bytes, int] = {
            b"<,RCPT TO:<": RECIPIENT,
            b"<,MAIL FROM": SENDER,
            b">,250 2.1.0": session.SENDER_TAKEN,
            b">,250 2.1.5": session.RECIPIENT_TAKEN,
            b">,250 2.6.0": CONTENT,
            b'>,"250 2.6.': CONTENT,
            b'*,,"TLS pro': SECURED,
            b"*,,TLS prot": SECURED,
        }
        self.actions: Dict[int, Action] = {
            RECIPIENT: self._recipient,
            SENDER: self._sender,
            HELLO: self._hello,
            CHUNK: self._chunk,
            CONTENT: self._content,
            REFUSAL: self._refused,
            SECURED: self._secured,
            PROXY: _proxy,
        }
        self._recipients: Dict[bytes, int] = {}
        self._versions: Dict[bytes, int] = {}

    def of(self, end: bytes) -> Optional[int]:
        """Return the meaning of an end that begins in no known way; None if it is cut, or none of this log."""
        event, data = end[:1], end[2:]
        if end[1:2] != b"," or event not in EVENTS or b"," not in data:
            return None
        if event == b"<":
            if data[:1] == b'"':
                return self._of_quoted(data)
            meaning, learn = _COMMANDS.get(data[:4].upper(), session.UNKNOWN), data[:4] != b"BDAT"
        else:
            meaning, learn = _of_other(event, data), True
        if learn and len(self.known) < _MOST_MEANINGS:
            self.known[end[HEAD]] = meaning
        return meaning

    def _of_quoted(self, data: bytes) -> Optional[int]:
        fields = split_quoted(data)
        return _COMMANDS.get(fields[0][:4].upper(), session.UNKNOWN) if fields else None

    def _recipient(self, one: Session, end: bytes) -> None:
        # nearly all end in a few ways, such as contoso.com>, and a carriage return
        tail = end.rpartition(b"@")[2]
        try:
            one.append(self._recipients[tail])
        except KeyError:
            kind = session.INSIDE if self._domains.hold(domain_of(unquoted(end))) else session.OUTSIDE
            if b">," in tail and b"<" not in tail and len(self._recipients) < _MOST_MEANINGS:
                self._recipients[tail] = kind
            one.append(kind)

    def _sender(self, one: Session, end: bytes) -> None:
        try:
            # a domain that is known as it stands here was whole and in small letters
            one.usage.sender_domains.counts[end.partition(b">")[0].rpartition(b"@")[2]] += 1
        except KeyError:
            one.usage.sender_domains.add(domain_of(unquoted(end))[:_LONGEST_NAME].lower())
        one.append(session.MAIL)

    def _hello(self, one: Session, end: bytes) -> None:
        # nothing goes ahead of the reply to it (RFC 2920 3.1), so that it need not wait for one
        name = end[7:].partition(b",")[0]
        try:
            one.usage.helo_names.counts[name] += 1
        except KeyError:
            name = unquoted(end)[7:].partition(b",")[0]
            one.usage.helo_names.add(name.strip()[:_LONGEST_NAME].lower())

    def _chunk(self, one: Session, end: bytes) -> None:
        one.append(session.LAST_CHUNK if b" LAST" in end or b" last" in end else session.CHUNK)

    def _content(self, one: Session, end: bytes) -> None:
        one.append(session.QUEUED if b"Queued" in end else session.CONTENT_TAKEN)

    def _refused(self, one: Session, end: bytes) -> None:
        reply, text = reply_of(end[2:])
        self._ledger.remember(reply, text)
        one.usage.refusals.add(reply, MOST_REPLIES)
        one.append(session.REFUSED)

    def _secured(self, one: Session, end: bytes) -> None:
        """Note the version of TLS, which the server writes for readers of the log alone."""
        word = self._versions.get(end)
        if word is None:
            version = tls_version_of(end)
            word = session.SECURED + session.VERSIONS.index(version) if version in session.VERSIONS else session.SECURED
            if len(self._versions) < _MOST_VERSIONS:
                self._versions[end] = word
        one.append(word)


def _proxy(one: Session, end: bytes) -> None:
    """Note that a front end speaks for a client."""
    one.append(session.PROXIED)
    one.append(session.OTHER)


def _of_other(event: bytes, data: bytes) -> int:
    """Return the meaning of a line that is no command; the beginning of the data always tells."""
    if event == b"-":
        return ENDS
    if event != b">":
        return BEGINS if event == b"+" else SKIPPED
    reply = data[data[:1] == b'"' :]
    # lines before the last of a reply, as Exchange 2007 and 2010 log them, questions for more, the greeting, and
    # answers to EHLO, which Exchange 2013 and later write on one line with two spaces, and to QUIT
    if reply[3:4] == b"-" or reply[:1] not in (b"2", b"4", b"5") or reply[:3] == b"221" or reply[:5] == b"250  ":
        return SKIPPED
    if reply[:4] == b"220 " and reply[4:5] != b"2":
        return SKIPPED
    return session.TAKEN if reply[:1] == b"2" else REFUSAL


def unquoted(end: bytes) -> bytes:
    """Return a command's end with its data without quotes, and with spaces for the commas in it."""
    fields = split_quoted(end[2:]) if end[2:3] == b'"' else None
    return b"<," + fields[0].replace(b",", b" ") + b"," if fields else end


def domain_of(end: bytes) -> bytes:
    """Return the domain in ``<,RCPT TO:<user@domain> NOTIFY=…,``, b"" where there is none."""
    close = end.find(b">")
    if close < 0:
        close = end.find(b",", 2)
    at = end.rfind(b"@", 0, close)
    return end[at + 1 : close] if at >= 0 else b""
