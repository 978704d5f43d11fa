# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""powershell.exe as a process: its command line, a runspace, and streams turned into bytes (about_PowerShell_exe)."""

from __future__ import annotations

import base64
import binascii
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from psrpcore.types import ClixmlStream, PSCryptoProvider, serialize_clixml

from .engine import Collected
from .formatting import lines_of
from .interpreter import Exited, Interpreter
from .records import Failure, StatementFailed

# The console of a process without one is this wide; longer lines of an error are broken.
WIDTH = 79
_OPTIONS_WITH_VALUE = ("executionpolicy", "version", "outputformat", "inputformat", "windowstyle", "psconsolefile")
_SWITCHES = ("noprofile", "noninteractive", "nologo", "noexit", "sta", "mta")


class BadUsage(ValueError):
    """powershell.exe does not take this command line."""


@dataclass
class CommandLine:
    """What powershell.exe was asked to do. ``script`` None means to read standard input."""

    script: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    encoded: bool = False

    @classmethod
    def parse(cls, words: Sequence[str]) -> CommandLine:
        """Read the words behind powershell.exe; raises BadUsage."""
        made = cls()
        rest = list(words)
        while rest:
            word = rest.pop(0)
            name = word.lstrip("-/").lower()
            if not word.startswith(("-", "/")) or (name and "command".startswith(name)):
                text = " ".join(rest if word.startswith(("-", "/")) else [word, *rest])
                made.script = None if text.strip() == "-" else text
                return made
            made._option(name, rest)
        return made

    def _option(self, name: str, rest: list[str]) -> None:
        # -e and -ec stand for -EncodedCommand too
        if name == "ec" or (name and "encodedcommand".startswith(name)):
            self.script, self.encoded = _decoded(rest), True
        elif matching := [each for each in _OPTIONS_WITH_VALUE if name and each.startswith(name)]:
            self.options[matching[0]] = rest.pop(0) if rest else ""
        elif not any(name and each.startswith(name) for each in _SWITCHES):
            raise BadUsage(f"The term '-{name}' is not an option that the lab's powershell.exe knows.")


def _decoded(rest: list[str]) -> str:
    try:
        return base64.b64decode(rest.pop(0), validate=True).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError, IndexError):
        raise BadUsage(
            "Cannot process the command because the value specified with -EncodedCommand is not properly encoded. "
            "The value must be Base64 encoded."
        ) from None


class Console(Collected):
    """The host of a process: streams kept, the exit code noted."""

    def __init__(self) -> None:
        super().__init__()
        self.code: int | None = None

    def exit(self, code: int) -> None:
        """Note the exit code."""
        self.code = code


def run(words: Sequence[str], given: str, make: Callable[[str], Interpreter]) -> tuple[int, str, str]:
    """Exit code, standard output and error of powershell.exe; ``make`` gives a runspace of a ``-Version``."""
    try:
        line = CommandLine.parse(words)
    except BadUsage as usage:
        return -196608, "", f"{usage}\r\n"
    interpreter = make(line.options.get("version", ""))
    console = Console()
    script = given if line.script is None else line.script
    code = _run(interpreter, script, console, [] if line.script is None else given.splitlines())
    xml = line.options.get("outputformat", "").lower() == "xml"
    errors_as_xml = xml or (line.encoded and "outputformat" not in line.options)
    output = _document(console.objects) if xml else "".join(f"{text}\r\n" for text in lines_of(console.objects))
    return code, output, _errors(console, as_xml=errors_as_xml)


def _run(interpreter: Interpreter, script: str, console: Console, given: list[Any]) -> int:
    try:
        interpreter.script(script, console, given)
    except Exited as exited:
        return exited.code
    except StatementFailed as failed:
        console.error(failed.failure)
        return 1
    return 0 if interpreter.succeeded else 1


def _document(things: list[Any]) -> str:
    entries = [(thing, ClixmlStream.OUTPUT) for thing in things]
    return f"#< CLIXML\r\n{serialize_clixml(entries, PSCryptoProvider())}"


def _errors(console: Console, *, as_xml: bool) -> str:
    """Standard error: plain, or as strings of a CLIXML document, which an encoded command gives."""
    lines = [line for failure in console.failures for line in _shown(failure)]
    if not as_xml:
        return "".join(f"{line}\r\n" for line in lines)
    entries: list[Any] = [(f"{line}\r\n", ClixmlStream.ERROR) for line in lines]
    entries += ((text, ClixmlStream.WARNING) for text in console.warnings)
    if not entries:
        return ""
    # PowerShell writes this stream's name, and only this one's, with a capital
    return "#< CLIXML\r\n" + serialize_clixml(entries, PSCryptoProvider()).replace(' S="error"', ' S="Error"')


def _shown(failure: Failure) -> list[str]:
    """An error on the console: words wrapped in the message, the rest cut and continued after three spaces."""
    name = failure.activity or (str(failure.target) if failure.target else "")
    message, details = failure.lines()[:-3], failure.lines()[-3:]
    lines = [part for line in message for part in textwrap.wrap(line, WIDTH, break_long_words=True) or [""]]
    lines += ["At line:1 char:1", f"+ {name}", f"+ {'~' * len(name)}"] if name else []
    for line in details:
        lines.append(line[:WIDTH])
        lines += (f"   {line[at : at + WIDTH - 3]}" for at in range(WIDTH, len(line), WIDTH - 3))
    return lines
