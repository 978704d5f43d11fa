# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One pipeline of a PSRP shell: its commands read, run in a thread of its own, its streams put on the wire."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from psrpcore import ServerPipeline, StreamType
from psrpcore._payload import PSRPMessage, create_message
from psrpcore.types import (
    HostMethodIdentifier,
    PSDict,
    PSInvocationState,
    PSList,
    PSRPMessageType,
    PSStack,
    PSString,
)

from ..powershell.binding import Argument, Call
from ..powershell.records import Failure, StatementFailed
from ..powershell.runspace import Runspace, Script, Statement

# How long a pipeline or process waits for the end of its input, in seconds
INPUT_LIMIT = 600.0

# MS-PSRP 2.2.3.4: stopped, completed, failed
_STATE = re.compile(r'<I32 N="PipelineState">(\d+)</I32>')
_ENDS = (3, 4, 5)


class Stopped(Exception):
    """The client has stopped the pipeline."""


def plain(value: Any) -> Any:
    """What psrpcore read from the wire as Python's own types; objects with properties stay as they are."""
    if isinstance(value, PSDict | dict):
        return {plain(key): plain(content) for key, content in value.items()}
    if isinstance(value, PSList | PSStack | list):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if type(value).__module__.startswith("psrpcore") and isinstance(value, int) and not _has_properties(value):
        return int(value)
    return value


def _has_properties(value: Any) -> bool:
    return bool(value.PSObject.adapted_properties or value.PSObject.extended_properties)


def statements_of(metadata: Any) -> list[Statement]:
    """The commands of a CreatePipeline message (MS-PSRP 2.2.3.11), statement by statement."""
    statements: list[list[Call | Script]] = [[]]
    for command in metadata.commands:
        if command.is_script:
            statements[-1].append(Script(str(command.command_text)))
        else:
            arguments = tuple(Argument(plain(value), str(name or "")) for name, value in command.parameters)
            statements[-1].append(Call(str(command.command_text), arguments))
        if command.end_of_statement:
            statements.append([])
    return [statement for statement in statements if statement]


def _ended(state: str) -> bool:
    """Whether a PIPELINE_STATE message tells an end (MS-PSRP 2.2.2.21)."""
    found = _STATE.search(state)
    return found is not None and int(found[1]) in _ENDS


def _name(command: Call | Script) -> str:
    return command.text if isinstance(command, Script) else command.name


class PipelineRun:
    """A pipeline from its creation to its last message; all its methods but ``_work`` are called under the lock."""

    def __init__(self, pipeline: ServerPipeline, changed: threading.Condition) -> None:
        self._pipeline = pipeline
        self._changed = changed
        self.stopping = threading.Event()
        self.given: list[Any] = []
        self.given_all = threading.Event()
        self.done = False
        self.told = False

    @property
    def known(self) -> bool:
        """Whether all fragments of what it shall run have come."""
        return self._pipeline.metadata is not None

    @property
    def metadata(self) -> Any:
        """What it shall run (MS-PSRP 2.2.3.11)."""
        return self._pipeline.metadata

    @property
    def text(self) -> str:
        """The commands it consists of, a statement a line."""
        statements = statements_of(self._pipeline.metadata)
        return "\n".join(" | ".join(_name(command) for command in statement) for statement in statements)

    def start(self, runspace: Runspace) -> None:
        """Begin to run."""
        self._pipeline.start()
        threading.Thread(target=self._work, args=(runspace,), daemon=True, name="pipeline").start()

    def _work(self, runspace: Runspace) -> None:
        metadata: Any = self._pipeline.metadata
        try:
            given = None
            if not metadata.no_input:
                self.given_all.wait(INPUT_LIMIT)
                given = [plain(item) for item in self.given]
            runspace.run(statements_of(metadata), self, given)
        except StatementFailed as failed:
            self._finish(failed.remote)
        except Stopped:
            pass
        except Exception as error:
            self._finish(Failure(f"{type(error).__name__}: {error}", reason="RuntimeException", error_id="LabFailed"))
            raise
        else:
            self._finish(None)

    def _finish(self, failure: Failure | None) -> None:
        with self._changed:
            if not self.done:
                self.done = True
                if failure:
                    self._pipeline._change_state(PSInvocationState.Failed, failure.record())
                else:
                    self._pipeline.complete()
                self._changed.notify_all()

    def stop(self) -> None:
        """Stop it if it still runs."""
        self.stopping.set()
        self.given_all.set()
        if not self.done:
            self.done = True
            if self._pipeline.state == PSInvocationState.Running:
                self._pipeline.stop()

    def forget(self) -> None:
        """Take it out of its pool."""
        self._pipeline.close()

    def _write(self, message: Any, kind: PSRPMessageType) -> None:
        with self._changed:
            if self.done:
                raise Stopped
            self._pipeline.prepare_message(message, message_type=kind)
            self._changed.notify_all()

    def output(self, thing: Any) -> None:
        """Send an object."""
        self._write(dict(thing) if isinstance(thing, Mapping) else thing, PSRPMessageType.PipelineOutput)

    def error(self, failure: Failure) -> None:
        """Send an error record."""
        self._write(failure.record(), PSRPMessageType.ErrorRecord)

    def warning(self, text: str) -> None:
        """Send a warning."""
        with self._changed:
            if self.done:
                raise Stopped
            self._pipeline.write_warning(text)
            self._changed.notify_all()

    def replay(self, kind: PSRPMessageType, clixml: str) -> None:
        """Send a message as it is; the one that tells an end is the last one."""
        pool, identity = self._pipeline.runspace_pool, self._pipeline.pipeline_id
        data = create_message(False, kind, clixml.encode(), pool.runspace_pool_id, identity)
        with self._changed:
            if self.done:
                raise Stopped
            number = pool._fragment_counter
            message = PSRPMessage(kind, bytearray(data), pool.runspace_pool_id, identity, number, StreamType.default)
            pool._send_buffer.append(message)
            if kind == PSRPMessageType.PipelineState and _ended(clixml):
                self.done, self._pipeline.state = True, PSInvocationState.Completed
            self._changed.notify_all()

    def pour(self, size: int) -> None:
        """Send an object of some ``size`` bytes; the caller holds the lock."""
        self._pipeline.prepare_message(PSString("x" * size), message_type=PSRPMessageType.PipelineOutput)

    def exit(self, code: int) -> None:
        """Tell the client's host the exit code, where it has one."""
        metadata: Any = self._pipeline.metadata
        if code and not metadata.host.IsHostNull:
            with self._changed:
                if not self.done:
                    self._pipeline.host_call(HostMethodIdentifier.SetShouldExit, [code])
