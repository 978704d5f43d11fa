# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PSRP shell (MS-PSRP over MS-WSMV): psrpcore speaks the protocol, a runspace does the work."""

from __future__ import annotations

import base64
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from psrpcore import (
    CreatePipelineEvent,
    EndOfPipelineInputEvent,
    GetAvailableRunspacesEvent,
    PipelineInputEvent,
    PSRPPayload,
    ResetRunspaceStateEvent,
    ServerPipeline,
    ServerRunspacePool,
    SetMaxRunspacesEvent,
    SetMinRunspacesEvent,
    StreamType,
)
from psrpcore._payload import create_fragment
from psrpcore.types import PSVersion

from ..powershell.runspace import Runspace
from .accounts import Account
from .pipeline import PipelineRun
from .shell import DONE, RUNNING, Received, Shell, no_such_command, no_such_shell, timed_out, too_many_commands
from .soap import NAMES, Fault, Request

CREATION = "{http://schemas.microsoft.com/powershell}creationXml"
# How long a Receive waits for the end of a pipeline that has begun to give output
LINGER = 0.5
# What PowerShell cuts messages into (the default of its transports), and the head of each piece (MS-PSRP 2.2.4)
FRAGMENT, HEAD = 32768, 21
COMMANDS_PER_SHELL = 1000


