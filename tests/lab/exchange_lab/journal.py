# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked of the lab: every HTTP request, session, pipeline and command, in the order of arrival."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class HttpRequest:
    """One HTTP request. ``verb`` is the WS-Management one, empty for a step of a handshake."""

    server: str
    endpoint: str
    port: int
    client: str
    authorization: str
    verb: str
    status: int
    at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class SessionChange:
    """A shell opened or gone."""

    server: str
    endpoint: str
    kind: str
    user: str
    shell_id: str
    opened: bool
    at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Pipeline:
    """A pipeline or a program started in a shell."""

    server: str
    endpoint: str
    user: str
    text: str
    at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Command:
    """A cmdlet about to run, its parameters as bound."""

    server: str
    endpoint: str
    user: str
    name: str
    parameters: Mapping[str, Any]
    at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Note:
    """Anything else a part of the lab wants remembered."""

    kind: str
    facts: Mapping[str, Any]
    at: float = field(default_factory=time.time)


Entry = HttpRequest | SessionChange | Pipeline | Command | Note


class Journal:
    """The record of one lab; all methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._open: dict[str, SessionChange] = {}

    def add(self, entry: Entry) -> None:
        """Remember an entry."""
        with self._lock:
            self._entries.append(entry)
            if isinstance(entry, SessionChange):
                if entry.opened:
                    self._open[entry.shell_id] = entry
                else:
                    self._open.pop(entry.shell_id, None)

    def note(self, kind: str, **facts: Any) -> None:
        """Remember something of no type of its own."""
        self.add(Note(kind, facts))

    def clear(self) -> None:
        """Forget everything but the shells that are open."""
        with self._lock:
            self._entries.clear()

    def _of(self, kind: type[Entry]) -> list[Any]:
        with self._lock:
            return [entry for entry in self._entries if isinstance(entry, kind)]

    @property
    def requests(self) -> list[HttpRequest]:
        """All HTTP requests, those of the authentication included."""
        return self._of(HttpRequest)

    @property
    def sessions(self) -> list[SessionChange]:
        """Shells opened and gone."""
        return self._of(SessionChange)

    @property
    def pipelines(self) -> list[Pipeline]:
        """Pipelines and programs started."""
        return self._of(Pipeline)

    @property
    def commands(self) -> list[Command]:
        """Cmdlets run."""
        return self._of(Command)

    def notes(self, kind: str) -> list[Note]:
        """Notes of one kind."""
        return [note for note in self._of(Note) if note.kind == kind]

    @property
    def open_sessions(self) -> list[SessionChange]:
        """Shells that are open now."""
        with self._lock:
            return list(self._open.values())

    def counts(self) -> dict[str, int]:
        """How many of each kind, HTTP requests and sessions also by endpoint."""
        found: Counter[str] = Counter()
        for request in self.requests:
            found.update(("requests", f"requests_{request.endpoint}"))
        for session in self.sessions:
            what = "opened" if session.opened else "closed"
            found.update((f"sessions_{what}", f"sessions_{what}_{session.endpoint}"))
        found.update(pipelines=len(self.pipelines), commands=len(self.commands), sessions_open=len(self.open_sessions))
        return dict(found)

    def as_data(self) -> dict[str, Any]:
        """Everything as JSON types."""
        with self._lock:
            entries = list(self._entries)
        return {
            "counts": self.counts(),
            "open_sessions": [asdict(session) for session in self.open_sessions],
            "entries": [{"type": type(entry).__name__, **_jsonable(asdict(entry))} for entry in entries],
        }


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(content) for key, content in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(item) for item in value]
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def commands_named(commands: list[Command], *names: str) -> Iterator[Command]:
    """The commands of these names."""
    return (command for command in commands if command.name in names)
