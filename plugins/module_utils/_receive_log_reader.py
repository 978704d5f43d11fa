# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads lines of receive logs in one pass. Private to the relayops.exchange collection."""

from __future__ import annotations

from collections import defaultdict
from typing import Dict, Iterable, Iterator, List, Set, Tuple

from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_domains import AcceptedDomains
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_line import (
    EVENTS,
    QUOTED_CONNECTOR,
    STAMP,
    Header,
    is_time,
    quoted,
)
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_meaning import (
    BEGINS,
    CONTENT,
    ENDS,
    HEAD,
    RECIPIENT,
    SENDER,
    SENT,
    SKIPPED,
    Meanings,
)
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_session import (
    QUEUED,
    SENDER_DOMAIN,
    Session,
    count,
)
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import Ledger, Usage

MOST_SESSIONS = 20_000
_LONG = 2_000
_MOST_TOLD = 20_000
_MOST_ENDED = 1_000


class Reader:
    """Counts what lines say. ``skipped`` tells how many lines were not understood, and why.

    ``truncated`` lines end before what they are counted by, ``foreign`` ones are none of this log, ``late`` ones belong
    to a session that has ended, ``outside_window`` ones were asked to be left out.
    """

    def __init__(self, domains: AcceptedDomains, ledger: Ledger, since: bytes = b"", until: bytes = b"") -> None:
        """Read what is at or after ``since`` and before ``until``, both as in the log; empty for no limit."""
        self.ledger, self._rows = ledger, ledger.known
        self.lines = 0
        self.skipped = {"truncated": 0, "foreign": 0, "late": 0, "outside_window": 0, "unfinished": 0, "headers": 0}
        self.given_up = 0
        self._since, self._until = since, until or b"\x7f"
        self._windowed = bool(since or until)
        self._meanings = Meanings(domains, ledger, self.skipped)
        self._sessions: Dict[bytes, Session] = {}
        self._ended: Set[bytes] = set()
        self._ended_before: Set[bytes] = set()
        self._header = Header()
        # of the session that has begun last, and what times in it are between; none are before there is one
        self._minute = self._from = self._to = b""
        # how often a client said just the same in a session, on this day
        self._told: Dict[Tuple[Usage, bytes], int] = defaultdict(int)

    def begin_file(self) -> None:
        """Forget the header of the file before."""
        self._header = Header()

    def trim(self) -> None:
        """Count what long sessions have said so far, so that they do not grow; to be called now and then."""
        for session in self._sessions.values():
            if len(session) > _LONG:
                session[:] = self._settle_part(session)

    def end_folder(self) -> None:
        """End the sessions that are open; those of another folder are of another server or service."""
        for key in list(self._sessions):
            self._end(key)
        self._ended.clear()
        self._ended_before.clear()
        self._settle()

    def read(self, lines: List[bytes]) -> None:  # noqa: C901 - calls would cost more than what they do
        """Take lines without their ends.

        Nearly all time is spent in this loop, so it is written for speed: it splits at commas alone and looks nothing
        up for lines that count for nothing. Lines for which that does not do are left to ``_unusual``.
        """
        sessions, windowed, since, until = self._sessions, self._windowed, self._since, self._until
        known, actions, head = self._meanings.known, self._meanings.actions, HEAD
        begin, over, recipients = self._begin, self._end, self._meanings.recipients
        begins, ends, recipient, sender, content, mail = BEGINS, ENDS, RECIPIENT, SENDER, CONTENT, SENT
        self.lines += len(lines)
        remaining = iter(lines)
        if not self._header.usual:
            self._read_arranged(remaining)
        for line in remaining:
            try:
                stamp, connector, key, _sequence, _local, remote, end = line.split(b",", 6)
                meaning = known[end[head]]
                if not meaning:
                    continue
                if windowed and not since <= stamp < until:
                    self.skipped["outside_window"] += 1
                    continue
                if meaning == begins:
                    begin(stamp, connector, key, remote)
                    continue
                session = sessions[key]
                session.last = stamp
                if meaning < begins:
                    session.append(meaning)
                elif meaning == recipient:
                    session.append(recipients[end.rpartition(b"@")[2]])
                elif meaning == ends:
                    over(key)
                elif meaning == sender:
                    path, _close, rest = end.partition(b">")
                    _local, at, domain = path.rpartition(b"@")
                    if at and b"," in rest:
                        session += SENDER_DOMAIN + domain + mail
                    else:
                        actions[meaning](session, end)
                elif meaning == content and b'Queued mail for delivery",' in end:
                    session.append(QUEUED)
                else:
                    actions[meaning](session, end)
            except KeyError:
                # of a session that has not begun, or an end that is not known yet
                if not self._count(stamp, connector, key, remote, end):
                    self._unusual(line, remaining)
            except ValueError:
                self._unusual(line, remaining)

    def _count(self, stamp: bytes, connector: bytes, key: bytes, remote: bytes, end: bytes) -> bool:
        """Count a line whose fields were found in another way than by commas alone; return whether it has a meaning."""
        meaning = self._meanings.known.get(end[HEAD]) or self._meanings.of(end)
        if meaning is None or meaning == SKIPPED:
            return meaning is not None
        if not self._since <= stamp < self._until:
            self.skipped["outside_window"] += 1
        elif meaning == BEGINS:
            self._begin(stamp, connector, key, remote)
        elif key in self._sessions or self._begin_late(stamp, connector, key, remote):
            session = self._sessions[key]
            session.last = stamp
            if meaning < BEGINS:
                session.append(meaning)
            elif meaning == ENDS:
                self._end(key)
            else:
                self._meanings.actions[meaning](session, end)
        return True

    def _read_arranged(self, lines: Iterator[bytes]) -> None:
        """Take lines until a header says that fields have their usual order."""
        for line in lines:
            self._unusual(line)
            if self._header.usual:
                return

    def _unusual(self, line: bytes, following: Iterable[bytes] = ()) -> None:
        """Take a line that is not as most are, and those that follow if it is a header that says so."""
        line = line.rstrip(b"\r")
        if line[:3] == b"\xef\xbb\xbf":
            line = line[3:]
        if line[:1] == b"#":
            known = self._header.take(line)
            self.skipped["headers" if known else "foreign"] += 1
            if not self._header.usual:
                self._read_arranged(iter(following))
            return
        if self._header.usual:
            found = QUOTED_CONNECTOR.match(line)
            if found and self._count(*found.groups()):
                return
        self._arranged(line)

    def _arranged(self, line: bytes) -> None:
        parts = None if self._header.foreign else self._header.arrange(line)
        if parts is not None and parts[6] in EVENTS:
            stamp, connector, key, _sequence, _local, remote, event, data, context = parts
            self._count(stamp, connector, key, remote, b",".join((event, quoted(data), quoted(context))))
        else:
            cut = parts is None and not self._header.foreign and STAMP.match(line.partition(b",")[0])
            self.skipped["truncated" if cut else "foreign"] += 1

    def _begin(self, stamp: bytes, connector: bytes, key: bytes, remote: bytes) -> bool:
        """Begin a session; return whether there is one."""
        sessions = self._sessions
        if not self._from <= stamp < self._to:
            if not is_time(stamp):
                self.skipped["foreign"] += 1
                return False
            if stamp[:10] != self._minute[:10]:
                self._settle()
            self._minute = stamp[:16]
            self._from, self._to = self._minute + b":0", self._minute + b":6"
        if key in sessions:
            self._end(key)
        elif len(sessions) >= MOST_SESSIONS:
            self._give_up()
        address = remote.rpartition(b":")[0]
        usage = self._rows.get((connector, address)) or self.ledger.usage(connector, address, stamp)
        if stamp < usage.first:
            usage.first = stamp
        sessions[key] = session = Session()
        session.usage, session.last = usage, stamp
        return True

    def _begin_late(self, stamp: bytes, connector: bytes, key: bytes, remote: bytes) -> bool:
        """Begin a session whose beginning is not in the log, unless it has ended before."""
        if key in self._ended or key in self._ended_before:
            self.skipped["late"] += 1
            return False
        return self._begin(stamp, connector, key, remote)

    def _end(self, key: bytes) -> None:
        session = self._sessions.pop(key)
        usage, last = session.usage, session.last
        # most end in the minute in which another has begun, at a time that has been looked at
        if last > usage.last and (self._from <= last < self._to or is_time(last)):
            usage.last = last
        told, ended = self._told, self._ended
        told[usage, bytes(session)] += 1
        if len(told) > _MOST_TOLD or len(session) > _LONG:
            self._settle()
        ended.add(key)
        if len(ended) > _MOST_ENDED:
            self._ended_before, self._ended = ended, set()

    def _settle(self) -> None:
        """Count what was said in sessions that are over."""
        for (usage, said), number in self._told.items():
            usage.sessions += number
            told = count(usage, said, number)
            usage.connector.count(self._minute, number, number * told.messages)
        self._told.clear()

    def _settle_part(self, session: Session) -> bytes:
        """Count what was said so far in a session; return what to go on from."""
        told = count(session.usage, bytes(session), whole=False)
        session.usage.connector.count(self._minute, 0, told.messages)
        return told.rest

    def _give_up(self) -> None:
        """End the older half of the open sessions, whose ends the log has lost."""
        for key in list(self._sessions)[: MOST_SESSIONS // 2]:
            self._end(key)
            self.given_up += 1
