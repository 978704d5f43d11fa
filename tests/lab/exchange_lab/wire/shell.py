# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shells of an endpoint (MS-WSMV 3.1.4.5): who holds which, how long they may idle, how many there may be."""

from __future__ import annotations

import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from .accounts import Account
from .soap import Fault, Request

DONE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done"
RUNNING = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Running"
TIMED_OUT = Fault(
    "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.",
    2150858793,
    "w:TimedOut",
)


def timed_out() -> Fault:
    """Nothing to receive within OperationTimeout; clients ask again."""
    return Fault(TIMED_OUT.text, TIMED_OUT.code, TIMED_OUT.subcode)


def no_such_shell() -> Fault:
    """The selector names no shell (any more); WSMAN_UNEXPECTED_SELECTORS."""
    return Fault(
        "The request for the Windows Remote Shell with ShellId failed because the shell was not found on the server. "
        "Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the server. Provide "
        "the correct ShellId or create a new shell and retry the operation.",
        2150858843,
        "w:InvalidSelectors",
        sender=True,
    )


def no_such_command() -> Fault:
    """The command has given its last output, or was never there; what is lost on the way is not given again."""
    return Fault(
        "The Windows Remote Shell received a request to perform an operation on a command identifier that does not "
        "exist. Either the command has completed execution or the client specified an invalid command identifier.",
        2150858843,
        "w:InvalidSelectors",
        sender=True,
    )


def too_many_shells(limit: int) -> Fault:
    """MaxShellsPerUser (pywinrm and vagrant threads show this text with this code)."""
    return Fault(
        f"The WS-Management service cannot process the request. This user is allowed a maximum number of {limit} "
        "concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user.",
        2150859173,
        "w:QuotaLimit",
    )


def too_many_commands() -> Fault:
    """MaxConcurrentCommandsPerShell (text and missing code as in pypsrp issue 148)."""
    return Fault(
        "The WS-Management service cannot process the request. The maximum number of concurrent commands per shell has "
        "been exceeded. Retry the request later or raise the Maximum Commands per Shell quota.",
        0,
    )


def too_many_operations(limit: int) -> Fault:
    """MaxConcurrentOperationsPerUser, which a text shell never counts down (ansible pull request 83656)."""
    return Fault(
        "The WS-Management service cannot process the request. This user is allowed a maximum number of "
        f"{limit} concurrent operations, which has been exceeded. Close existing operations for this user, or raise "
        "the quota for this user.",
        2150859174,
        "w:QuotaLimit",
        wmi=True,
    )


@dataclass
class Received:
    """What a Receive gives: pieces of streams, the command's state and, once done, its exit code."""

    pieces: list[tuple[str, bytes]]
    state: str = ""
    exit_code: int | None = None


class Shell(ABC):
    """One shell on the server."""

    def __init__(self, resource_uri: str, owner: Account, shell_id: str = "") -> None:
        self.id = shell_id.upper() or str(uuid.uuid4()).upper()
        self.resource_uri = resource_uri
        self.owner = owner
        self.touched = time.monotonic()
        self.idle_limit: float = 7200.0

    @abstractmethod
    def command(self, request: Request) -> str:
        """Start a command; the id under which it is received from."""

    @abstractmethod
    def send(self, stream: str, data: bytes, command_id: str, end: bool) -> None:
        """Take input."""

    @abstractmethod
    def receive(self, command_id: str, request: Request) -> Received:
        """Wait for output; raises Fault after the request's timeout."""

    @abstractmethod
    def spoken(self, command_id: str) -> str:
        """What a command was told to do; nothing for one that is not there."""

    @abstractmethod
    def signal(self, code: str, command_id: str) -> None:
        """Stop or forget a command."""

    @abstractmethod
    def close(self) -> None:
        """Stop whatever runs."""


@dataclass
class Shells:
    """All shells of one endpoint. ``changed`` is told of each that opens (True) or goes (False)."""

    limit: int
    exceeded: Callable[[int], Fault] = too_many_shells
    changed: Callable[[Shell, bool], None] = lambda shell, opened: None
    idle_limit: float = 7200.0
    table: dict[str, Shell] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The table is shared by all connections."""
        self._lock = threading.Lock()

    def open(self, shell: Shell) -> None:
        """Add a shell; raises Fault when its owner holds too many."""
        self.expire()
        with self._lock:
            held = sum(each.owner == shell.owner for each in self.table.values())
            if held >= self.limit:
                raise self.exceeded(self.limit)
            self.table[shell.id] = shell
        self.changed(shell, True)

    def find(self, shell_id: str, owner: Account) -> Shell:
        """The shell of that id, if it is this user's; raises Fault."""
        self.expire()
        with self._lock:
            shell = self.table.get(shell_id.upper())
        if shell is None or shell.owner != owner:
            raise no_such_shell()
        shell.touched = time.monotonic()
        return shell

    def close(self, shell: Shell) -> None:
        """Take a shell away."""
        with self._lock:
            known = self.table.pop(shell.id, None)
        if known:
            shell.close()
            self.changed(shell, False)

    def expire(self) -> None:
        """Take away what has not been touched for too long."""
        with self._lock:
            old = [
                each
                for each in self.table.values()
                if time.monotonic() - each.touched > min(each.idle_limit, self.idle_limit)
            ]
        for shell in old:
            self.close(shell)

    def close_all(self) -> None:
        """Take all shells away."""
        with self._lock:
            remaining = list(self.table.values())
        for shell in remaining:
            self.close(shell)
