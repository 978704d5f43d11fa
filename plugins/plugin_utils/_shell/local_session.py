# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Exchange snap-in on the host itself, over the host's own connection.

The way to servers without an endpoint: Exchange 2007 and Edge Transport. Objects come back as CLIXML through a file,
as Export-Clixml and Get-Content do in PowerShell 2.0 already, so that nothing but literal pipelines is needed.
"""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Outcome, Pipeline, joined
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import clixml, literal
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import (
    ExchangeError,
    ShellError,
    UnknownOutcome,
    check,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import HostShell

# Exchange 2013 and later, 2010, 2007; only one may be loaded, their cmdlets have the same names
SNAP_INS = (
    "Microsoft.Exchange.Management.PowerShell.SnapIn",
    "Microsoft.Exchange.Management.PowerShell.E2010",
    "Microsoft.Exchange.Management.PowerShell.Admin",
)

READING = ("Get-", "Test-")


class LocalSession:
    """Literal pipelines on the host; those of one call share a powershell.exe, since loading the snap-in takes long."""

    has_endpoint = False

    def __init__(self, connection: Any, server: str, deadline: Deadline | None = None) -> None:
        self.server = server
        self.host = HostShell(connection, server)
        self.deadline = deadline or Deadline()
        # over ssh the console's code page decides what becomes of text; UTF-7 is pure ASCII
        self.seven_bit = getattr(connection, "transport", "") == "ssh"
        self._snap_in = ""

    def run(self, *pipelines: Pipeline) -> list[Outcome]:
        """Run the pipelines in order until one yields an error record.

        Raises UnknownOutcome when the host's connection fails while a write is under way.
        """
        snap_in = self.snap_in()
        what = " | ".join(pipelines[0][index].name for index in range(len(pipelines[0]))) if pipelines else ""
        self.deadline.check(what, self.server)
        safe = all(command.name.startswith(READING) for pipeline in pipelines for command in pipeline)
        try:
            return self._outcomes(pipelines, snap_in)
        except UnknownOutcome:
            raise
        except ShellError as error:
            if safe:
                return self._again(pipelines, snap_in)
            raise UnknownOutcome(what, self.server, f"its outcome is unknown, {error.reason}", error.remedy) from None

    def gather(self, *pipelines: Pipeline) -> Outcome:
        """Run reading pipelines in one process, their output in one list."""
        return joined(self.run(*pipelines)) if pipelines else Outcome()

    def together(self, *pipelines: Pipeline) -> Outcome | None:
        """Run pipelines in one process, up to the first error; see ``Session``."""
        return joined(self.run(*pipelines))

    def without_endpoint(self) -> str:
        """Why this host's Exchange has no endpoint, or an empty string; also when there is no Exchange on it."""
        try:
            outcomes = self.run((Command("Get-ExchangeServer"),))
            check(outcomes, "Learning the version", self.server)
            servers = [ServerFacts.from_object(item) for item in outcomes[0].objects]
        except (ExchangeError, ValueError):
            return ""
        if any(server.edge for server in servers) and len(servers) == 1:
            return f"{servers[0].name} is an Edge Transport server"
        if self._snap_in == SNAP_INS[-1]:
            return f"{self.server} runs {Version.EXCHANGE_2007}"
        return ""

    def close(self) -> None:
        """Nothing stays open: every call has a process of its own, and Ansible closes the connection."""

    def reach(self) -> str:
        """Run the least that there is, to learn whether the host's connection works; raises ShellError."""
        outcome = self.host.execute(
            literal.render((Command("Write-Output", {"InputObject": "reached"}),), error_action="Stop")
        )
        for record in outcome.errors:
            raise ShellError("Running PowerShell", self.server, record.message, record=record)
        return f"{getattr(self.host.connection, 'transport', 'the connection')} works"

    def snap_in(self) -> str:
        """The snap-in that the host has; raises ShellError where there is none."""
        if self._snap_in:
            return self._snap_in
        last = None
        for name in SNAP_INS:
            outcome = self.host.execute(literal.render((Command("Add-PSSnapin", {"Name": name}),), error_action="Stop"))
            if not outcome.errors or "already" in outcome.errors[0].message:
                self._snap_in = name
                return name
            last = outcome.errors[0]
        raise ShellError(
            "Loading the Exchange snap-in",
            self.server,
            f"none is registered there ({last.message if last else ''})",
            "Use management_shell: remote with endpoint_host, or name the Exchange server itself as the host",
            last,
        )

    def _again(self, pipelines: tuple[Pipeline, ...], snap_in: str) -> list[Outcome]:
        """A read once more on a fresh connection."""
        close = getattr(self.host.connection, "close", None)
        try:
            if close is not None:
                close()
        except Exception:  # noqa: S110 - it is broken already
            pass
        return self._outcomes(pipelines, snap_in)

    def _outcomes(self, pipelines: tuple[Pipeline, ...], snap_in: str) -> list[Outcome]:
        names = [f"~\\relayops-{uuid.uuid4().hex}.xml" for _pipeline in pipelines]
        encoding = {"Encoding": "UTF7"} if self.seven_bit else {}
        # loaded already where the connection keeps its runspace, which is no error
        lines = [literal.render((Command("Add-PSSnapin", {"Name": snap_in}),), error_action="SilentlyContinue")]
        for name, pipeline in zip(names, pipelines, strict=True):
            export = Command("Export-Clixml", {"Path": name, "Depth": 2, **encoding})
            content = Command("Get-Content", {"Path": name, **({"Encoding": "ASCII"} if encoding else {})})
            for statement in ((*pipeline, export), (content,), (Command("Remove-Item", {"Path": name}),)):
                lines.append(literal.render(statement, error_action="Stop"))
        done = self.host.execute("\n".join(lines))
        outcomes = self._read(done, len(pipelines))
        if done.errors:
            self._tidy(names[len(outcomes) :])
            outcomes.append(Outcome(errors=done.errors))
        return outcomes

    def _read(self, done: Outcome, expected: int) -> list[Outcome]:
        text = "".join(str(item) for item in done.output)
        if self.seven_bit:
            text = text.encode("ascii", "replace").decode("utf-7", "replace")
        try:
            found = [Outcome(output=tuple(clixml.objects(document))) for document in clixml.documents(text)]
        except ValueError as problem:
            raise ShellError("Reading the answer", self.server, str(problem)) from None
        if not done.errors and len(found) != expected:
            start = " ".join(text[:400].split())[:200] or "nothing"
            raise ShellError("Reading the answer", self.server, f"{expected} were expected, this came: {start}")
        return found

    def _tidy(self, names: list[str]) -> None:
        command = Command("Remove-Item", {"Path": list(names)})
        self.host.execute(literal.render((command,), error_action="SilentlyContinue"))
