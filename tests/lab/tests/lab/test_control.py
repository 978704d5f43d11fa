# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON API: what a lab has seen, and how it is steered."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from exchange_lab.control import ControlClient, ControlServer, Refused
from exchange_lab.lab import Lab
from pypsrp.exceptions import AuthenticationError, WinRMTransportError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab for all tests of this file."""
    with Lab(servers=2) as started:
        yield started


@pytest.fixture
def control(lab: Lab) -> Iterator[ControlClient]:
    """The API of the lab, which forgets everything before each test."""
    server = ControlServer(lab, lab.servers[0].address)
    server.start()
    client = ControlClient(server.url)
    for what in ("/journal/clear", "/faults/clear", "/mail/clear"):
        client.post(what)
    yield client
    server.stop()


def servers(lab: Lab, number: int = 0, **settings: Any) -> list[str]:
    """The names that Get-ExchangeServer gives on a server."""
    server = lab.servers[number]
    defaults = {"auth": "basic", "username": lab.username, "password": lab.password}
    with (
        WSMan(
            server.address,
            port=server.exchange_tls_port,
            path="PowerShell",
            cert_validation=str(lab.ca_pem),
            no_proxy=True,
            **defaults | settings,
        ) as connection,
        RunspacePool(connection, configuration_name="Microsoft.Exchange") as pool,
    ):
        return [
            str(each.adapted_properties["Name"]) for each in PowerShell(pool).add_cmdlet("Get-ExchangeServer").invoke()
        ]


def test_counts_and_journal(lab: Lab, control: ControlClient) -> None:
    assert servers(lab) == servers(lab, 1) == ["EX01", "EX02"]
    counts = control.get("/counts")
    assert counts["requests"] == counts["requests_exchange"] == 10
    assert (counts["sessions_opened"], counts["sessions_opened_exchange"], counts["sessions_open"]) == (2, 2, 0)
    assert (counts["commands"], counts["pipelines"]) == (2, 2)
    journal = control.get("/journal")
    commands = [each for each in journal["entries"] if each["type"] == "Command"]
    assert [(each["server"], each["name"]) for each in commands] == [
        ("EX01", "Get-ExchangeServer"),
        ("EX02", "Get-ExchangeServer"),
    ]
    assert lab.password not in str(journal)


def test_state(lab: Lab, control: ControlClient) -> None:
    state = control.get("/state")
    assert [each["name"] for each in state["servers"]] == ["EX01", "EX02"]
    assert "Default EX01" in state["servers"][0]["connectors"]
    assert [lab.servers[0].address, lab.smtp_port(25)] in state["servers"][0]["listening"]


def test_faults(lab: Lab, control: ControlClient) -> None:
    control.post("/faults", kind="unavailable", endpoint="exchange", server="EX02", command="Get-ExchangeServer")
    assert [each["kind"] for each in control.get("/faults")] == ["unavailable"]
    assert servers(lab)
    with pytest.raises(WinRMTransportError, match="503"):
        servers(lab, 1)
    assert control.get("/faults") == []
    with pytest.raises(Refused, match="no fault 'flood'"):
        control.post("/faults", kind="flood")
    with pytest.raises(Refused, match="unexpected keyword argument 'when'"):
        control.post("/faults", kind="hang", when=1)
    assert control.post("/shells/close") is None


def test_latency(control: ControlClient) -> None:
    assert control.post("/latency", profile="wan")["request"] == 0.04
    assert control.get("/state")["latency"]["session"] == 1.5
    with pytest.raises(Refused, match="no latency profile 'moon'"):
        control.post("/latency", profile="moon")
    control.post("/latency", profile="off")


def test_commands_of_a_human_at_the_server(lab: Lab, control: ControlClient) -> None:
    done = control.post(
        "/command", name="Set-ReceiveConnector", parameters={"Identity": "EX01\\Default EX01", "Comment": "seen"}
    )
    assert done == {"output": [], "errors": [], "warnings": []}
    found = control.post("/command", name="Get-ReceiveConnector", parameters={"Identity": "EX01\\Default EX01"})
    assert found["output"][0]["Comment"] == "seen"
    failed = control.post("/command", name="Get-ReceiveConnector", parameters={"Identity": "EX01\\Nothing"})
    assert "couldn't be found" in failed["errors"][0]["message"]
    assert control.get("/counts")["commands"] == 0, "what the API does is no client's doing"


def test_users(lab: Lab, control: ControlClient) -> None:
    assert control.post("/users", name="Reader", password="pa55", roles=["View-Only Organization Management"])
    assert servers(lab, username="LAB\\Reader", password="pa55")
    with pytest.raises(AuthenticationError):
        servers(lab, username="LAB\\Reader", password="wrong")


def test_mail(lab: Lab, control: ControlClient) -> None:
    address = lab.servers[0].address
    with smtplib.SMTP(address, lab.smtp_port(25), source_address=(address, 0), timeout=20) as smtp:
        smtp.sendmail("device@example.com", [f"administrator@{lab.details()['realm']}"], "Subject: hello\r\n\r\nx")
    (message,) = control.get("/mail")
    assert message["server"] == "EX01"
    assert "Subject: hello" in message["content"]


def test_what_is_not_there(control: ControlClient) -> None:
    with pytest.raises(Refused, match="nothing at /nothing"):
        control.get("/nothing")
    assert "/counts" in control.get("/")["get"]
