# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote sessions against the lab: authentication, versions, roles, and what each refusal says."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Backoff, Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError, ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings
from exchange_lab.lab import Lab
from exchange_lab.wire import tls

Open = Callable[..., RemoteSession]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019", exchange_auth=["negotiate", "basic", "certificate"]) as started:
        yield started


def options(lab: Lab, **changes: Any) -> dict[str, Any]:
    """The options of Basic over TLS to the lab's first server."""
    server = lab.servers[0]
    given = {
        "endpoint_host": server.address,
        "endpoint_port": server.exchange_tls_port,
        "endpoint_auth": "basic",
        "endpoint_ssl": True,
        "endpoint_username": lab.username,
        "endpoint_password": lab.password,
        "endpoint_ca_cert": str(lab.ca_pem),
    }
    return {**given, **changes}


@pytest.fixture
def opened(lab: Lab) -> Iterator[Open]:
    sessions = []

    def make(**changes: Any) -> RemoteSession:
        sessions.append(RemoteSession(settings(options(lab, **changes), None, {}), Deadline(20), Backoff(0.01)))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()
    assert lab.journal.open_sessions == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"endpoint_auth": "ntlm", "endpoint_ssl": False},
        {"endpoint_auth": "ntlm"},
        {"endpoint_auth": "negotiate", "endpoint_ssl": False},
    ],
    ids=["basic over TLS", "NTLM with message encryption", "NTLM over TLS", "negotiate"],
)
def test_authentication(lab: Lab, opened: Open, changes: dict[str, Any]) -> None:
    if changes.get("endpoint_ssl") is False:
        changes["endpoint_port"] = lab.servers[0].exchange_port
    session = opened(**changes)
    outcomes = session.run((Command("Get-ExchangeServer"),))
    assert outcomes[0].objects[0].properties["Name"] == "EX01"


