# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers, their adapters and their transport services."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.powershell.objects import property_of, text_of


@pytest.mark.parametrize(
    ("version", "build", "role"),
    [
        ("2007", "Version 8.3", "Mailbox, ClientAccess, HubTransport"),
        ("2010", "Version 14.3", "Mailbox, ClientAccess, HubTransport"),
        ("2013", "Version 15.0", "Mailbox, ClientAccess"),
        ("2016", "Version 15.1", "Mailbox"),
        ("2019", "Version 15.2", "Mailbox"),
        ("se", "Version 15.2", "Mailbox"),
        ("edge", "Version 15.2", "Edge"),
    ],
)
@pytest.mark.parametrize("shape", ["strings", "objects"])
def test_version_and_roles(shells: Callable[..., Any], version: str, build: str, role: str, shape: str) -> None:
    [server] = shells(version, wire_shape=shape).run("Get-ExchangeServer", Identity="ex01.lab.example")
    found = text_of(property_of(server, "AdminDisplayVersion"))
    assert found.startswith(build)
    assert re.fullmatch(r"Version \d+\.\d+ \(Build \d+\.\d+\)", found)
    assert text_of(property_of(server, "ServerRole")) == role
    assert property_of(server, "IsEdgeServer") is (version == "edge")
    assert text_of(property_of(server, "Identity")) == "EX01"
    assert property_of(server, "Fqdn") == "EX01.lab.example"


def test_subscription_edition_is_told_by_its_build(shells: Callable[..., Any]) -> None:
    builds = [
        int(
            re.findall(
                r"Build (\d+)", text_of(property_of(shells(each).run("Get-ExchangeServer")[0], "AdminDisplayVersion"))
            )[0]
        )
        for each in ("2019", "se")
    ]
    assert builds[0] < 2562 <= builds[1]


def test_all_servers_or_one(shells: Callable[..., Any]) -> None:
    shell = shells(server_names=["EX01", "EX02"])
    assert len(shell.run("Get-ExchangeServer")) == 2
    for identity in ("EX02", property_of(shell.run("Get-ExchangeServer")[1], "DistinguishedName")):
        assert [property_of(each, "Name") for each in shell.run("Get-ExchangeServer", Identity=identity)] == ["EX02"]
    assert "couldn't be found" in shell.fail("Get-ExchangeServer", Identity="EX03").message


def test_addresses_of_the_adapter(shells: Callable[..., Any]) -> None:
    shell = shells(addresses={"EX01": ["10.0.0.4", "10.0.0.5"]})
    assert property_of(shell.run("Get-NetworkConnectionInfo")[0], "IPAddresses") == ["10.0.0.4", "10.0.0.5"]
    text = shells(network_addresses="text", addresses={"EX01": ["10.0.0.4", "10.0.0.5"]})
    assert property_of(text.run("Get-NetworkConnectionInfo")[0], "IPAddresses") == "10.0.0.4,10.0.0.5"


@pytest.mark.parametrize(
    ("version", "cmdlet", "folder"),
    [
        ("2010", "Get-TransportServer", "V14\\TransportRoles\\Logs\\ProtocolLog\\SmtpReceive"),
        ("2019", "Get-TransportService", "V15\\TransportRoles\\Logs\\Hub\\ProtocolLog\\SmtpReceive"),
        ("2019", "Get-FrontendTransportService", "V15\\TransportRoles\\Logs\\FrontEnd\\ProtocolLog\\SmtpReceive"),
        ("edge", "Get-TransportService", "V15\\TransportRoles\\Logs\\Edge\\ProtocolLog\\SmtpReceive"),
    ],
)
def test_where_protocol_logs_are(shells: Callable[..., Any], version: str, cmdlet: str, folder: str) -> None:
    [service] = shells(version).run(cmdlet, Identity="EX01")
    assert property_of(service, "ReceiveProtocolLogPath").endswith(folder)
    assert property_of(service, "ReceiveProtocolLogMaxAge") == "30.00:00:00"


def test_every_binding_is_tried(shell: Any) -> None:
    found = shell.run("Test-SmtpConnectivity", Identity="EX01")
    assert len(found) == 10
    assert {property_of(each, "StatusCode") for each in found} == {"Success"}
