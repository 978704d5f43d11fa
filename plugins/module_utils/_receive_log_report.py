# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From arguments to a result of smtp_receive_log. Private to the relayops.exchange collection."""

from __future__ import annotations

import gc
import re
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Iterable, List, Tuple

from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_files as files
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_domains import AcceptedDomains
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_reader import Reader
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import Ledger

_SPAN = re.compile(r"(\d{1,6})\s*([mhdw])\Z")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FORMS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")
_OFFSET = re.compile(r"(?<=T\d\d:\d\d)(.*?)([+-]\d\d:?\d\d)\Z")
_MOST_PROBLEMS = 100
_BLOCKS_BETWEEN_TRIMS = 256


def moment(option: str, text: str, now: datetime) -> str:
    """Return a time as the log has it, in UTC, from ``2026-11-24``, ``2026-11-24T12:00:00Z`` or a span back, ``30d``.

    A time may have an offset from UTC, ``2026-11-24T12:00:00+01:00``. Raises ValueError for anything else. An empty
    text stays one.
    """
    text = text.strip()
    span = _SPAN.match(text)
    try:
        if span:
            return _written((now - timedelta(**{_UNITS[span[2]]: int(span[1])})).replace(microsecond=0))
        if not text:
            return ""
        plain = text.replace(" ", "T")
        offset = _OFFSET.search(plain)
        plain = plain[: offset.start(2)] if offset else plain[:-1] if plain.endswith("Z") else plain
        for form in _FORMS:
            try:
                found = datetime.strptime(plain, form)
            except ValueError:
                continue
            return _written(found - _offset(offset[2]) if offset else found)
    except OverflowError:
        pass
    raise ValueError(
        f"{option} is {text!r}, which is no time; write it in UTC as 2026-11-24 or 2026-11-24T12:00:00Z, with an offset"
        " as 2026-11-24T12:00:00+01:00, or as a span back from now, 30d, 12h or 90m"
    )


def _offset(written: str) -> timedelta:
    """Read +01:00 or +0100; raises OverflowError for what no place on earth has."""
    hours, minutes = int(written[1:3]), int(written[-2:])
    if hours > 14 or minutes > 59:
        raise OverflowError
    return timedelta(hours=hours, minutes=minutes) * (-1 if written[0] == "-" else 1)


def _written(time: datetime) -> str:
    return time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def window(since: str, until: str, now: datetime) -> Tuple[str, str]:
    """Return both bounds as the log has them; raises ValueError for what is no time, or no time to count in."""
    first, last = moment("since", since, now), moment("until", until, now)
    if first and last and first >= last:
        raise ValueError(f"since, {first}, is not before until, {last}")
    if first > _written(now):
        raise ValueError(f"since, {first}, is still to come; in UTC it is {_written(now)} now. Write an earlier time")
    return first, last


class Reading:
    """Reads log files into one result."""

    def __init__(self, given: Dict[str, Any]) -> None:
        """Check arguments; raises ValueError with what is wrong."""
        self.since, self.until = window(given["since"] or "", given["until"] or "", datetime.now(timezone.utc))
        if given["max_clients"] < 1:
            raise ValueError(f"max_clients must be at least 1, not {given['max_clients']}")
        self.ledger = Ledger(given["max_clients"])
        domains = AcceptedDomains(given["accepted_domains"])
        self.reader = Reader(domains, self.ledger, self.since.encode(), self.until.encode())
        self.problems: List[Dict[str, str]] = []
        self.files = self.size = 0

    def read(self, found: List[files.LogFile], closed: Iterable[Tuple[str, str]] = ()) -> None:
        """Read files, which are sorted by folder and time; ``closed`` are folders that cannot be read, and why."""
        for path, reason in closed:
            self._problem(path, reason)
        folder = ""
        collecting = gc.isenabled()
        # nothing that is made for a line refers to itself; looking for such takes time
        gc.disable()
        try:
            for each in files.within(found, self.since, self.until):
                here = each.path.replace("\\", "/").rpartition("/")[0]
                if here != folder:
                    self.reader.end_folder()
                    folder = here
                self._file(each.path)
            self.reader.end_folder()
        finally:
            if collecting:
                gc.enable()

    def _file(self, path: str) -> None:
        blocks = files.Blocks(path)
        reader = self.reader
        reader.begin_file()
        lines, strange = reader.lines, reader.skipped["foreign"]
        for number, block in enumerate(blocks):
            reader.read(block)
            if number % _BLOCKS_BETWEEN_TRIMS == 0:
                reader.trim()
        self.files += 1
        self.size += blocks.size
        reader.lines += blocks.unfinished + blocks.too_long
        reader.skipped["unfinished"] += blocks.unfinished
        reader.skipped["foreign"] += blocks.too_long
        if blocks.problem:
            self._problem(path, blocks.problem)
        elif reader.lines - lines - blocks.unfinished == reader.skipped["foreign"] - strange > 0:
            self._problem(path, "No line of it belongs to a receive log")

    def _problem(self, path: str, problem: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append({"path": path, "problem": problem})

    def result(self) -> Dict[str, Any]:
        """Return everything that was counted."""
        described = self.ledger.described()
        seen = described["usage"]
        return {
            **described,
            "files": self.files,
            "bytes": self.size,
            "lines": self.reader.lines,
            "lines_skipped": dict(self.reader.skipped),
            "problems": self.problems,
            "overflowed": self.ledger.overflowed,
            "given_up": self.reader.given_up,
            "since": self.since,
            "until": self.until,
            "first_seen": min((row["first_seen"] for row in seen), default=""),
            "last_seen": max((row["last_seen"] for row in seen), default=""),
        }

    def warnings(self) -> List[str]:
        """Return what a reader of the result should know."""
        told = [f"{each['path']} was not read, or not to its end: {each['problem']}." for each in self.problems]
        if self.ledger.overflowed:
            told.append(
                f"There are more than {self.ledger.most_clients} clients; those beyond share a row of their connector"
                " with an empty client. Raise max_clients to keep them apart."
            )
        return told
