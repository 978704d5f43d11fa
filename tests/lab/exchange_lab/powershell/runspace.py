# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PSRP shell does with a pipeline, apart from the protocol: language modes and several statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .binding import Call, Pipeline
from .engine import Engine, Streams
from .records import Failure, StatementFailed


@dataclass(frozen=True)
class Script:
    """A piece of script in place of a command."""

    text: str


Statement = Sequence[Call | Script]


class Host(Streams, Protocol):
    """Streams, and what a host application is told."""

    def exit(self, code: int) -> None:
        """Take the exit code (``$Host.SetShouldExit``)."""


class Runspace(Protocol):
    """Runs what a client sends."""

    def run(self, statements: Sequence[Statement], host: Host, given: Iterable[Any] | None) -> None:
        """Run the statements; raises StatementFailed when the last of them ends so."""


NO_LANGUAGE = Failure(
    "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode.",
    "ParserError",
    "ParseException",
    "ScriptsNotAllowed",
)


@dataclass
class NoLanguage:
    """Structured commands only, as Exchange's endpoint is since KB5001779 (pypsrp issue 103).

    ``several`` tells whether more than one statement is taken, ``piped`` whether one command may feed another; no
    public source settles either.
    """

    engine: Engine
    several: bool = True
    piped: bool = True

    def run(self, statements: Sequence[Statement], host: Host, given: Iterable[Any] | None) -> None:
        """Run the statements one after another."""
        if len(statements) > 1 and not self.several:
            raise StatementFailed(NO_LANGUAGE)
        if not self.piped and any(len(statement) > 1 for statement in statements):
            raise StatementFailed(NO_LANGUAGE)
        if any(isinstance(command, Script) for statement in statements for command in statement):
            raise StatementFailed(NO_LANGUAGE)
        pipelines = [[each for each in statement if isinstance(each, Call)] for statement in statements]
        run_each(self.engine, pipelines, host, given)


def run_each(engine: Engine, pipelines: Sequence[Pipeline], host: Streams, given: Iterable[Any] | None) -> None:
    """Several statements of one PowerShell object: a failed one is reported and the next runs, the last one's counts.

    That is what ErrorActionPreference Continue makes of a batch (PowerShell.AddStatement).
    """
    for number, pipeline in enumerate(pipelines, 1):
        try:
            engine.run(pipeline, host, given)
        except StatementFailed as failed:
            if number == len(pipelines):
                raise
            host.error(failed.remote)
