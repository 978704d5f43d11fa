# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs pipelines of cmdlets: command lookup, binding, streaming from one to the next, errors and their preferences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .binding import Binder, Call, Pipeline
from .cmdlet import Cmdlet, CmdletError, Invocation
from .conduct import Conduct
from .records import Failure, StatementFailed, failure_of

__all__ = ["Collected", "Engine", "Failure", "StatementFailed", "Streams"]


class Streams(Protocol):
    """Where a pipeline writes to."""

    def output(self, thing: Any) -> None:
        """Take an object of the success stream."""

    def error(self, failure: Failure) -> None:
        """Take a non-terminating error."""

    def warning(self, text: str) -> None:
        """Take a warning."""


@dataclass
class Collected:
    """Streams kept in lists."""

    objects: list[Any] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def output(self, thing: Any) -> None:
        """Keep an object."""
        self.objects.append(thing)

    def error(self, failure: Failure) -> None:
        """Keep an error."""
        self.failures.append(failure)

    def warning(self, text: str) -> None:
        """Keep a warning."""
        self.warnings.append(text)


@dataclass
class _Stage:
    cmdlet: Cmdlet
    binder: Binder
    conduct: Conduct


@dataclass
class Engine:
    """The cmdlets of one shell and who runs them.

    ``observe`` is told each cmdlet's name and bound parameters before it runs, ``pace`` is called then too (latency,
    or an exception to stop). ``terminating`` makes every error that a cmdlet raises a terminating one.
    """

    cmdlets: Mapping[str, Cmdlet]
    user: str = ""
    remote: bool = True
    observe: Callable[[str, Mapping[str, Any]], None] | None = None
    pace: Callable[[str], None] | None = None
    terminating: bool = False
    error_action: str = "Continue"

    def __post_init__(self) -> None:
        """Cmdlet names have no case."""
        self._known = {name.lower(): cmdlet for name, cmdlet in self.cmdlets.items()}

    def run(self, pipeline: Pipeline, streams: Streams, given: Iterable[Any] | None = None) -> None:
        """Run one statement; raises StatementFailed after whatever it had written before."""
        stages = self._prepared(pipeline, expects_input=given is not None)
        flow = given
        for stage in stages:
            if self.observe:
                self.observe(stage.cmdlet.name, dict(stage.binder.bound))
            flow = self._flow(stage, flow, streams)
        for thing in flow or ():
            streams.output(thing)

    def add(self, cmdlets: Mapping[str, Cmdlet]) -> None:
        """Make further cmdlets known, as loading a snap-in does."""
        self._known.update((name.lower(), cmdlet) for name, cmdlet in cmdlets.items())

    def all(self) -> list[Cmdlet]:
        """The cmdlets that the shell has."""
        return sorted(self._known.values(), key=lambda cmdlet: cmdlet.name)

    def find(self, name: str) -> Cmdlet | None:
        """The cmdlet of that name, with or without its module or snap-in in front (``Module\\Get-Thing``)."""
        return self._known.get(name.rpartition("\\")[2].lower())

    def _prepared(self, pipeline: Pipeline, *, expects_input: bool) -> list[_Stage]:
        """All commands are looked up and their arguments bound before the first one runs."""
        found = [(call, self._found(call)) for call in pipeline]
        return [self._stage(call, cmdlet, bool(number) or expects_input) for number, (call, cmdlet) in enumerate(found)]

    def _found(self, call: Call) -> Cmdlet:
        cmdlet = self.find(call.name)
        if cmdlet is None:
            raise StatementFailed(not_found(call.name))
        return cmdlet

    def _stage(self, call: Call, cmdlet: Cmdlet, expects_input: bool) -> _Stage:
        binder = Binder(cmdlet, self.remote)
        try:
            binder.bind(call.arguments, expects_input=expects_input and _takes_input(cmdlet))
        except CmdletError as error:
            raise StatementFailed(self._failure(cmdlet, error)) from error
        return _Stage(cmdlet, binder, Conduct.taken_from(binder.bound, self.error_action))

    def _flow(self, stage: _Stage, given: Iterable[Any] | None, streams: Streams) -> Iterator[Any]:
        if self.pace:
            self.pace(stage.cmdlet.name)
        if stage.cmdlet.collects:
            things = None if given is None else list(given)
            yield from self._call(stage, stage.binder.bound, things, streams)
        elif given is None:
            yield from self._call(stage, stage.binder.bound, None, streams)
        else:
            for item in given:
                yield from self._call_for(stage, item, streams)

    def _call_for(self, stage: _Stage, item: Any, streams: Streams) -> Iterator[Any]:
        try:
            bound = stage.binder.bind_input(item).bound
        except CmdletError as error:
            self._report(stage, error, streams)
            return
        yield from self._call(stage, bound, item, streams)

    def _call(self, stage: _Stage, bound: dict[str, Any], item: Any, streams: Streams) -> Iterator[Any]:
        what_if = stage.conduct.what_if
        invocation = Invocation(stage.cmdlet, dict(bound), item, self.user, self.remote, what_if)
        try:
            stage.conduct.allow(stage.cmdlet)
            if not what_if or stage.cmdlet.previews:
                for thing in stage.cmdlet.run(invocation):
                    self._drain(stage, invocation, streams)
                    yield thing
        except CmdletError as error:
            self._drain(stage, invocation, streams)
            self._report(stage, error, streams)
        else:
            self._drain(stage, invocation, streams)

    def _drain(self, stage: _Stage, invocation: Invocation, streams: Streams) -> None:
        """Pass on what the cmdlet has written besides its output."""
        warnings, invocation.warnings[:] = list(invocation.warnings), []
        errors, invocation.errors[:] = list(invocation.errors), []
        if stage.conduct.warnings not in ("SilentlyContinue", "Ignore"):
            for text in warnings:
                streams.warning(text)
        for error in errors:
            self._report(stage, error, streams, raised=False)

    def _report(self, stage: _Stage, error: CmdletError, streams: Streams, *, raised: bool = True) -> None:
        failure = self._failure(stage.cmdlet, error)
        if error.terminating or (raised and self.terminating):
            raise StatementFailed(failure)
        if stage.conduct.errors == "Stop":
            raise StatementFailed(failure, script=True, stopped=True)
        if stage.conduct.errors not in ("SilentlyContinue", "Ignore"):
            streams.error(failure)

    def _failure(self, cmdlet: Cmdlet, error: CmdletError) -> Failure:
        suffix = cmdlet.name if self.remote else cmdlet.class_name or cmdlet.name
        return failure_of(error, cmdlet.name, suffix)

    def collect(self, pipeline: Pipeline, given: Sequence[Any] | None = None) -> Collected:
        """Run one statement into lists; raises StatementFailed."""
        streams = Collected()
        self.run(pipeline, streams, given)
        return streams


def _takes_input(cmdlet: Cmdlet) -> bool:
    return cmdlet.collects or any(each.by_value or each.by_property_name for each in cmdlet.parameters)


def not_found(name: str) -> Failure:
    """The record for a command that the shell does not have."""
    return Failure(
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program. "
        "Check the spelling of the name, or if a path was included, verify that the path is correct and try again.",
        "ObjectNotFound",
        "CommandNotFoundException",
        "CommandNotFoundException",
        target=name,
    )
