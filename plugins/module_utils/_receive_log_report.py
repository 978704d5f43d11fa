# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From arguments to a result of smtp_receive_log. Private to the relayops.exchange collection."""

from __future__ import annotations

import gc
import re
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List

from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_files as files
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_domains import AcceptedDomains
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_reader import Reader
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import Ledger

_SPAN = re.compile(r"(\d{1,6})\s*([mhdw])\Z")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FORMS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")
_MOST_PROBLEMS = 100
_BLOCKS_BETWEEN_TRIMS = 256


def moment(option: str, text: str, now: datetime) -> str:
    """Return a time as the log writes it, from ``2026-11-24``, ``2026-11-24T12:00:00Z`` or a span back, ``30d``.

    Raises ValueError for anything else. An empty text stays one.
    """
    text = text.strip()
    span = _SPAN.match(text)
    try:
        if span:
            return f"{now - timedelta(**{_UNITS[span[2]]: int(span[1])}):%Y-%m-%dT%H:%M:%S.000Z}"
        if not text:
            return ""
        plain = text.replace(" ", "T")
        plain = plain[:-1] if plain.endswith("Z") else plain
        for form in _FORMS:
            try:
                found = datetime.strptime(plain, form)
            except ValueError:
                continue
            return f"{found:%Y-%m-%dT%H:%M:%S}.{found.microsecond // 1000:03d}Z"
    except OverflowError:
        pass
    raise ValueError(
        f"{option} is {text!r}, which is no time; write it in UTC as 2026-11-24 or 2026-11-24T12:00:00Z, or as a span"
        " back from now, 30d, 12h or 90m"
    )


class Reading:
    """Reads log files into one result."""

    def __init__(self, given: Dict[str, Any]) -> None:
        """Check arguments; raises ValueError with what is wrong."""
        now = datetime.now(timezone.utc)
        self.since, self.until = (moment(name, given[name] or "", now) for name in ("since", "until"))
        if self.since and self.until and self.since >= self.until:
            raise ValueError(f"since, {self.since}, is not before until, {self.until}")
        if given["max_clients"] < 1:
            raise ValueError(f"max_clients must be at least 1, not {given['max_clients']}")
        self.ledger = Ledger(given["max_clients"])
        domains = AcceptedDomains(given["accepted_domains"])
        self.reader = Reader(domains, self.ledger, self.since.encode(), self.until.encode())
        self.problems: List[Dict[str, str]] = []
        self.files = self.size = 0

    def read(self, found: List[files.LogFile]) -> None:
        """Read files, which are sorted by folder and time."""
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
        self.reader.begin_file()
        for number, lines in enumerate(blocks):
            self.reader.read(lines)
            if number % _BLOCKS_BETWEEN_TRIMS == 0:
                self.reader.trim()
        self.files += 1
        self.size += blocks.size
        self.reader.lines += blocks.unfinished + blocks.too_long
        self.reader.skipped["unfinished"] += blocks.unfinished
        self.reader.skipped["foreign"] += blocks.too_long
        if blocks.problem and len(self.problems) < _MOST_PROBLEMS:
            self.problems.append({"path": path, "problem": blocks.problem})

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
        told = [f"{each['path']} was not read to its end: {each['problem']}" for each in self.problems]
        if self.ledger.overflowed:
            told.append(
                f"There are more than {self.ledger.most_clients} clients; those beyond share a row of their connector"
                " with an empty client. Raise max_clients to keep them apart."
            )
        return told