class PsrpShell(Shell):
    """A runspace pool on the server.

    ``make_runspace`` is called with the stop event of each pipeline, ``started`` with its owner and what it runs.
    """

    def __init__(
        self,
        request: Request,
        owner: Account,
        make_runspace: Callable[[threading.Event], Runspace],
        started: Callable[[Account, str], None] = lambda account, text: None,
        protocol: str = "",
    ) -> None:
        super().__init__(request.resource_uri, owner, _shell_id(request.body))
        self._pool = ServerRunspacePool()
        if protocol:
            self._pool.our_capability.protocolversion = PSVersion(protocol)
        self._make_runspace = make_runspace
        self._started = started
        self._changed = threading.Condition()
        self._queues: dict[str, list[bytes]] = defaultdict(list)
        self._runs: dict[str, PipelineRun] = {}
        self._pouring: set[str] = set()
        created = request.body.find(f"rsp:Shell/{CREATION}", NAMES)
        if created is None:
            raise Fault("The Create message carries no creationXml.", 2150858817, sender=True)
        self._feed(base64.b64decode(created.text or ""), None)

    def command(self, request: Request) -> str:
        """Take the first fragment of a pipeline."""
        line = request.body.find("rsp:CommandLine", NAMES)
        if line is None:
            raise Fault("The Command message has no CommandLine.", 2150858817, sender=True)
        command_id = line.get("CommandId", "").upper() or str(uuid.uuid4()).upper()
        with self._changed:
            if len(self._runs) >= COMMANDS_PER_SHELL:
                raise too_many_commands()
            self._runs[command_id] = PipelineRun(ServerPipeline(self._pool, uuid.UUID(command_id)), self._changed)
        self._feed(base64.b64decode(line.findtext("rsp:Arguments", "", NAMES)), uuid.UUID(command_id))
        return command_id

    def send(self, stream: str, data: bytes, command_id: str, end: bool) -> None:
        """Take further fragments, of the pool or of a pipeline."""
        self._feed(data, uuid.UUID(command_id) if command_id else None, stream)

    def _feed(self, data: bytes, pipeline_id: uuid.UUID | None, stream: str = "stdin") -> None:
        kind = StreamType.prompt_response if stream == "pr" else StreamType.default
        with self._changed:
            self._pool.receive_data(PSRPPayload(data, kind, pipeline_id))
            while event := self._pool.next_event():
                self._react(event)
            self._changed.notify_all()

    def _react(self, event: Any) -> None:
        if isinstance(event, SetMaxRunspacesEvent | SetMinRunspacesEvent | ResetRunspaceStateEvent):
            self._pool.runspace_availability_response(event.ci, True)
        elif isinstance(event, GetAvailableRunspacesEvent):
            self._pool.runspace_availability_response(event.ci, self._pool.max_runspaces)
        if not event.pipeline_id:
            return
        run = self._runs.get(str(event.pipeline_id).upper())
        if run is None:
            return
        if isinstance(event, CreatePipelineEvent):
            self._started(self.owner, run.text)
            self.begin(str(event.pipeline_id).upper(), run)
        elif isinstance(event, PipelineInputEvent):
            run.given.append(event.data)
        elif isinstance(event, EndOfPipelineInputEvent):
            run.given_all.set()

    def begin(self, command_id: str, run: PipelineRun) -> None:
        """Have a pipeline run that is all there."""
        run.start(self._make_runspace(run.stopping))

    def receive(self, command_id: str, request: Request) -> Received:
        """Wait for messages of the pool or of a pipeline."""
        # base64 and the envelope around it have to fit as well
        limit = max(request.envelope_size * 3 // 4 - 4096, 4096)
        deadline = time.monotonic() + request.timeout
        first_seen = 0.0
        with self._changed:
            if command_id and command_id not in self._runs:
                raise no_such_shell()
            while True:
                if run := self._runs.get(command_id) if command_id in self._pouring else None:
                    run.pour(limit)
                self._drain()
                run, queue = self._runs.get(command_id), self._queues[command_id]
                if command_id and run is None:
                    return Received([], DONE, 0)
                if run is not None and run.told:
                    raise no_such_command()
                done = run is not None and run.done and command_id not in self._pouring
                now = time.monotonic()
                first_seen = first_seen or (now if queue else 0.0)
                lingered = bool(queue) and (run is None or now - first_seen >= LINGER)
                full = sum(map(len, queue)) >= limit
                if done or lingered or full or (queue and now >= deadline):
                    return self._taken(command_id, limit, done)
                if now >= deadline:
                    raise timed_out()
                self._changed.wait(min(deadline, first_seen + LINGER if queue else deadline) - now)

    def pour(self, command_id: str) -> None:
        """Have a pipeline give output whenever it is asked, instead of what it would have given."""
        with self._changed:
            run = self._runs.get(command_id)
            if run is not None:
                run.done = True
                self._drain()
                self._queues[command_id].clear()
                self._pouring.add(command_id)

    def _drain(self) -> None:
        """Cut all messages there are into fragments, the same ones however long after each other they came."""
        while self._pool._send_buffer:
            message = self._pool._send_buffer.pop(0)
            queue = self._queues[str(message.pipeline_id or "").upper()]
            while len(message):
                part = message.fragment(FRAGMENT - HEAD)
                queue.append(create_fragment(part.object_id, part.fragment_id, bytes(part.data), part.end))

    def _taken(self, command_id: str, limit: int, done: bool) -> Received:
        """As many fragments of the queue as one envelope holds."""
        queue, size, count = self._queues[command_id], 0, 0
        while count < len(queue) and (not count or size + len(queue[count]) <= limit):
            size += len(queue[count])
            count += 1
        taken, queue[:count] = b"".join(queue[:count]), []
        finished = done and not queue
        if finished and (run := self._runs.get(command_id)):
            run.told = True
        pieces = [("stdout", taken)] * bool(taken)
        return Received(pieces, DONE if finished else RUNNING, 0 if finished else None)

    def spoken(self, command_id: str) -> str:
        """The commands of a pipeline, a statement a line."""
        with self._changed:
            run = self._runs.get(command_id)
            return run.text if run is not None and run.known else ""

    def signal(self, code: str, command_id: str) -> None:
        """Stop a pipeline and forget it; Ctrl+C and Terminate differ only in what is left to receive."""
        with self._changed:
            run = self._runs.pop(command_id, None)
            if run is not None:
                run.stop()
                run.forget()
                self._queues.pop(command_id, None)
            self._changed.notify_all()

    def close(self) -> None:
        """Stop all pipelines."""
        with self._changed:
            for run in self._runs.values():
                run.stop()
            self._runs.clear()
            self._changed.notify_all()


def _shell_id(body: ElementTree.Element) -> str:
    shell = body.find("rsp:Shell", NAMES)
    return shell.get("ShellId", "") if shell is not None else ""
