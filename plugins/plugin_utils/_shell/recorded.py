# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ways to a server with a recording of what goes over them: one for the endpoint, one for the host."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.failures import UNREADABLE, message
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.messages import Messages
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import CONFIGURATION, Settings
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.tape import Reel, Tape
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.transport import Transport

_ENCODED = re.compile(r"(?i)-e(?:nc(?:odedcommand)?)?\s+([A-Za-z0-9+/=]+)\s*$")


class RecordedTransport(Transport):
    """A transport that keeps what was sent, the messages that came, and how a request failed."""

    def __init__(self, tape: Tape, settings: Settings, deadline: Deadline) -> None:
        self._reel = tape.session("exchange")
        self._messages = Messages()
        super().__init__(settings, deadline)

    def open(self) -> None:
        """Open the shell if it is not; raises what pypsrp raises."""
        if self.opened:
            return
        with _round(self._reel, {"open": CONFIGURATION}) as received:
            super().open()
            received["protocol"] = ".".join(map(str, self.protocol))

    def run(self, *statements: Sequence[tuple[str, Mapping[str, Plain]]]) -> Any:
        """Run statements as one pipeline; see Transport."""
        asked = [list(commands) for commands in statements]
        said = [[{"cmdlet": name, "parameters": dict(given)} for name, given in commands] for commands in asked]
        self._messages.take()
        with _round(self._reel, {"statements": said}, lambda: self.taken) as received:
            try:
                return super().run(*asked)
            finally:
                received["messages"] = self._messages.take()

    def _pool(self, idle: int | None) -> Any:
        pool = super()._pool(idle)
        receive = pool.shell.receive

        def heard(*given: Any, **named: Any) -> Any:
            answer = receive(*given, **named)
            self._messages.hear(answer[2]["stdout"])
            return answer

        pool.shell.receive = heard
        return pool


class RecordedConnection:
    """A host's connection that keeps the scripts and what was printed; all else is the connection's own."""

    def __init__(self, connection: Any, tape: Tape) -> None:
        self._connection = connection
        self._reel = tape.session("host")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def exec_command(self, cmd: str, in_data: bytes | None = None) -> tuple[int, bytes, bytes]:
        """Run a command; see HostShell."""
        with _round(self._reel, {"script": in_data.decode() if in_data else script(cmd)}) as received:
            code, output, errors = self._connection.exec_command(cmd, in_data=in_data)
            received["exit_code"] = code
            received["stdout"], received["stderr"] = (text.decode("utf-8", "replace") for text in (output, errors))
            return code, output, errors


def script(command: str) -> str:
    """The script that a call of powershell.exe carries, or what is none, as it is."""
    found = _ENCODED.search(command)
    try:
        return base64.b64decode(found[1], validate=True).decode("utf-16-le") if found else command
    except (binascii.Error, UnicodeDecodeError):
        return command


def broken(error: BaseException) -> dict[str, Any]:
    """How an answer failed to come: a status of HTTP, a fault of WS-Management, silence, nonsense, or a cut."""
    kind, text = type(error).__name__, message(error)
    if kind == "AuthenticationError":
        return {"how": "status", "status": 401, "text": text}
    if kind == "WinRMTransportError":
        return {"how": "status", "status": int(getattr(error, "code", 0) or 0), "text": text}
    if kind == "WSManFaultError":
        return {"how": "fault", "code": int(getattr(error, "code", 0) or 0), "text": text}
    if isinstance(error, TimeoutError) or kind in ("ReadTimeout", "DeadlinePassed", "Killed"):
        return {"how": "silence", "text": text}
    return {"how": "nonsense" if kind in UNREADABLE else "cut", "text": text}


@contextmanager
def _round(reel: Reel, sent: Mapping[str, Any], taken: Callable[[], bool] = lambda: False) -> Iterator[dict[str, Any]]:
    """Collect what is received, and record it with the failure that ends the round, if one does.

    ``taken`` tells whether the server had taken by then what was sent.
    """
    received: dict[str, Any] = {}
    try:
        yield received
    except BaseException as error:
        reel.add(sent=sent, received=received or None, broken={**broken(error), "taken": taken()})
        raise
    reel.add(sent=sent, received=received)