def test_a_client_certificate(lab: Lab, opened: Open) -> None:
    session = opened(
        endpoint_auth="certificate",
        endpoint_username=None,
        endpoint_password=None,
        endpoint_certificate_pem=str(lab.client.certificate),
        endpoint_certificate_key_pem=str(lab.client.key),
    )
    assert session.run((Command("Get-ExchangeServer"),))[0].objects


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"endpoint_password": "wrong"}, r"basic authentication of user LAB\\Administrator was refused at https://"),
        ({"endpoint_username": "LAB\\nobody"}, r"user LAB.nobody was refused .*from the module's options"),
        ({"endpoint_auth": "ntlm", "endpoint_password": "wrong"}, "ntlm authentication of user .* was refused"),
        ({"endpoint_host": "localhost-of-nobody.invalid"}, "localhost-of-nobody.invalid does not resolve"),
        ({"endpoint_path": "elsewhere"}, r"answered HTTP status 404\. Check endpoint_path"),
        ({"endpoint_ssl": False}, "the connection to .* broke|HTTP status 400"),
        ({"endpoint_ca_cert": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
        ({"endpoint_port": 9}, "nothing listens on port 9 of 127"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_goes_wrong_is_one_sentence(opened: Open, changes: dict[str, Any], reason: str) -> None:
    changes = {**changes}
    if changes.get("endpoint_ssl") is False:
        changes["endpoint_auth"] = "ntlm"
    with pytest.raises(ShellError, match=reason) as caught:
        opened(**changes).open()
    text = str(caught.value)
    assert text.startswith(f"Connecting to Exchange on {changes.get('endpoint_host', '127.')}")
    assert "\n" not in text
    assert "Lab-Passw0rd" not in text
    assert "object at 0x" not in text


def test_a_certificate_of_a_strange_authority(opened: Open, tmp_path: Path) -> None:
    strange = tmp_path / "strange.pem"
    tls.authority("strange").cert_pem.write_to_path(str(strange))
    with pytest.raises(ShellError, match=r"not issued by a trusted authority\. Set endpoint_ca_cert"):
        opened(endpoint_ca_cert=str(strange)).open()


def test_a_certificate_for_another_name(lab: Lab, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, address = socket.getaddrinfo, lab.servers[0].address
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: resolve(address, *rest, **more))
    with pytest.raises(ShellError, match=r"is for another name\. Set endpoint_host to a name that the certificate"):
        opened(endpoint_host="other.lab.example").open()


def test_a_session_costs_two_requests_to_open_two_a_pipeline_and_one_to_close(lab: Lab, opened: Open) -> None:
    lab.journal.clear()
    session = opened()
    session.run((Command("Get-ExchangeServer"),), (Command("Get-ReceiveConnector"),))
    session.close()
    assert [request.verb for request in lab.journal.requests] == [
        "Create",
        "Receive",
        "Command",
        "Receive",
        "Command",
        "Receive",
        "Delete",
    ]


def test_it_stops_after_the_first_error(lab: Lab, opened: Open) -> None:
    lab.journal.clear()
    outcomes = opened().run(
        (Command("Get-ExchangeServer"),), (Command("Get-Nothing"),), (Command("Get-ReceiveConnector"),)
    )
    assert len(outcomes) == 2
    assert outcomes[1].errors[0].error_id == "CommandNotFoundException"
    assert [command.name for command in lab.journal.commands] == ["Get-ExchangeServer"]


def test_two_cmdlets_in_a_pipe(opened: Open) -> None:
    outcomes = opened().run((Command("Get-ReceiveConnector", {"Server": "EX01"}), Command("Get-ADPermission")))
    assert {item.properties["Identity"] for item in outcomes[0].objects} >= {"EX01\\Default EX01"}


def test_ten_thousand_ranges_there_and_back(opened: Open) -> None:
    ranges = [f"10.{number >> 8}.{number & 255}.1" for number in range(1200)]
    exchange = Exchange(opened(), lambda text: None)
    parameters = {"Name": "Many", "Bindings": ["127.0.0.9:26"], "RemoteIPRanges": ranges, "Custom": True}
    made = exchange.call(Command("New-ReceiveConnector", {**parameters, "TransportRole": "FrontendTransport"}))
    assert sorted(made[0].properties["RemoteIPRanges"]) == sorted(ranges)  # type: ignore[arg-type]
    exchange.call(Command("Remove-ReceiveConnector", {"Identity": "EX01\\Many", "Confirm": False}))


def test_server_management_may_make_a_connector_but_not_grant_the_right(lab: Lab, opened: Open) -> None:
    user = lab.add_user("operator", "Op-Passw0rd!", "Server Management")
    exchange = Exchange(opened(endpoint_username=user, endpoint_password="Op-Passw0rd!"), lambda text: None)
    assert exchange.call(Command("Get-ReceiveConnector", {"Server": "EX01"}))
    with pytest.raises(
        ExchangeError,
        match=r"does not offer Add-ADPermission\. Use an account that holds the management role \"Active Directory "
        r"Permissions\" \(.*Server Management can create a connector but not grant the right\)",
    ):
        exchange.call(Command("Add-ADPermission", {"Identity": "x", "User": "y"}))


def test_exchanges_warnings_are_told_once(opened: Open) -> None:
    warnings: list[str] = []
    exchange = Exchange(opened(), warnings.append)
    (connector,) = [
        found
        for found in exchange.call(Command("Get-ReceiveConnector", {"Server": "EX01"}))
        if found.properties["Name"] == "Default Frontend EX01"
    ]
    right = {"User": "NT AUTHORITY\\ANONYMOUS LOGON", "ExtendedRights": ["ms-Exch-SMTP-Submit"]}
    for _ignored in range(2):
        exchange.call(Command("Add-ADPermission", {"Identity": connector.properties["DistinguishedName"], **right}))
    (warning,) = warnings
    assert warning.startswith("EX01: The appropriate access control entry is already present")


def test_a_user_without_any_role(lab: Lab, opened: Open) -> None:
    user = lab.add_user("guest", "Gu-Passw0rd!")
    with pytest.raises(ShellError, match=r"^Connecting to Exchange on 127\."):
        opened(endpoint_username=user, endpoint_password="Gu-Passw0rd!").open()


@pytest.mark.parametrize(
    ("profile", "version"),
    [
        ("2010", Version.EXCHANGE_2010),
        ("2013", Version.EXCHANGE_2013),
        ("2016", Version.EXCHANGE_2016),
        ("se", Version.EXCHANGE_SE),
    ],
)
def test_versions(profile: str, version: Version) -> None:
    with Lab(profile) as lab:
        session = RemoteSession(settings(options(lab), None, {}), Deadline(20))
        try:
            facts = Exchange(session, lambda text: None).facts
        finally:
            session.close()
        assert (facts.name, facts.version, facts.edge) == ("EX01", version, False)
        assert lab.journal.open_sessions == []
