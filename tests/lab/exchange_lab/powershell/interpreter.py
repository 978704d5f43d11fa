# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs scripts of literal commands: cmdlets, native programs, ``$input`` and ``exit``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from .binding import PRESENT, Argument, Call
from .cmdlet import Cmdlet, Invocation, Parameter
from .engine import Collected, Engine
from .objects import text_of
from .records import Failure, StatementFailed
from .runspace import Host, Script, Statement, run_each
from .script import Exit, Input, Line, Values, read

# A native program: arguments and lines of standard input in, exit code and output text back.
Program = Callable[[list[str], list[str]], tuple[int, str]]


class Exited(Exception):
    """``exit`` was reached."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Interpreter:
    """A full-language runspace as far as literal scripts go.

    ``programs`` are known by their file name, with or without ``.exe``. ``succeeded`` is ``$?`` after the last
    statement, ``last_exit_code`` is ``$LASTEXITCODE``.
    """

    engine: Engine
    programs: Mapping[str, Program]
    succeeded: bool = True
    last_exit_code: int | None = None
    _hosts: list[Host] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Invoke-Expression comes back here."""
        self._programs = {name.lower().removesuffix(".exe"): program for name, program in self.programs.items()}
        command = Parameter("Command", str, mandatory=True, position=0, by_value=True)
        self.engine.add({"Invoke-Expression": Cmdlet("Invoke-Expression", (command,), self._invoke_expression)})

    def run(self, statements: Sequence[Statement], host: Host, given: Iterable[Any] | None) -> None:
        """Run what a PSRP client sends: scripts, or structured commands."""
        things = None if given is None else list(given)
        if any(isinstance(each, Script) for statement in statements for each in statement):
            for statement in statements:
                text = " | ".join(each.text for each in statement if isinstance(each, Script))
                self._run_or_exit(text, host, things)
        else:
            run_each(self.engine, [_calls(statement) for statement in statements], host, things)

    def _run_or_exit(self, text: str, host: Host, given: list[Any] | None) -> None:
        try:
            self.script(text, host, given)
        except Exited as exited:
            host.exit(exited.code)

    def script(self, text: str, host: Host, given: list[Any] | None) -> None:
        """Run a script; raises StatementFailed when it ends by an error, Exited at ``exit``."""
        lines = read(text)
        self._hosts.append(host)
        try:
            for line in lines:
                self._line(line, host, given)
        finally:
            self._hosts.pop()

    def _line(self, line: Line, host: Host, given: list[Any] | None) -> None:
        if isinstance(line, Exit):
            raise Exited((self.last_exit_code or 0) if line.code is None else line.code)
        watched = _Watched(host)
        try:
            self._pipeline(line, watched, given)
        except StatementFailed as failed:
            self.succeeded = False
            if failed.script:
                raise
            host.error(failed.failure)
        else:
            self.succeeded = not watched.failed and not (_ends_native(line, self) and self.last_exit_code)

    def _pipeline(self, line: tuple[Any, ...], host: Host, given: list[Any] | None) -> None:
        flow: list[Any] | None = None
        commands = list(line)
        if isinstance(commands[0], Input):
            flow = list(given or ())
            commands.pop(0)
        elif isinstance(commands[0], Values):
            flow = list(commands.pop(0).items)
        runs = [(native, list(calls)) for native, calls in groupby(commands, self._is_native)]
        for number, (native, calls) in enumerate(runs, 1):
            kept = _Kept(host)
            target = host if number == len(runs) else kept
            if native:
                for call in calls:
                    flow = list(self._native(call, flow or []))
                kept.objects = flow or []
                if target is host:
                    for thing in kept.objects:
                        host.output(thing)
            else:
                self.engine.run(calls, target, flow)
            flow = kept.objects
        if not runs:
            for thing in flow or ():
                host.output(thing)

    def _is_native(self, call: Call) -> bool:
        return self.engine.find(call.name) is None and call.name.lower().removesuffix(".exe") in self._programs

    def _native(self, call: Call, given: list[Any]) -> Iterator[str]:
        """Standard output of a program, a string for each line."""
        program = self._programs[call.name.lower().removesuffix(".exe")]
        self.last_exit_code, output = program(_words(call.arguments), [text_of(item) for item in given])
        yield from output.splitlines()

    def _invoke_expression(self, invocation: Invocation) -> Iterator[Any]:
        kept = _Kept(self._hosts[-1])
        try:
            self.script(invocation.bound["Command"], kept, None)
        except (Exited, StatementFailed):
            for thing in kept.objects:
                self._hosts[-1].output(thing)
            raise
        yield from kept.objects


class _Kept(Collected):
    """Output kept, the other streams passed on."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host

    def error(self, failure: Failure) -> None:
        """Pass it on."""
        self._host.error(failure)

    def warning(self, text: str) -> None:
        """Pass it on."""
        self._host.warning(text)

    def exit(self, code: int) -> None:
        """Pass it on."""
        self._host.exit(code)


class _Watched(_Kept):
    """Everything passed on; ``failed`` once there was an error."""

    failed = False

    def output(self, thing: Any) -> None:
        """Pass it on."""
        self._host.output(thing)

    def error(self, failure: Failure) -> None:
        """Pass it on and remember that there was one."""
        self.failed = True
        self._host.error(failure)


def _ends_native(line: tuple[Any, ...], interpreter: Interpreter) -> bool:
    return isinstance(line[-1], Call) and interpreter._is_native(line[-1])


def _words(arguments: Sequence[Argument]) -> list[str]:
    """A native program's words: names are words too, lists several."""
    words: list[str] = []
    for argument in arguments:
        if argument.name:
            words.append(argument.name)
        if argument.value is not PRESENT:
            values = argument.value if isinstance(argument.value, list) else [argument.value]
            words += (text_of(value) for value in values)
    return words


def _calls(statement: Statement) -> list[Call]:
    return [each for each in statement if isinstance(each, Call)]
