# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of many connectors: by piping, by statements, or one by one."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import (
    Command,
    ErrorRecord,
    Outcome,
    Pipeline,
    Plain,
    WireObject,
    joined,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import all_entries

FACTS = ServerFacts("EX1", "ex1.lab", Version.EXCHANGE_2019, False, "15.2.986.5", frozenset(), "CN=EX1,DC=lab")
NAMES = {"CN=A,DC=lab": "EX1\\A", "CN=B,DC=lab": "EX1\\B"}
REFUSED = Outcome(errors=(ErrorRecord("The syntax is not supported by this runspace."),))


def ace(identity: str, user: str) -> WireObject:
    properties: dict[str, Plain] = {"Identity": identity, "User": user, "ExtendedRights": ["ms-Exch-SMTP-Submit"]}
    return WireObject("", (), properties)


class Server:
    """Answers as a server would; ``asked`` counts the calls."""

    facts = FACTS

    def __init__(self, pipes: bool = True, gathers: bool = True, identity: bool = True) -> None:
        self.pipes, self.gathers, self.identity = pipes, gathers, identity
        self.asked: list[str] = []

    def run(self, *pipelines: Pipeline) -> list[Outcome]:
        self.asked += [" | ".join(command.name for command in pipeline) for pipeline in pipelines]
        return [self._answer(pipeline) for pipeline in pipelines]

    def gather(self, *pipelines: Pipeline) -> Outcome:
        if self.gathers:
            self.asked.append(f"{len(pipelines)} statements")
            return joined([self._answer(pipeline) for pipeline in pipelines])
        return joined(self.run(*pipelines))

    def call(self, command: Command, what: str = "") -> list[WireObject]:
        return self.run((command,))[0].objects

    def _answer(self, pipeline: Pipeline) -> Outcome:
        if len(pipeline) > 1 and not self.pipes:
            return REFUSED
        asked = NAMES if len(pipeline) > 1 else {str(pipeline[0].parameters["Identity"]): ""}
        return Outcome(tuple(ace(NAMES[name] if self.identity else "?", name) for name in asked))


SINGLE = "Get-ADPermission"
PIPED = f"Get-ReceiveConnector | {SINGLE}"


@pytest.mark.parametrize(
    ("server", "asked"),
    [
        (Server(), [PIPED]),
        (Server(pipes=False), [PIPED, "2 statements"]),
        (Server(pipes=False, gathers=False), [PIPED, SINGLE, SINGLE]),
        (Server(identity=False), [PIPED, "2 statements", SINGLE, SINGLE]),
    ],
    ids=["piping", "statements", "one by one", "entries that do not say whose they are"],
)
def test_as_few_calls_as_the_server_takes(server: Server, asked: list[str]) -> None:
    found = all_entries.read(server, "EX1", NAMES)
    assert {name: [entry.user for entry in entries] for name, entries in found.items()} == {
        name: [name] for name in NAMES
    }
    assert server.asked == asked


def test_a_few_of_many_are_not_read_by_piping_all() -> None:
    server = Server()
    all_entries.read(server, "EX1", NAMES, whole=False)
    assert server.asked == ["2 statements"]


def test_one_is_asked_for_by_its_name() -> None:
    server = Server()
    all_entries.read(server, "EX1", {"CN=A,DC=lab": "EX1\\A"})
    assert server.asked == [SINGLE]


def test_none_costs_nothing() -> None:
    server = Server()
    assert all_entries.read(server, "EX1", {}) == {}
    assert server.asked == []
