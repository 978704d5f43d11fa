# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end of a line in the receive log means, that is event, data and context.

Private to the relayops.exchange collection.
"""

from __future__ import annotations

import re
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
RECIPIENT, SENDER, HELLO, CHUNK, CONTENT, REFUSAL, SECURED, QUOTED = range(ACTIONS, ACTIONS + 8)
# does to a session what the end of a line says: event, data, context as they stand in the log
Action = Callable[[Session, bytes], None]
# a refusal is one however little is left behind its code, and belongs to the command that it answers
_REFUSED = re.compile(rb'>,"?[45]\d\d(?![\d-])')
# more than there are beginnings of BDAT with the first digits of a size
_MOST_MEANINGS = 20_000
_MOST_VERSIONS = 200
# what stands in a session behind a sender's domain
SENT = b"\n" + bytes([session.MAIL])
# commands by their first four letters
_COMMANDS = {
    b"RCPT": RECIPIENT,
    b"MAIL": SENDER,
    b"EHLO": HELLO,
    b"HELO": HELLO,
    b"BDAT": CHUNK,
    b"XPRO": session.PROXYING,
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
    Others are for ``of``. ``actions`` do what a meaning from ACTIONS on asks for. ``recipients`` says where recipients
    are by what follows the last @; nearly all end in a few ways, such as example.org>, and a carriage return.
    """

    def __init__(self, domains: AcceptedDomains, ledger: Ledger, skipped: Dict[str, int]) -> None:
        """Say what is inside, where to keep the words of refusals, and where to count ``truncated`` lines."""
        self._domains, self._ledger, self._skipped = domains, ledger, skipped
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
            REFUSAL: self._refused,
            SECURED: self._secured,
            QUOTED: self._quoted,
            HELLO: self._hello,
            SENDER: self._sender,
            CHUNK: _chunk,
            CONTENT: self._content,
        }
        self.recipients: Dict[bytes, int] = {}
        self._versions: Dict[bytes, int] = {}

    def of(self, end: bytes) -> Optional[int]:
        """Return the meaning of an end that begins in no known way; None if it is cut, or none of this log."""
        event, data = end[:1], end[2:]
        if end[1:2] != b"," or event not in EVENTS or not (b"," in data or _REFUSED.match(end)):
            return None
        if event == b"<":
            if data[:1] == b'"':
                return QUOTED if split_quoted(data) else None
            meaning = _COMMANDS.get(data[:4].upper(), session.UNKNOWN)
        else:
            meaning = _of_other(event, data)
        if len(self.known) < _MOST_MEANINGS:
            self.known[end[HEAD]] = meaning
        return meaning

    def _quoted(self, one: Session, end: bytes) -> None:
        """Take a command with commas or quotes in it, as if it had none."""
        if self._cut(end):
            return
        (command, *_rest) = split_quoted(end[2:]) or [b""]
        meaning = _COMMANDS.get(command[:4].upper(), session.UNKNOWN)
        if meaning >= ACTIONS:
            self.actions[meaning](one, b"<," + command.replace(b",", b" ") + b",")
        elif meaning != SKIPPED:
            one.append(meaning)

    def _cut(self, end: bytes) -> bool:
        """Whether a line ends before its data does; it is counted as such. ``of`` has not seen those of known heads."""
        whole = split_quoted(end[2:])
        cut = whole is None or len(whole) < 2
        self._skipped["truncated"] += cut
        return cut

    def _recipient(self, one: Session, end: bytes) -> None:
        """Take a recipient whose end is not among ``recipients``."""
        if self._cut(end):
            return
        kind = session.INSIDE if self._domains.hold(domain_of(end)) else session.OUTSIDE
        tail = end.rpartition(b"@")[2]
        if b">," in tail and b"<" not in tail and len(self.recipients) < _MOST_MEANINGS:
            self.recipients[tail] = kind
        one.append(kind)

    def _sender(self, one: Session, end: bytes) -> None:
        path, close, rest = end.partition(b">")
        _local, at, domain = path.rpartition(b"@")
        if b"," not in rest and self._cut(end):
            return
        if not close:
            domain = domain_of(end)
        elif not at:
            domain = b""
        one += session.SENDER_DOMAIN + domain + SENT

    def _hello(self, one: Session, end: bytes) -> None:
        # nothing goes ahead of the reply to it (RFC 2920 3.1), so that it need not wait for one
        name, comma, _context = end[7:].partition(b",")
        if comma or not self._cut(end):
            one += session.HELLO_NAME + name + b"\n"

    def _content(self, one: Session, end: bytes) -> None:
        if (b'",' in end if end[2:3] == b'"' else b"," in end[2:]) or not self._cut(end):
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


def _chunk(one: Session, end: bytes) -> None:
    one.append(session.LAST_CHUNK if b" LAST" in end or b" last" in end else session.CHUNK)


def _of_other(event: bytes, data: bytes) -> int:
    """Return the meaning of a line that is no command; the beginning of the data always tells."""
    if event == b"-":
        return ENDS
    if event != b">":
        return BEGINS if event == b"+" else SKIPPED
    reply = data[data[:1] == b'"' :]
    if not reply[:3].isdigit() or reply[3:4].isdigit():
        return SKIPPED
    # lines before the last of a reply, as Exchange 2007 and 2010 log them, questions for more, the greeting, and
    # answers to EHLO, which Exchange 2013 and later write on one line with two spaces, and to QUIT
    if reply[3:4] == b"-" or reply[:1] not in (b"2", b"4", b"5") or reply[:3] == b"221" or reply[:5] == b"250  ":
        return SKIPPED
    # a greeting has a date, and so a comma; STARTTLS is answered with 220 as well, on some connectors without a status
    if data[:5] == b'"220 ':
        return SKIPPED
    return session.TAKEN if reply[:1] == b"2" else REFUSAL


def domain_of(end: bytes) -> bytes:
    """Return the domain in ``<,RCPT TO:<user@domain> NOTIFY=…,``, b"" where there is none."""
    close = end.find(b">")
    if close < 0:
        # without brackets, which some devices leave out, parameters follow after a space
        path = end.partition(b":")[2].partition(b",")[0].split()
        return path[0].rpartition(b"@")[2] if path and b"@" in path[0] else b""
    at = end.rfind(b"@", 0, close)
    return end[at + 1 : close] if at >= 0 else b""
