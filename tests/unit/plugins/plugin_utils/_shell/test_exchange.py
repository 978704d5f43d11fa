# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import (
    Command,
    ErrorRecord,
    Outcome,
    Pipeline,
    WireObject,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange


def server(name: str = "EX01", version: str = "15.2 (Build 986.5)", **properties: Any) -> WireObject:
    given = {"Name": name, "Fqdn": f"{name.lower()}.lab.example", "AdminDisplayVersion": f"Version {version}"}
    return WireObject(name, (), {**given, "OriginatingServer": "dc1.lab.example", **properties})


class Prepared:
    """A session that answers from a table and remembers what it was asked."""

    server = "10.0.0.1"
    has_endpoint = True

    def __init__(self, *servers: WireObject, **answers: Outcome) -> None:
        self.answers = {"Get-ExchangeServer": Outcome(output=servers), **answers}
        self.asked: list[Command] = []

    def run(self, *pipelines: Pipeline) -> list[Outcome]:
        outcomes = []
        for pipeline in pipelines:
            self.asked.extend(pipeline)
            outcomes.append(self.answers.get(pipeline[0].name, Outcome()))
            if outcomes[-1].errors:
                break
        return outcomes

    def close(self) -> None:
        """Nothing to close."""


def made(*servers: WireObject, **more: Any) -> tuple[Exchange, Prepared, list[str]]:
    warnings: list[str] = []
    session = Prepared(*(servers or (server(),)), **more.pop("answers", {}))
    return Exchange(session, warnings.append, **more), session, warnings


def test_facts_are_learned_once() -> None:
    exchange, session, _ignored = made()
    assert exchange.server == "10.0.0.1"
    assert exchange.facts.name == exchange.facts.name == "EX01"
    assert exchange.server == "EX01"
    assert [command.name for command in session.asked] == ["Get-ExchangeServer"]


def test_every_call_goes_to_the_controller_that_answered_first() -> None:
    exchange, session, _ignored = made()
    exchange.run((Command("Get-ReceiveConnector", {"Server": "EX01"}), Command("Get-ADPermission")))
    exchange.call(Command("Get-NetworkConnectionInfo"))
    assert [command.parameters.get("DomainController") for command in session.asked] == [
        None,
        "dc1.lab.example",
        "dc1.lab.example",
        None,
    ]


def test_a_controller_that_is_given_wins() -> None:
    exchange, session, _ignored = made(domain_controller="dc9")
    exchange.call(Command("Get-ReceiveConnector"))
    assert session.asked[-1].parameters == {"DomainController": "dc9"}


def test_an_edge_server_has_no_controller() -> None:
    exchange, session, _ignored = made(server("EDGE", IsEdgeServer=True))
    exchange.call(Command("Get-ReceiveConnector"))
    assert exchange.domain_controller is None
    assert all("DomainController" not in command.parameters for command in session.asked)


def test_several_servers_are_told_apart_by_name() -> None:
    two = (server("EX01"), server("EX02", "14.3 (Build 123.4)"))
    assert made(*two, names=("ex02.lab.example",))[0].facts.name == "EX02"
    assert made(*two, server="ex02", names=("ex01",))[0].facts.name == "EX02"
    with pytest.raises(ExchangeError, match=r"10.0.0.1 is none of .*: EX01, EX02\. Name the server .* option server"):
        assert made(*two)[0].facts
    with pytest.raises(
        ExchangeError, match=r"Finding the server EX03 on 10.0.0.1: Exchange servers here are: EX01, EX02"
    ):
        assert made(*two, server="EX03")[0].facts


def test_a_server_of_unknown_version_is_left_out_while_there_are_others() -> None:
    old = server("EX03", "6.5 (Build 7638.2: Service Pack 2)")
    exchange, _session, warnings = made(old, server("EX10", "14.3 (Build 123.4)"))
    assert exchange.facts.name == "EX10"
    assert warnings == [
        "the server EX03: 'Version 6.5 (Build 7638.2: Service Pack 2)' is not an Exchange version. It is left out"
    ]
    with pytest.raises(ExchangeError, match=r"^Learning the version on 10\.0\.0\.1: EX03: .Version 6\.5 "):
        assert made(old)[0].facts


def test_an_option_that_the_version_lacks_is_refused_before_anything_is_sent() -> None:
    exchange, session, _ignored = made(server("EX07", "14.3 (Build 123.4)"))
    with pytest.raises(
        ExchangeError,
        match=r"transport_role needs Exchange 2013 or later; EX07 runs Exchange 2010\. Remove the option for this host",
    ):
        exchange.run(
            (Command("Set-ReceiveConnector", {"Enabled": True}),),
            (Command("New-ReceiveConnector", {"TransportRole": "FrontendTransport"}),),
        )
    assert [command.name for command in session.asked] == ["Get-ExchangeServer"]


def test_an_error_record_is_explained() -> None:
    record = ErrorRecord("The term 'Add-ADPermission' is not recognized", error_id="CommandNotFoundException")
    exchange, _ignored, _ignored = made(answers={"Add-ADPermission": Outcome(errors=(record,))})
    with pytest.raises(ExchangeError, match=r"^Granting the right on EX01: the session does not offer Add-ADP"):
        exchange.call(Command("Add-ADPermission"), "Granting the right")
    assert exchange.run((Command("Add-ADPermission"),), (Command("Get-ReceiveConnector"),))[-1].errors == (record,)


def test_warnings_reach_the_user_once() -> None:
    exchange, _ignored, warnings = made(answers={"Set-ReceiveConnector": Outcome(warnings=("No settings changed.",))})
    exchange.call(Command("Set-ReceiveConnector"))
    exchange.call(Command("Set-ReceiveConnector"))
    assert warnings == ["EX01: No settings changed."]


def test_in_a_play_on_many_hosts_a_server_is_looked_up_by_its_own_name() -> None:
    exchange, session, _ignored = made(names=("ex01",), crowded=True)
    assert exchange.facts.name == exchange.facts_of("ex01.lab.example").name == "EX01"
    assert [command.parameters for command in session.asked] == [{"Identity": "ex01"}]
    assert [one.name for one in exchange.servers] == ["EX01"]
    assert len(session.asked) == 2


def test_in_a_play_on_many_hosts_a_name_that_is_no_servers_is_looked_for_among_all() -> None:
    exchange, session, _ignored = made(names=("mail",), crowded=True)
    assert exchange.facts.name == "EX01"
    assert [command.parameters for command in session.asked] == [{"Identity": "mail"}, {}]
