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
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.server_choice import (
    chosen,
    is_address,
    named,
    readable,
)

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
    """A session with what is known of the server behind it; ``server`` is its name for texts.

    ``crowded`` tells that the play is on so many hosts that they cannot all ask about each other: then the server is
    looked up by its own name, and others only where they are needed.
    """

    def __init__(
        self,
        session: Session,
        warn: Callable[[str], None],
        domain_controller: str | None = None,
        server: str | None = None,
        names: Sequence[str] = (),
        crowded: bool = False,
    ) -> None:
        self.session = session
        self.crowded = crowded
        self.domain_controller = domain_controller
        self._warn = warn
        self._asked = server
        self._names = [name for name in (server, *names, session.server) if name]
        self._servers: list[ServerFacts] | None = None
        self._facts: ServerFacts | None = None
        self._ahead: tuple[Pipeline, ...] = ()
        self._early: Outcome | None = None
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
            outcome, ahead = self._with_ahead(Command("Get-ExchangeServer"))
            shown = [item for item in outcome.objects if "AdminDisplayVersion" in item.properties]
            if not (shown and ahead):
                check((outcome,), "Learning the version", self.session.server)
            self._servers = readable(shown, self.session.server, self._warn)
            self._keep(outcome, shown, all(server.edge for server in self._servers), ahead)
        return self._servers

    def _with_ahead(self, command: Command) -> tuple[Outcome, bool]:
        """Run a command with the reads of ``ahead``, if they were not sent yet; also whether there were any."""
        ahead, self._ahead = self._ahead, ()
        pinned = [tuple(self._pinned(each, False) for each in pipeline) for pipeline in ahead]
        outcome = self.session.gather((command,), *pinned) if ahead else self.session.run((command,))[0]
        self._pass_on(outcome)
        return outcome, bool(ahead)

    def _keep(self, outcome: Outcome, shown: Sequence[WireObject], edge: bool, ahead: bool) -> None:
        pinned = self.domain_controller is not None
        self._learn(Outcome(tuple(shown)), edge)
        if ahead:
            self._early = self._of_one_controller(outcome, pinned)

    def _own(self) -> ServerFacts | None:
        """The server by its likely name, None where that is not its name or not known."""
        if not self.crowded or self._servers is not None or not self.likely:
            return None
        outcome, ahead = self._with_ahead(Command("Get-ExchangeServer", {"Identity": self.likely}))
        shown = [item for item in outcome.objects if "AdminDisplayVersion" in item.properties]
        found = named(readable(shown, self.session.server, self._warn), self.likely) if shown else None
        if found is not None:
            self._keep(outcome, shown, found.edge, ahead)
        return found

    def _of_one_controller(self, outcome: Outcome, pinned: bool) -> Outcome | None:
        """What was read beside the servers; None where another domain controller answered that."""
        rest = tuple(item for item in outcome.objects if "AdminDisplayVersion" not in item.properties)
        origins = {item.properties.get("OriginatingServer") for item in rest} - {None, "", self.domain_controller}
        return None if origins and not pinned else replace(outcome, output=rest)

    @property
    def likely(self) -> str:
        """The name that the server most likely has, before anything was read; "" where only addresses are known."""
        names = (self._asked, self.session.server, *self._names)
        return next((name for name in names if name and not is_address(name)), "")

    @property
    def has_endpoint(self) -> bool:
        """Whether the session is on Exchange's own endpoint."""
        return self.session.has_endpoint

    def ahead(self, *pipelines: Pipeline) -> None:
        """Send reads along with the first one, that of the servers, in one call where the server takes that.

        They may fail, since nothing is known of the server by then; ``early`` tells what they gave. Nothing is sent
        along once the servers are known, and what an earlier caller had sent along is no longer told: it may have
        changed since.
        """
        self._early = None
        if self._servers is None and self._facts is None:
            self._ahead = pipelines

    @property
    def early(self) -> Outcome | None:
        """What the reads of ``ahead`` gave, None where there were none or they cannot be relied on."""
        return self._early if self.facts else None

    @property
    def facts(self) -> ServerFacts:
        """The server that is meant: the one that the task names, else the one that the session is on.

        Raises ExchangeError when several are there and none has that name.
        """
        if self._facts is None:
            self._facts = self._own() or self._chosen()
        return self._facts

    def _chosen(self) -> ServerFacts:
        return self.facts_of(self._asked) if self._asked else chosen(self.servers, self._names, self.session.server)

    def facts_of(self, name: str) -> ServerFacts:
        """The facts of a server by name or full name; raises ExchangeError for one that is not there."""
        own = named([self._facts], name) if self._facts else None
        found = own or named(self.servers, name)
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
        return self.pipe((command,), what)

    def pipe(self, pipeline: Pipeline, what: str = "") -> list[WireObject]:
        """Run commands joined by a pipe and return their objects; raises ExchangeError that begins with ``what``."""
        outcomes = self.run(pipeline)
        check(outcomes, what or pipeline[0].name, self.server)
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
