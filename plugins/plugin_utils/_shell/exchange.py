# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module works with: one server's Exchange, its facts, and commands that are judged, pinned and explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import (
    Command,
    Outcome,
    Pipeline,
    Session,
    WireObject,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError, check
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.judge import judge

# Cmdlets that take -DomainController (their documentation pages); not on Edge Transport, which has no domain.
PINNED = (
    "-ReceiveConnector",
    "-SendConnector",
    "-ADPermission",
    "-AcceptedDomain",
    "-ExchangeServer",
    "-RemoteDomain",
    "-TransportServer",
    "-TransportService",
    "-FrontendTransportService",
)


class Exchange:
    """A session with what is known of the server behind it; ``server`` is its name for texts."""

    def __init__(
        self,
        session: Session,
        warn: Callable[[str], None],
        domain_controller: str | None = None,
        server: str | None = None,
        names: Sequence[str] = (),
    ) -> None:
        self.session = session
        self.domain_controller = domain_controller
        self._warn = warn
        self._asked = server
        self._names = [name for name in (server, *names, session.server) if name]
        self._servers: list[ServerFacts] | None = None
        self._facts: ServerFacts | None = None
        self._warned: set[str] = set()

    @property
    def server(self) -> str:
        """The server's name, or the name that was connected to while nothing else is known."""
        return self._facts.name if self._facts else self.session.server

    @property
    def servers(self) -> list[ServerFacts]:
        """Every Exchange server that Get-ExchangeServer lists, read once; an Edge server lists itself.

        One of a version that is not known, such as an Exchange 2003 server that was left behind, is left out with a
        warning while there are others.
        """
        if self._servers is None:
            outcomes = self._run((Command("Get-ExchangeServer"),))
            check(outcomes, "Learning the version", self.session.server)
            self._servers = self._readable(outcomes[0].objects)
            self._learn(outcomes[0], all(server.edge for server in self._servers))
        return self._servers

    def _readable(self, items: Sequence[WireObject]) -> list[ServerFacts]:
        found: list[ServerFacts] = []
        problems: list[str] = []
        for item in items:
            try:
                found.append(ServerFacts.from_object(item))
            except ValueError as problem:
                problems.append(f"{item.properties.get('Name') or item.text}: {problem}")
        if problems and not found:
            raise ExchangeError("Learning the version", self.session.server, "; ".join(problems))
        for left in problems:
            self._warn(f"the server {left}. It is left out")
        return found

    @property
    def facts(self) -> ServerFacts:
        """The server that is meant: the one that the task names, else the one that the session is on.

        Raises ExchangeError when several are there and none has that name.
        """
        if self._facts is None:
            self._facts = self._chosen(self.servers)
        return self._facts

    def facts_of(self, name: str) -> ServerFacts:
        """The facts of a server by name or full name; raises ExchangeError for one that is not there."""
        found = _named(self.servers, name)
        if found is None:
            known = ", ".join(server.name for server in self.servers) or "none"
            raise ExchangeError(
                f"Finding the server {name}", self.server, f"Exchange servers here are: {known}", "Name one of them"
            )
        return found

    def run(self, *pipelines: Pipeline) -> list[Outcome]:
        """Run pipelines in order up to the first error record, which stays in the last outcome.

        All of them are judged against the server's version before the first is sent.
        """
        facts = self.facts
        for pipeline in pipelines:
            judge(pipeline, facts)
        outcomes: list[Outcome] = []
        for pipeline in pipelines:
            outcomes += self._run(tuple(self._pinned(command, facts.edge) for command in pipeline))
            self._learn(outcomes[-1], facts.edge)
            if outcomes[-1].errors:
                break
        return outcomes

    def gather(self, *pipelines: Pipeline) -> Outcome:
        """Run reading pipelines in as few calls as the server takes, and join what they give; see ``run``."""
        facts = self.facts
        for pipeline in pipelines:
            judge(pipeline, facts)
        outcome = self.session.gather(
            *(tuple(self._pinned(command, facts.edge) for command in pipeline) for pipeline in pipelines)
        )
        self._pass_on(outcome)
        return outcome

    def together(self, *pipelines: Pipeline) -> Outcome | None:
        """Run pipelines of which it does not matter which are made in one call; None where that cannot be."""
        facts = self.facts
        for pipeline in pipelines:
            judge(pipeline, facts)
        outcome = self.session.together(
            *(tuple(self._pinned(command, facts.edge) for command in pipeline) for pipeline in pipelines)
        )
        if outcome is not None:
            self._pass_on(outcome)
        return outcome

    def call(self, command: Command, what: str = "") -> list[WireObject]:
        """Run one command and return its objects; raises ExchangeError that begins with ``what``."""
        outcomes = self.run((command,))
        check(outcomes, what or command.name, self.server)
        return outcomes[0].objects

    def _run(self, pipeline: Pipeline) -> list[Outcome]:
        outcomes = self.session.run(pipeline)
        for outcome in outcomes:
            self._pass_on(outcome)
        return outcomes

    def _pass_on(self, outcome: Outcome) -> None:
        """Each warning once."""
        for warning in outcome.warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                self._warn(f"{self.server}: {warning}")

    def _pinned(self, command: Command, edge: bool) -> Command:
        takes = command.name.endswith(PINNED) and "DomainController" not in command.parameters
        if not self.domain_controller or not takes or edge:
            return command
        return replace(command, parameters={**command.parameters, "DomainController": self.domain_controller})

    def _learn(self, outcome: Outcome, edge: bool) -> None:
        """Stay with the domain controller that answered first."""
        if self.domain_controller or edge:
            return
        for item in outcome.objects:
            origin = item.properties.get("OriginatingServer")
            if isinstance(origin, str) and origin:
                self.domain_controller = origin
                return

    def _chosen(self, servers: list[ServerFacts]) -> ServerFacts:
        if self._asked:
            return self.facts_of(self._asked)
        for name in self._names:
            found = _named(servers, name)
            if found:
                return found
        if len(servers) == 1:
            return servers[0]
        known = ", ".join(server.name for server in servers) or "none"
        reason = f"{self.session.server} is none of the Exchange servers here: {known}"
        raise ExchangeError(
            "Learning the version", self.session.server, reason, "Name the server that is meant with the option server"
        )


def _named(servers: list[ServerFacts], name: str) -> ServerFacts | None:
    wanted = name.strip().rstrip(".").lower()
    for server in servers:
        if wanted and wanted in (server.name.lower(), server.fqdn.lower(), server.distinguished_name.lower()):
            return server
    return None
