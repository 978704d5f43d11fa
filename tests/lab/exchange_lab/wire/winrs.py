# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text-based shell (MS-WSMV 2.2.4.35, winrs): cmd.exe with one process after another."""

from __future__ import annotations

import shlex
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..powershell.core import Files
from ..powershell.interpreter import Program
from .accounts import Account
from .broken import Broken
from .pipeline import INPUT_LIMIT
from .shell import DONE, RUNNING, Received, Shell, no_such_shell, timed_out, too_many_operations
from .soap import NAMES, Fault, Request
from .spoken import decoded

RESOURCE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"
# cmd.exe takes no longer line (KB830473)
LONGEST_LINE = 8191
# MaxConcurrentOperationsPerUser of Windows Server 2012 and later; a text shell does not count down
OPERATIONS_PER_SHELL = 1500

# Words of a command line and standard input to exit code, standard output and standard error
PowerShellProcess = Callable[[list[str], str], tuple[int, str, str]]


@dataclass
class Machine:
    """What a process finds on the host. ``powershell`` runs powershell.exe."""

    powershell: Callable[[Account, threading.Event], PowerShellProcess]
    programs: Mapping[str, Program]
    files: Files
    started: Callable[[Account, str], None] = lambda account, line: None


@dataclass
class _Process:
    line: str
    stopping: threading.Event = field(default_factory=threading.Event)
    given: bytes = b""
    given_all: threading.Event = field(default_factory=threading.Event)
    pieces: list[tuple[str, bytes]] = field(default_factory=list)
    exit_code: int | None = None
    broken: Exception | None = None


