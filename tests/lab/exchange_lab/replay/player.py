# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recorded round answers what is asked now."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ..powershell.binding import Call
from ..powershell.runspace import Script, Statement
from .recording import Round

# The files that the collection passes CLIXML through have a name of their own each time
_OWN_FILE = re.compile(r"relayops-[0-9a-fA-F]{32}")
_LONGEST = 400


class NotRecorded(Exception):
    """Something is asked that the recording has no answer to."""


class Player:
    """The recorded part of one server: sessions on its endpoint, scripts on the host, and probes, each in order."""

    def __init__(self, host: str, rounds: Sequence[Round]) -> None:
        self.host = host
        self._lock = threading.Lock()
        self._scripts = [each for each in rounds if each.shell == "host"]
        self._probes = [each for each in rounds if each.shell == "smtp"]
        self.has_mail = bool(self._probes)
        sessions: dict[str, list[Round]] = {}
        for each in rounds:
            if each.shell == "exchange":
                sessions.setdefault(each.session, []).append(each)
        self._sessions = [sorted(session, key=lambda each: each.number) for session in sessions.values()]
        self.has_endpoint = bool(sessions)
        self.missing: list[str] = []

    @property
    def left(self) -> int:
        """How many rounds have not been asked for."""
        with self._lock:
            return len(self._scripts) + len(self._probes) + sum(map(len, self._sessions))

    def open(self) -> Conversation:
        """The next session on the endpoint; raises NotRecorded when all have been played."""
        with self._lock:
            if not self._sessions:
                raise self.unrecorded("another session on Exchange's endpoint", "no session is left")
            rounds = self._sessions.pop(0)
        begun = rounds.pop(0) if "open" in rounds[0].sent else None
        return Conversation(self, begun, rounds)

    def script(self, text: str) -> Round:
        """The answer to a script; raises NotRecorded."""
        with self._lock:
            following = self._scripts[0] if self._scripts else None
            if following is None or lines_of(str(following.sent["script"])) != lines_of(text):
                told = _short(str(following.sent["script"])) if following else "nothing"
                raise self.unrecorded(f"the script {_short(text)}", f"{told} is next on the host")
            return self._scripts.pop(0)

    def probe(self) -> Round:
        """The next probe; raises NotRecorded when all have been played."""
        with self._lock:
            if not self._probes:
                raise self.unrecorded("another probe", "no probe is left")
            return self._probes.pop(0)

    def unrecorded(self, asked: str, following: str) -> NotRecorded:
        """The error for a question without a recorded answer, which is remembered."""
        text = f"{asked} was asked of {self.host}, which is not what was recorded: {following}"
        self.missing.append(text)
        return NotRecorded(f"exchange_lab --replay: {text}")


class Conversation:
    """One session on the endpoint."""

    def __init__(self, player: Player, begun: Round | None, rounds: list[Round]) -> None:
        self.begun = begun
        self._player = player
        self._rounds = rounds

    def answer(self, statements: Sequence[Statement]) -> Round:
        """The answer to a pipeline; raises NotRecorded."""
        asked = [[_said(command) for command in statement] for statement in statements]
        following = self._rounds[0] if self._rounds else None
        if following is None or normal(following.sent["statements"]) != normal(asked):
            told = f"{shown(following.sent['statements'])} is next" if following else "the session ends here"
            where = f" in round {following.number} of session {following.session}" if following else ""
            raise self._player.unrecorded(shown(asked), told + where)
        return self._rounds.pop(0)


def _said(command: Call | Script) -> dict[str, Any]:
    if isinstance(command, Script):
        return {"cmdlet": command.text, "parameters": {}}
    return {"cmdlet": command.name, "parameters": {each.name: each.value for each in command.arguments}}


def normal(value: Any) -> Any:
    """A form in which equal questions are equal: names have no case, what is a list in a parameter is a set."""
    if isinstance(value, list):
        return [normal(item) for item in value]
    parameters = {name.lower(): _unordered(item) for name, item in value["parameters"].items()}
    return value["cmdlet"].lower(), json.dumps(parameters, sort_keys=True)


def _unordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name).lower(): _unordered(item) for name, item in value.items()}
    if isinstance(value, list):
        return sorted((_unordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value if value is None or isinstance(value, bool | int) else str(value)


def lines_of(script: str) -> list[str]:
    """A script without what a connection adds or takes: blanks around its lines, empty lines."""
    return [line.strip() for line in _OWN_FILE.sub("relayops-", script).splitlines() if line.strip()]


def shown(statements: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    """Statements as they are read best, on one line."""
    return _short("; ".join(" | ".join(_shown(command) for command in statement) for statement in statements))


def _shown(command: Mapping[str, Any]) -> str:
    given = (f"-{name} {json.dumps(value, default=str)}" for name, value in command["parameters"].items())
    return " ".join((command["cmdlet"], *given))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
