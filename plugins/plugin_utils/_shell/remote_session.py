# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session on Exchange's own PowerShell endpoint: structured commands over PSRP, nothing that is script."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import (
    Command,
    Outcome,
    Pipeline,
    Plain,
    joined,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import wire
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Backoff, Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError, UnknownOutcome
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import Settings
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.transport import Transport

if TYPE_CHECKING:
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.failures import Trouble

# What only reads may be asked again without a second thought.
READING = ("Get-", "Test-")


class RemoteSession:
    """A runspace pool on the endpoint, opened by the first pipeline and closed by ``close`` in any case."""

    has_endpoint = True

    def __init__(
        self,
        settings: Settings,
        deadline: Deadline | None = None,
        backoff: Backoff | None = None,
        pause: Callable[[float], None] = time.sleep,
        connect: Callable[[Settings, Deadline], Transport] | None = None,
    ) -> None:
        self.server = settings.host
        self.settings = settings
        self.deadline = deadline or Deadline()
        self.backoff = backoff or Backoff()
        self.pause = pause
        self.connect = connect or Transport
        self.transport: Transport | None = None
        self.left: list[Transport] = []
        self.takes_statements = True

    def run(self, *pipelines: Pipeline) -> list[Outcome]:
        """Run the pipelines in order until one yields an error record.

        A reading pipeline is repeated on a new shell when the connection breaks. Raises UnknownOutcome when the
        answer to a write is lost, ShellError for every other failure of the shell.
        """
        outcomes = []
        for pipeline in pipelines:
            outcomes.append(self._persist(pipeline))
            if outcomes[-1].errors:
                break
        return outcomes

    def gather(self, *pipelines: Pipeline) -> Outcome:
        """Run reading pipelines as statements of one, which costs as much as one.

        Whether Exchange's endpoint takes several statements has no public source: where it refuses, they are run one
        by one, for the rest of the session too. What gave output was not refused, whatever errors came beside it.
        """
        if len(pipelines) < 2 or not self.takes_statements or not self._batches():
            return joined(self.run(*pipelines))
        outcome = self._persist(*pipelines)
        if outcome.output or not outcome.errors:
            return outcome
        alone = self.run(*pipelines)
        # what fails alone in the same way is no matter of statements
        self.takes_statements = [error.message for error in alone[-1].errors] == [outcome.errors[0].message]
        return joined(alone)

    def together(self, *pipelines: Pipeline) -> Outcome | None:
        """Run pipelines as statements of one, a later one also after an earlier one failed; see ``Session``."""
        return self._persist(*pipelines) if self.takes_statements and self._batches() else None

    def _batches(self) -> bool:
        """Whether the server knows statements at all: the protocol has them since version 2.2 (PowerShell 3.0)."""
        transport: Transport = self._attempt(self._transport, "Connecting to Exchange", safe=True)
        return transport.protocol >= (2, 2)

    def open(self) -> None:
        """Open the shell now, to learn whether that is possible."""
        self._attempt(self._transport, "Connecting to Exchange", safe=True)

    def close(self) -> None:
        """Close every shell that this session opened, each within seconds; never raises."""
        left, self.left = [*self.left, *filter(None, (self.transport,))], []
        self.transport = None
        for transport in left:
            transport.close()

    def _persist(self, *statements: Pipeline) -> Outcome:
        what = " | ".join(command.name for command in statements[0])
        safe = all(command.name.startswith(READING) for pipeline in statements for command in pipeline)
        outcome: Outcome = self._attempt(lambda: self._invoke(*statements), what, safe)
        return outcome

    def _attempt(self, work: Callable[[], Any], what: str, safe: bool) -> Any:
        """Do the work, again after each failure that is worth it and harmless to repeat."""
        waits = self.backoff.waits(1000)
        attempts = 0
        while True:
            self.deadline.check(what, self.server)
            try:
                self._transport()
                return work()
            except ShellError:
                raise
            except Exception as error:  # three libraries, each with exceptions of its own
                if self.deadline.remaining <= 0:
                    raise self._out_of_time(what, safe) from None
                judged = self._judged(error, what)
            attempts += 1
            wait = next(waits)
            self._give_up(judged, attempts, safe or self._harmless(judged), what, wait)
            self._abandon()
            self.pause(wait)

    def _out_of_time(self, what: str, safe: bool) -> ShellError:
        if safe or self.transport is None or not self.transport.sent:
            return self.deadline.passed(f"{what} was stopped", self.server)
        reason = f"the deadline of {self.deadline.seconds:g} s has passed, and whether it was done is unknown"
        remedy = "Run the task again with a longer deadline; it reads the state first"
        return ShellError(f"{what} was stopped", self.server, reason, remedy)

    def _judged(self, error: Exception, what: str) -> Trouble:
        # what judges failures is for an attempt that failed
        from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.failures import trouble

        return trouble(
            error, self.settings, what if self.transport and self.transport.opened else "Connecting to Exchange"
        )

    def _harmless(self, judged: Trouble) -> bool:
        """Whether nothing can have happened on the server: nothing was sent, or it said that it did not take it."""
        transport = self.transport
        return transport is None or not transport.sent or (judged.refused and not transport.taken)

    def _give_up(self, judged: Trouble, attempts: int, harmless: bool, what: str, wait: float) -> None:
        """Raise unless another attempt is due."""
        if not harmless:
            self._abandon()
            remedy = "The state is read again before anything else is written"
            raise UnknownOutcome(what, self.server, f"its outcome is unknown, {judged.error.reason}", remedy)
        if not (judged.throttled or judged.broken) or wait >= self.deadline.remaining:
            raise judged.error
        if not judged.throttled and attempts > self.backoff.attempts:
            raise judged.error

    def _transport(self) -> Transport:
        """The open transport; a shell that failed to open is remembered, it may exist on the server."""
        if self.transport is None:
            self.transport = self.connect(self.settings, self.deadline)
        self.transport.open()
        return self.transport

    def _abandon(self) -> None:
        if self.transport is not None:
            self.left.append(self.transport)
            self.transport = None
        self.left = [transport for transport in self.left if not transport.close()]

    def _invoke(self, *statements: Pipeline) -> Outcome:
        powershell = self._transport().run(
            *([(command.name, _parameters(command)) for command in pipeline] for pipeline in statements)
        )
        streams = powershell.streams
        return Outcome(
            output=tuple(wire.decode(item) for item in powershell.output),
            errors=tuple(wire.error_record(record) for record in streams.error),
            warnings=tuple(str(record.message) for record in streams.warning),
        )


def _parameters(command: Command) -> dict[str, Plain]:
    """The parameters as pypsrp sends them; it takes every int for 32 bits, PowerShell reads text as well."""
    large = (name for name, value in command.parameters.items() if isinstance(value, int) and abs(value) >= 2**31)
    return {**command.parameters, **{name: str(command.parameters[name]) for name in large}}
