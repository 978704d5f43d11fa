# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Combinations of values that Exchange refuses."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"AuthMechanism": "BasicAuthRequireTLS, Tls"}, "BasicAuth"),
        ({"AuthMechanism": "BasicAuth, BasicAuthRequireTLS"}, "Tls"),
        ({"AuthMechanism": "ExternalAuthoritative, Integrated", "PermissionGroups": "ExchangeServers"}, "External"),
        ({"AuthMechanism": "ExternalAuthoritative"}, "ExchangeServers"),
        ({"AuthMechanism": "ExternalAuthoritative", "PermissionGroups": "AnonymousUsers"}, "ExchangeServers"),
        ({"AuthMechanism": "None", "RequireTLS": True}, "RequireTLS"),
        ({"AuthMechanism": "None", "DomainSecureEnabled": True}, "DomainSecureEnabled"),
        (
            {
                "AuthMechanism": "Tls, ExternalAuthoritative",
                "PermissionGroups": "ExchangeServers",
                "DomainSecureEnabled": True,
            },
            "DomainSecureEnabled",
        ),
        ({"ConnectionTimeout": "00:05:00", "ConnectionInactivityTimeout": "00:05:00"}, "less"),
        ({"ChunkingEnabled": False}, "ChunkingEnabled"),
        ({"Banner": "hello"}, "220"),
        ({"MaxMessageSize": "63KB"}, "MaxMessageSize"),
        ({"MaxRecipientsPerMessage": 0}, "MaxRecipientsPerMessage"),
        ({"MaxHopCount": 501}, "MaxHopCount"),
        ({"MaxLocalHopCount": 51}, "MaxLocalHopCount"),
        ({"MaxLogonFailures": 11}, "MaxLogonFailures"),
        ({"MaxInboundConnectionPercentagePerSource": 101}, "Percentage"),
        ({"MaxInboundConnectionPerSource": 10001}, "PerSource"),
        ({"ConnectionTimeout": "1.00:00:01"}, "ConnectionTimeout"),
        ({"DefaultDomain": "nowhere.example"}, "nowhere.example"),
        ({"TransportRole": "Mailbox"}, "TransportRole"),
    ],
)
def test_broken_rules_are_refused(shell: Any, given: dict[str, Any], word: str) -> None:
    wanted = {"Bindings": "10.0.0.5:25", "RemoteIPRanges": "192.0.2.7", "TransportRole": "FrontendTransport", **given}
    assert word in shell.fail("New-ReceiveConnector", Name="Relay", **wanted).message
    shell.connector()
    assert word in shell.fail("Set-ReceiveConnector", Identity="Relay", **given).message


@pytest.mark.parametrize(
    "given",
    [
        {"AuthMechanism": "Tls, ExternalAuthoritative", "PermissionGroups": "AnonymousUsers, ExchangeServers"},
        {"AuthMechanism": "ExternalAuthoritative", "PermissionGroups": "ExchangeServers"},
        {"AuthMechanism": "None"},
        {"AuthMechanism": "Tls, BasicAuth, BasicAuthRequireTLS", "RequireTLS": True},
        {"ChunkingEnabled": False, "BinaryMimeEnabled": False},
        {"Banner": "220 Relay"},
        {"MaxInboundConnectionPerSource": "Unlimited", "MaxProtocolErrors": 0},
    ],
)
def test_kept_rules_are_fine(shell: Any, given: dict[str, Any]) -> None:
    shell.connector(**given)


def test_groups_can_be_lost_to_external_authentication_only_together(shell: Any) -> None:
    shell.connector(AuthMechanism="ExternalAuthoritative", PermissionGroups="ExchangeServers")
    assert shell.fail("Set-ReceiveConnector", Identity="Relay", PermissionGroups="AnonymousUsers")
    shell.run("Set-ReceiveConnector", Identity="Relay", PermissionGroups="AnonymousUsers", AuthMechanism="Tls")
