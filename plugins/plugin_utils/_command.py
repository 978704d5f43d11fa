# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said to a shell and what comes back: cmdlet calls as data, never as script text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Union

# A value as it crosses the boundary to Exchange or Windows, free of Ansible's tags and of wire types.
Plain = Union[None, bool, int, str, "list[Plain]", "dict[str, Plain]"]


@dataclass(frozen=True)
class Command:
    """One cmdlet with its named parameters.

    A boolean stands for a switch or a boolean parameter alike, a dictionary for a hashtable (``@{Add = …}``), None
    for ``$null``.
    """

    name: str
    parameters: Mapping[str, Plain] = field(default_factory=dict)


# Commands joined by a pipe: ``Get-ReceiveConnector -Server X | Get-ADPermission`` is two commands in one pipeline.
Pipeline = tuple[Command, ...]


@dataclass(frozen=True)
class ErrorRecord:
    """A PowerShell error record (MS-PSRP 2.2.3.15) reduced to text.

    ``category`` is the name of the ErrorCategory (``InvalidData``), ``reason`` the exception's short type name,
    ``error_id`` the FullyQualifiedErrorId, ``raw`` everything the server said, for the reader who needs it.
    """

    message: str
    category: str = ""
    reason: str = ""
    error_id: str = ""
    cmdlet: str = ""
    target: str = ""
    raw: str = ""


@dataclass(frozen=True)
class WireObject:
    """One object of a cmdlet's output, every property reduced to plain values.

    A property that is an object on the wire is reduced to its string form, a list to a list of those. ``text`` is
    the object's own string form, ``type_names`` its types from the most specific one on, without ``Deserialized.``.
    """

    text: str
    type_names: tuple[str, ...]
    properties: Mapping[str, Plain]


@dataclass(frozen=True)
class Outcome:
    """What one pipeline gave: its output objects (or plain values), error records and warnings, each in order."""

    output: Sequence[WireObject | Plain] = ()
    errors: Sequence[ErrorRecord] = ()
    warnings: Sequence[str] = ()

    @property
    def objects(self) -> list[WireObject]:
        """The output without plain values."""
        return [item for item in self.output if isinstance(item, WireObject)]


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcomes of several pipelines as those of one."""
    return Outcome(
        output=tuple(item for outcome in outcomes for item in outcome.output),
        errors=tuple(record for outcome in outcomes for record in outcome.errors),
        warnings=tuple(text for outcome in outcomes for text in outcome.warnings),
    )


class Session(Protocol):
    """A shell that runs pipelines in order; ``server`` names it in error texts.

    ``has_endpoint`` tells Exchange's own endpoint, which 2007 and Edge Transport are without, from a shell on the host.
    """

    server: str
    has_endpoint: bool

    def run(self, *pipelines: Pipeline) -> list[Outcome]:
        """Run the pipelines in order and stop after the first that yields an error record.

        The list holds one outcome for each pipeline that was run, so it may be shorter than what was asked. Raises
        ``ShellError`` when the shell itself fails (no connection, no authentication, deadline passed).
        """

    def gather(self, *pipelines: Pipeline) -> Outcome:
        """Run reading pipelines in as few calls as the server takes, up to the first error, and join what they give.

        For objects that tell themselves apart. Raises as ``run`` does.
        """

    def together(self, *pipelines: Pipeline) -> Outcome | None:
        """Run pipelines of which it does not matter which are made, in one call, and join what they give.

        None where the server does not take that; nothing has been done then. After an error any of them may have been
        made. Raises as ``run`` does.
        """

    def close(self) -> None:
        """Close the shell on the server; never raises."""
