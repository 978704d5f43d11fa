# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end of a line in the receive log means, that is event, data and context.

Private to the relayops.exchange collection.
"""

from __future__ import annotations

from typing import Dict, Optional

from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_session as session
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_domains import AcceptedDomains
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_line import (
    EVENTS,
    reply_of,
    split_quoted,
    tls_version_of,
)
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_session import Action, Session
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import Ledger

HEAD = slice(11)
_MOST_MEANINGS = 5_000
_LONGEST_NAME = 255
# commands of which nothing is read but the verb, by its first four letters
_PLAIN = {
    b"DATA": session.DATA,
    b"STAR": session.TLS,
    b"X-AN": session.TLS,
    b"AUTH": session.AUTH,
    b"X-EX": session.AUTH,
    b"RSET": session.OTHER,
    b"NOOP": session.OTHER,
}


class Meanings:
    """Turns the ends of lines into actions on a session.

    ``known`` holds actions by the ``HEAD`` of an end, where these tell what to do; nearly all lines begin
    in one of a few ways. Others are for ``of``.
    """

    def __init__(self, domains: AcceptedDomains, ledger: Ledger) -> None:
        """Say what is inside and where to keep the words of refusals."""
        self._domains, self._ledger = domains, ledger
        self.known: Dict[bytes, Action] = {
            b"<,RCPT TO:<": self._recipient,
            b"<,MAIL FROM": self._sender,
            b">,250 2.1.0": session.sender_accepted,
            b">,250 2.1.5": session.recipient_accepted,
            b">,250 2.6.0": session.content_accepted,
            b'>,"250 2.6.': session.content_accepted,
            b'*,,"TLS pro': self._secured,
            b"*,,TLS prot": self._secured,
        }
        self._recipients: Dict[bytes, int] = {}
        self._senders: Dict[bytes, bytes] = {}
        self._names: Dict[bytes, bytes] = {}
        self._commands: Dict[bytes, Action] = {
            b"RCPT": self._recipient,
            b"MAIL": self._sender,
            b"EHLO": self._hello,
            b"HELO": self._hello,
            b"BDAT": self._chunk,
            b"XPRO": session.proxy,
            b"QUIT": session.skipped,
            **{verb: session.waiting(kind) for verb, kind in _PLAIN.items()},
        }

    def of_line(self, line: bytes) -> Optional[Action]:
        """Return what to do at a line that can be split at its commas alone, None for others."""
        parts = line.split(b",", 6)
        return self.of(parts[6]) if len(parts) == 7 else None

    def of(self, end: bytes) -> Optional[Action]:
        """Return what to do at an end that begins in no known way; None if it is cut, or none of this log."""
        event, data = end[:1], end[2:]
        if end[1:2] != b"," or event not in EVENTS or b"," not in data:
            return None
        if event == b"<":
            action = self._commands.get(data[:4].upper(), session.unknown_command)
            if data[:1] == b'"':
                return self._quoted_command(data)
            learn = data[:4] != b"BDAT"
        else:
            action, learn = self._other(event, data), True
        if learn and len(self.known) < _MOST_MEANINGS:
            self.known[end[HEAD]] = action
        return action

    def _quoted_command(self, data: bytes) -> Optional[Action]:
        fields = split_quoted(data)
        if fields is None:
            return None
        action = self._commands.get(fields[0][:4].upper(), session.unknown_command)
        text = b"<," + fields[0].replace(b",", b" ") + b","
        return lambda one, _end: action(one, text)

    def _other(self, event: bytes, data: bytes) -> Action:
        """Return what to do at a line that is no command; the beginning of the data always tells."""
        if event == b"-":
            return session.ended
        if event != b">":
            return session.connected if event == b"+" else session.skipped
        reply = data[data[:1] == b'"' :]
        # lines before the last of a reply, as Exchange 2007 and 2010 log them, questions for more, the greeting, and
        # answers to EHLO, which Exchange 2013 and later write on one line with two spaces, and to QUIT
        if reply[3:4] == b"-" or reply[:1] not in (b"2", b"4", b"5") or reply[:3] == b"221" or reply[:5] == b"250  ":
            return session.skipped
        if reply[:4] == b"220 " and reply[4:5] != b"2":
            return session.skipped
        return session.accepted if reply[:1] == b"2" else self._refused

    def _recipient(self, one: Session, end: bytes) -> None:
        # nearly all end in a few ways, such as contoso.com>, and a carriage return
        tail = end[end.rfind(b"@") + 1 :]
        kind = self._recipients.get(tail)
        if kind is None:
            kind = session.INSIDE if self._domains.hold(domain_of(end)) else session.OUTSIDE
            if b">," in tail and b"<" not in tail and len(self._recipients) < _MOST_MEANINGS:
                self._recipients[tail] = kind
        one.append(kind)

    def _sender(self, one: Session, end: bytes) -> None:
        close = end.find(b">")
        name = self._senders.get(end[end.rfind(b"@", 0, close) + 1 : close]) or self._sender_domain(end)
        try:
            one.usage.sender_domains.counts[name] += 1
        except KeyError:
            one.usage.sender_domains.add(name)
        one.append(session.MAIL)

    def _sender_domain(self, end: bytes) -> bytes:
        domain = domain_of(end)
        if len(self._senders) < _MOST_MEANINGS:
            self._senders[domain] = domain[:_LONGEST_NAME].lower()
        return domain[:_LONGEST_NAME].lower()

    def _hello(self, one: Session, end: bytes) -> None:
        # nothing goes ahead of the reply to it (RFC 2920 3.1), so that it need not wait for one
        name = self._names.get(end) or self._name(end)
        try:
            one.usage.helo_names.counts[name] += 1
        except KeyError:
            one.usage.helo_names.add(name)

    def _name(self, end: bytes) -> bytes:
        name = end[7:].partition(b",")[0].strip()[:_LONGEST_NAME].lower()
        if len(self._names) < _MOST_MEANINGS:
            self._names[end] = name
        return name

    def _chunk(self, one: Session, end: bytes) -> None:
        one.append(session.LAST_CHUNK if end.partition(b" LAST")[1] or b" last" in end else session.CHUNK)

    def _refused(self, one: Session, end: bytes) -> None:
        reply, text = reply_of(end[2:])
        self._ledger.remember(reply, text)
        session.refuse(one, reply)

    def _secured(self, one: Session, end: bytes) -> None:
        """Note the version of TLS, which the server writes for readers of the log alone."""
        one.tls = tls_version_of(end) or one.tls


def domain_of(end: bytes) -> bytes:
    """Return the domain in ``<,RCPT TO:<user@domain> NOTIFY=…,``, b"" where there is none."""
    close = end.find(b">")
    if close < 0:
        close = end.find(b",", 2)
    at = end.rfind(b"@", 0, close)
    return end[at + 1 : close] if at >= 0 else b""
