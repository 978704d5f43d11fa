# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults to order: what goes wrong at the k-th HTTP request."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

# A request that nobody releases goes on after so many seconds
_HOLD = 120.0
KINDS = {
    "cut_before": "the connection breaks before the server has acted",
    "cut_after": "the connection breaks after the server has acted, before it answers",
    "unavailable": "HTTP 503, nothing done",
    "truncated": "the server acts, its answer stops half-way",
    "garbled": "the server acts, its answer is no XML",
    "hang": "the server acts and does not answer until the client gives up",
    "unauthorized": "HTTP 401, nothing done",
    "quota": "the WS-Management fault for too many shells",
    "shell_gone": "the shell is taken away before the request is looked at",
    "hold": "the request waits until it is released, then the server acts and answers",
    "bomb": "the server acts, its answer is XML whose entities grow beyond all bounds",
    "nested": "the server acts, its answer is XML of a great depth",
    "torrent": "the pipeline that the request is about gives output without end, in answers of the usual size",
    "endless": "the server acts, its answer does not end as long as the client listens",
}


@dataclass
class Fault:
    """One fault: at the ``at``-th request (1 is the next) that fits ``endpoint`` and ``verb``, ``times`` in a row.

    ``endpoint`` is ``exchange`` or ``winrm``, ``verb`` Create, Command, Send, Receive, Signal or Delete; without them
    every request counts, also those of a handshake. With ``command`` only requests count that start the cmdlet or
    program of that name or are about a pipeline or process that it is part of.
    """

    kind: str
    at: int = 1
    times: int = 1
    endpoint: str = ""
    verb: str = ""
    server: str = ""
    command: str = ""
    seen: int = 0

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist."""
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; there are {', '.join(KINDS)}")
        self._reached, self._released = threading.Event(), threading.Event()

    def hold(self) -> None:
        """Wait in the request's thread until ``release``."""
        self._reached.set()
        self._released.wait(_HOLD)

    def reached(self, seconds: float = 30) -> bool:
        """Whether a request is held, after a wait for one to come."""
        return self._reached.wait(seconds)

    def release(self) -> None:
        """Let the requests that are held go on, and those that come."""
        self._released.set()

    def fits(self, server: str, endpoint: str, verb: str, spoken: Callable[[], str] = str) -> bool:
        """Whether the request counts; ``spoken`` gives the text of what it runs."""
        asked = ((self.server, server), (self.endpoint, endpoint), (self.verb, verb))
        if not all(not wanted or wanted.lower() == found.lower() for wanted, found in asked):
            return False
        return not self.command or _names(spoken(), self.command)

    @property
    def over(self) -> bool:
        """Whether it has happened as often as it should."""
        return self.seen >= self.at + self.times - 1


def _names(text: str, command: str) -> bool:
    """Whether a text has a command's name in it as a word of its own."""
    return re.search(rf"(?<![\w-]){re.escape(command)}(?![\w-])", text, re.IGNORECASE) is not None


class Faults:
    """The faults that a lab has been told to make."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []
        self._holding: list[Fault] = []

    def inject(self, kind: str, at: int = 1, **limits: Any) -> Fault:
        """Order a fault."""
        fault = Fault(kind, at, **limits)
        with self._lock:
            self._armed.append(fault)
        return fault

    def clear(self) -> None:
        """Cancel what has not happened and let go what is held."""
        with self._lock:
            self._armed.clear()
        self.release()

    def release(self) -> None:
        """Let the requests that are held go on."""
        with self._lock:
            held, self._holding = self._holding, []
        for fault in held:
            fault.release()

    @property
    def held(self) -> int:
        """How many requests are held."""
        with self._lock:
            return len(self._holding)

    def due(self, server: str, endpoint: str, verb: str, spoken: Callable[[], str] = str) -> str:
        """The kind of fault for this request, or nothing; waits here while the request is held."""
        fault = self._first_due(server, endpoint, verb, spoken)
        if fault is None or fault.kind != "hold":
            return fault.kind if fault else ""
        fault.hold()
        with self._lock:
            self._holding = [each for each in self._holding if each is not fault]
        return ""

    def _first_due(self, server: str, endpoint: str, verb: str, spoken: Callable[[], str]) -> Fault | None:
        due = None
        with self._lock:
            for fault in self._armed:
                if fault.fits(server, endpoint, verb, spoken):
                    fault.seen += 1
                    if fault.at <= fault.seen < fault.at + fault.times and not due:
                        due = fault
            self._armed = [fault for fault in self._armed if not fault.over]
            if due is not None and due.kind == "hold":
                self._holding.append(due)
        return due

    def as_data(self) -> list[dict[str, Any]]:
        """What is still to come, as JSON types."""
        with self._lock:
            return [asdict(fault) for fault in self._armed]
