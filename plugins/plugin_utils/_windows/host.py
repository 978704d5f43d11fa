# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host at the other end: asks for its table, has steps done, and finds it again after the connection was cut."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord, Outcome
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import literal
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import (
    Failure,
    HostLost,
    ShellError,
    check,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows import nettcpip
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import AddressTable, IPAddress
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import Step

_UNKNOWN_COMMAND = "CommandNotFoundException"
_HARDWARE_ADDRESS = re.compile("(?:[0-9A-Fa-f]{2}[-:]){5}[0-9A-Fa-f]{2}")


class Shell(Protocol):
    """What is used of HostShell."""

    connection: Any
    server: str

    def execute(self, script: str) -> Outcome:
        """Run a script of literal statements in one powershell.exe."""


class Dialect(Protocol):
    """NetTCPIP cmdlets or netsh."""

    def read(self, host: Host) -> AddressTable:
        """Return the table."""

    def lines(self, steps: list[Step], table: AddressTable) -> list[str]:
        """Return the steps as statements."""

    def judge(self, outcome: Outcome, steps: list[Step], server: str) -> str:
        """Raise for a step that failed; return what was said that may be a failure."""


class NetTCPIP:
    """The cmdlets of Windows Server 2012 and later."""

    def read(self, host: Host) -> AddressTable:
        """Ask everything in one process; raises ShellError for what is no answer."""
        lines = [literal.render(pipeline, error_action="Stop") for pipeline in nettcpip.questions()]
        outcome = host.execute(lines)
        check([outcome], "Reading the addresses", host.server)
        try:
            return nettcpip.table("".join(str(item) for item in outcome.output))
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as reason:
            said = f"the answer makes no sense: {reason}"
            raise ShellError("Reading the addresses", host.server, said) from None

    def lines(self, steps: list[Step], table: AddressTable) -> list[str]:
        """One cmdlet call for each step."""
        return [literal.render((nettcpip.command(step),), error_action="Stop") for step in steps]

    def judge(self, outcome: Outcome, steps: list[Step], server: str) -> str:
        """An error record stops the script, so it is about the first step that was not done."""
        check([outcome], f"To {'; '.join(step.words for step in steps)}", server)
        return ""


@dataclass
class Host:
    """One Windows host; ``timeout`` is how many seconds it may be out of reach after a change."""

    shell: Shell
    timeout: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Nothing is known of the host yet."""
        self._dialect: Dialect | None = None
        self.said = ""

    @property
    def server(self) -> str:
        """The host's name for texts."""
        return self.shell.server

    def execute(self, lines: list[str]) -> Outcome:
        """Run the statements in one process."""
        return self.shell.execute("\n".join(lines))

    def read(self) -> AddressTable:
        """Return the table; a host that does not know the cmdlets is asked with netsh."""
        if self._dialect is None:
            self._dialect = NetTCPIP()
            try:
                return self._dialect.read(self)
            except Failure as failure:
                if not _unknown_command(failure.record):
                    raise
            self._dialect = _netsh()
        return self._dialect.read(self)

    def apply(self, steps: list[Step], table: AddressTable) -> str:
        """Have the steps done; returns what cut the connection meanwhile, in which case nobody knows how far it got."""
        dialect = self._dialect or NetTCPIP()
        try:
            outcome = self.execute(dialect.lines(steps, table))
        except HostLost as lost:
            return lost.reason
        self.said = dialect.judge(outcome, steps, self.server)
        return ""

    def read_again(self, lost: str) -> AddressTable:
        """Reconnect and read; raises ShellError when the host does not come back in time."""
        end = self.clock() + self.timeout
        while True:
            try:
                self._reconnect()
                return self.read()
            except Exception as problem:  # a reset lets through what the plugin's library raises
                if isinstance(problem, Failure) and not isinstance(problem, HostLost):
                    raise
                reason = getattr(problem, "reason", problem)
                if self.clock() >= end:
                    raise ShellError(
                        "Reconnecting",
                        self.server,
                        f"the change cut the connection ({lost}), which is not back after {self.timeout:g} s: {reason}",
                        "Look at the host's console; a rerun completes the change",
                    ) from None
            self.sleep(1.0)

    def _reconnect(self) -> None:
        reset = getattr(self.shell.connection, "reset", None)
        if reset is not None:
            reset()

    def suspect(self, ip: IPAddress) -> str:
        """Return the hardware address that disputes the IP address according to the event log, or nothing."""
        outcome = self.execute([literal.render(nettcpip.conflict_question())])
        whole = re.compile(rf"(?<![0-9A-Fa-f.:]){re.escape(str(ip))}(?![0-9A-Fa-f.:]*[0-9A-Fa-f])")
        for message in "".join(str(item) for item in outcome.output).splitlines():
            found = _HARDWARE_ADDRESS.search(message)
            if found and whole.search(message):
                return found.group()
        return ""


def _unknown_command(record: ErrorRecord | None) -> bool:
    return record is not None and _UNKNOWN_COMMAND in f"{record.error_id} {record.reason} {record.raw}"


def _netsh() -> Dialect:
    from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.netsh import Netsh

    return Netsh()