class CmdShell(Shell):
    """A winrs shell."""

    def __init__(self, request: Request, owner: Account, machine: Machine) -> None:
        shell = request.body.find("rsp:Shell", NAMES)
        super().__init__(request.resource_uri, owner, shell.get("ShellId", "") if shell is not None else "")
        self._machine = machine
        self._encoding = "utf-8" if request.options.get("WINRS_CODEPAGE") == "65001" else "cp437"
        self._changed = threading.Condition()
        self._processes: dict[str, _Process] = {}
        self._operations = 0

    def command(self, request: Request) -> str:
        """Start a process."""
        line = request.body.find("rsp:CommandLine", NAMES)
        if line is None:
            raise Fault("The Command message has no CommandLine.", 2150858817, sender=True)
        words = [line.findtext("rsp:Command", "", NAMES)]
        words += (each.text or "" for each in line.iterfind("rsp:Arguments", NAMES))
        process = _Process(" ".join(words).strip())
        if request.options.get("WINRS_CONSOLEMODE_STDIN", "TRUE").upper() == "TRUE":
            # nothing will be sent: the process has a console that nobody types into
            process.given_all.set()
        command_id = line.get("CommandId", "").upper() or str(uuid.uuid4()).upper()
        with self._changed:
            self._operations += 1
            if self._operations > OPERATIONS_PER_SHELL:
                raise too_many_operations(OPERATIONS_PER_SHELL)
            self._processes[command_id] = process
        self._machine.started(self.owner, process.line)
        threading.Thread(target=self._work, args=(process,), daemon=True, name="process").start()
        return command_id

    def _work(self, process: _Process) -> None:
        try:
            code, output, errors = self._run(process)
        except (Broken, Fault) as broken:
            process.broken = broken
            self._end(process, 1, "", "")
            return
        except Exception as error:
            self._end(process, 1, "", f"{type(error).__name__}: {error}\r\n")
            raise
        self._end(process, code, output, errors)

    def _end(self, process: _Process, code: int, output: str, errors: str) -> None:
        with self._changed:
            for name, text in (("stdout", output), ("stderr", errors)):
                if text:
                    process.pieces.append((name, text.encode(self._encoding, "replace")))
            process.exit_code = code
            self._changed.notify_all()

    def _run(self, process: _Process) -> tuple[int, str, str]:
        if len(process.line) > LONGEST_LINE:
            return 1, "", "The command line is too long.\r\n"
        words = split(process.line)
        name = words[0].lower().removesuffix(".exe") if words else ""
        if any(sign in process.line for sign in "|&<>^%") and name != "powershell":
            return 1, "", "The lab's cmd.exe runs single commands only.\r\n"
        programs = {each.lower().removesuffix(".exe"): program for each, program in self._machine.programs.items()}
        if name == "powershell":
            process.given_all.wait(INPUT_LIMIT)
            run = self._machine.powershell(self.owner, process.stopping)
            return run(words[1:], process.given.decode("utf-8-sig", "replace"))
        if name in programs:
            code, output = programs[name](words[1:], [])
            return code, output, ""
        return self._builtin(name, words)

    def _builtin(self, name: str, words: list[str]) -> tuple[int, str, str]:
        if name == "chcp":
            return 0, f"Active code page: {words[1] if len(words) > 1 else '65001'}\r\n", ""
        if name in ("echo", "rem"):
            return 0, f"{' '.join(words[1:])}\r\n" if name == "echo" else "", ""
        if name == "type" and len(words) == 2:
            data = self._machine.files.content.get(self._machine.files.key(words[1]))
            if data is None:
                return 1, "", "The system cannot find the file specified.\r\n"
            return 0, data.decode("utf-8", "replace"), ""
        if name == "exit":
            return int(words[-1]) if words[-1].isdigit() else 0, "", ""
        return (
            1,
            "",
            f"'{words[0] if words else ''}' is not recognized as an internal or external command,\r\n"
            "operable program or batch file.\r\n",
        )

    def send(self, stream: str, data: bytes, command_id: str, end: bool) -> None:
        """Take standard input of a process."""
        with self._changed:
            process = self._processes.get(command_id)
            if process is None:
                raise no_such_shell()
            process.given += data
        if end:
            process.given_all.set()

    def receive(self, command_id: str, request: Request) -> Received:
        """Wait for output of a process; the last piece comes with the exit code."""
        deadline = time.monotonic() + request.timeout
        limit = max(request.envelope_size * 3 // 4 - 4096, 4096)
        with self._changed:
            process = self._processes.get(command_id)
            if process is None:
                raise no_such_shell()
            while process.exit_code is None:
                if (remaining := deadline - time.monotonic()) <= 0:
                    raise timed_out()
                self._changed.wait(remaining)
            if process.broken:
                raise process.broken
            pieces = list(_cut(process.pieces, limit))
        done = not process.pieces
        return Received(pieces, DONE if done else RUNNING, process.exit_code if done else None)

    def spoken(self, command_id: str) -> str:
        """The command line of a process and what it was given on standard input."""
        with self._changed:
            process = self._processes.get(command_id)
            return decoded(process.line) + process.given.decode("utf-8", "replace") if process else ""

    def signal(self, code: str, command_id: str) -> None:
        """End a process."""
        with self._changed:
            process = self._processes.pop(command_id, None)
            if process is not None:
                process.stopping.set()
                process.given_all.set()
            self._changed.notify_all()

    def close(self) -> None:
        """End all processes."""
        for command_id in list(self._processes):
            self.signal("Terminate", command_id)


def split(line: str) -> list[str]:
    """The words of a command line; double quotes keep blanks together, a backslash means itself."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="")
    lexer.whitespace_split, lexer.escape, lexer.quotes, lexer.commenters = True, "", '"', ""
    try:
        return list(lexer)
    except ValueError:
        return line.split()


def _cut(pieces: list[tuple[str, bytes]], limit: int) -> Iterator[tuple[str, bytes]]:
    """Take from the pieces what fits one envelope."""
    while pieces and limit > 0:
        name, data = pieces.pop(0)
        yield name, data[:limit]
        if len(data) > limit:
            pieces.insert(0, (name, data[limit:]))
        limit -= len(data)
