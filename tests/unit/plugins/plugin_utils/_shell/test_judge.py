# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.judge import judge


def facts(version: Version, edge: bool = False, build: str = "15.2.1.1") -> ServerFacts:
    return ServerFacts("EX01", "", version, edge, build, frozenset(), "")


@pytest.mark.parametrize(
    ("command", "server", "reason"),
    [
        (
            Command("Get-NetworkConnectionInfo"),
            facts(Version.EXCHANGE_2007),
            "Get-NetworkConnectionInfo needs Exchange 2010 or later; EX01 runs Exchange 2007",
        ),
        (Command("Get-FrontendTransportService"), facts(Version.EXCHANGE_2019, edge=True), "does not exist on an Edge"),
        (
            Command("Set-ReceiveConnector", {"AuthTarpitInterval": "00:00:05"}),
            facts(Version.EXCHANGE_2013),
            "auth_tarpit_interval needs Exchange 2016 or later; EX01 runs Exchange 2013",
        ),
        (
            Command("Set-ReceiveConnector", {"LongAddressesEnabled": True}),
            facts(Version.EXCHANGE_2007, build="8.0.685.25"),
            "long_addresses_enabled is not there on EX01: it came with service pack 1",
        ),
        (
            Command("Get-ReceiveConnector", {"DomainController": "dc1"}),
            facts(Version.EXCHANGE_2019, edge=True),
            "domain_controller has no meaning on an Edge",
        ),
        (
            Command("New-ReceiveConnector", {"TransportRole": "FrontendTransport"}),
            facts(Version.EXCHANGE_2019, edge=True),
            "transport_role is not there on EX01",
        ),
    ],
)
def test_what_a_server_lacks_is_named(command: Command, server: ServerFacts, reason: str) -> None:
    with pytest.raises(ExchangeError, match=reason):
        judge((Command("Get-ExchangeServer"), command), server)


def test_what_it_has_is_fine() -> None:
    judge(
        (Command("New-ReceiveConnector", {"TransportRole": "HubTransport", "Custom": True}),),
        facts(Version.EXCHANGE_SE),
    )
