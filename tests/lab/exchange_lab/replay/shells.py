# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shells that a recording answers in: on Exchange's endpoint, and of both kinds on WinRM."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..powershell.process import CommandLine
from ..powershell.records import Failure, StatementFailed
from ..powershell.runspace import Host, Script, Statement
from ..wire.accounts import Account
from ..wire.broken import Broken
from ..wire.pipeline import PipelineRun, statements_of
from ..wire.psrp import PsrpShell
from ..wire.shell import Received
from ..wire.soap import Fault, Request
from ..wire.winrs import PowerShellProcess
from .player import Conversation, NotRecorded, Player
from .recording import MESSAGES, Round

# How the collection has a script read that is too long for a command line
FROM_INPUT = "$input | Out-String | Invoke-Expression"


def break_off(round: Round) -> None:
    """Raise what ends the round as it ended when it was recorded: Broken, or Fault."""
    if round.broken.get("how") == "fault":
        raise Fault(str(round.broken.get("text", "")), int(round.broken.get("code", 0)))
    if round.broken:
        raise Broken(str(round.broken["how"]), int(round.broken.get("status", 0)))


def refusal(missing: NotRecorded) -> Failure:
    """The error record for what has not been recorded."""
    return Failure(str(missing), "InvalidOperation", "InvalidOperationException", "NotRecorded")


class ReplayShell(PsrpShell):
    """A session on the endpoint."""

    def __init__(
        self, request: Request, owner: Account, conversation: Conversation, started: Callable[[Account, str], None]
    ) -> None:
        self._conversation = conversation
        self._cut: dict[str, Round] = {}
        begun = conversation.begun
        if begun:
            break_off(begun)
        protocol = str(begun.received.get("protocol", "")) if begun else ""
        super().__init__(request, owner, self._none, started, protocol)

    def _none(self, stopping: threading.Event) -> Any:
        raise NotImplementedError

    def begin(self, command_id: str, run: PipelineRun) -> None:
        """Find the answer before the pipeline begins, since it may be that it was never taken."""
        try:
            found = self._conversation.answer(statements_of(run.metadata))
        except NotRecorded as missing:
            run.start(Answer(None, refusal(missing)))
            return
        if found.broken and not found.broken.get("taken"):
            break_off(found)
        if found.broken:
            self._cut[command_id] = found
        else:
            run.start(Answer(found, None))

    def receive(self, command_id: str, request: Request) -> Received:
        """Wait for messages, or for what came instead."""
        if command_id in self._cut:
            break_off(self._cut[command_id])
        return super().receive(command_id, request)


@dataclass
class Answer:
    """A runspace for one pipeline: it puts on the wire what was recorded."""

    found: Round | None
    failure: Failure | None

    def run(self, statements: Sequence[Statement], host: Host, given: Iterable[Any] | None) -> None:
        """Send the messages; raises StatementFailed for what has not been recorded."""
        if self.failure:
            raise StatementFailed(self.failure)
        assert self.found
        assert isinstance(host, PipelineRun)
        for message in self.found.received["messages"]:
            host.replay(MESSAGES[message["type"]], message["clixml"])


@dataclass
class HostRunspace:
    """A runspace on the host for a client that speaks PSRP to WinRM."""

    player: Player

    def run(self, statements: Sequence[Statement], host: Host, given: Iterable[Any] | None) -> None:
        """Answer a script."""
        text = "\n".join(
            command.text for statement in statements for command in statement if isinstance(command, Script)
        )
        try:
            found = self.player.script("\n".join(map(str, given or ())) if FROM_INPUT in text else text)
        except NotRecorded as missing:
            raise StatementFailed(refusal(missing)) from None
        if printed := found.received.get("stdout"):
            host.output(printed)
        if said := found.received.get("stderr"):
            # ansible's psrp connection passes on the text of this one as it is
            host.error(Failure(said, error_id="NativeCommandErrorMessage"))
        host.exit(int(found.received.get("exit_code", 1)))


def process(player: Player) -> PowerShellProcess:
    """powershell.exe started by a client that speaks winrs."""

    def run(words: list[str], given: str) -> tuple[int, str, str]:
        script = CommandLine.parse(words).script or given
        try:
            found = player.script(given if FROM_INPUT in script else script)
        except NotRecorded as missing:
            return 1, "", "".join(f"{line}\r\n" for line in refusal(missing).lines())
        break_off(found)
        received = found.received
        return received["exit_code"], received["stdout"], received["stderr"]

    return run
