# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who relays or is trusted without proof, found with its severity, its evidence and its remedy."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry

ANY = "0.0.0.0-255.255.255.255"


def commands(finding: Any) -> list[str]:
    return [fix["command"] for fix in finding.as_result()["fixes"] if "command" in fix]


@pytest.mark.parametrize(
    "ranges",
    [ANY, "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0/1 128.0.0.0/1", "1.0.0.0-9.255.255.255 10.0.0.0/8"],
)
def test_relay_for_everyone(make_estate: Any, make_connector: Any, find: Any, anonymous: str, ranges: str) -> None:
    (found,) = find(make_estate(make_connector("Relay", ranges, relay=True)), "open_relay")
    assert (found.severity, found.connector) == ("critical", "EX01\\Relay")
    assert found.evidence[0] == f"grant: entry for {anonymous}: {rights.RELAY}"
    assert commands(found) == [
        f"Remove-ADPermission -Identity 'CN=Relay,CN=EX01' -User '{anonymous}'"
        f" -ExtendedRights @('{rights.RELAY}') -Confirm:$false"
    ]
    (fix,) = found.as_result()["fixes"]
    assert fix["task"]["relayops.exchange.connector_permission"] == {
        "server": "EX01",
        "connector": "Relay",
        "rights": [rights.RELAY],
        "state": "absent",
    }


def test_private_networks_are_wide_and_not_everyone(make_estate: Any, make_connector: Any, find: Any) -> None:
    private = make_estate(make_connector("Relay", "10.0.0.0/8 192.168.0.0/16", relay=True))
    assert find(private, "open_relay") == []
    (found,) = find(private, "wide_relay")
    assert found.severity == "medium"
    assert "10.0.0.0/8, 192.168.0.0/16" in found.message
    assert find(make_estate(make_connector("Relay", "192.0.2.0/24", relay=True)), "wide_relay") == []


def test_no_right_no_finding(make_estate: Any, make_connector: Any, find: Any) -> None:
    for given in (make_connector("Relay", ANY), make_connector("Relay", ANY, relay=True, enabled=False)):
        assert find(make_estate(given), "open_relay") == []


def test_an_inherited_grant_is_outweighed(make_estate: Any, make_connector: Any, find: Any, anonymous: str) -> None:
    inherited = (Entry(anonymous, rights.RELAY, inherited=True),)
    (found,) = find(make_estate(make_connector("Relay", ANY, entries=inherited)), "open_relay")
    (command,) = commands(found)
    assert command.startswith("Add-ADPermission")
    assert "-Deny" in command


def test_the_catch_all_domain(make_estate: Any, make_connector: Any, find: Any) -> None:
    (found,) = find(make_estate(make_connector(), domains="example.com *"), "accept_all_domain")
    assert (found.severity, found.server) == ("critical", "")
    assert commands(found) == ["Remove-AcceptedDomain -Identity '*' -Confirm:$false"]


@pytest.mark.parametrize(("ranges", "severity"), [(ANY, "critical"), ("10.0.0.0/16", "high")])
def test_externally_secured_and_wide(
    make_estate: Any, make_connector: Any, find: Any, ranges: str, severity: str
) -> None:
    trusted = make_connector("Trusted", ranges, groups="ExchangeServers", auth="Tls ExternalAuthoritative")
    (found,) = find(make_estate(trusted), "externally_secured_wide")
    assert found.severity == severity
    assert commands(found) == [
        "Set-ReceiveConnector -Identity 'CN=Trusted,CN=EX01' -AuthMechanism 'Tls' -PermissionGroups 'AnonymousUsers'"
    ]
    assert find(make_estate(trusted), "open_relay") == []
    narrow = make_connector("Trusted", "192.0.2.77", groups="ExchangeServers", auth="ExternalAuthoritative")
    assert find(make_estate(narrow), "externally_secured_wide") == []


def test_distrust_takes_an_anonymous_right_along(make_estate: Any, make_connector: Any, find: Any) -> None:
    both = make_connector("Both", ANY, groups="ExchangeServers", auth="ExternalAuthoritative", relay=True)
    (found,) = find(make_estate(both), "externally_secured_wide")
    assert [command.split()[0] for command in commands(found)] == ["Remove-ADPermission", "Set-ReceiveConnector"]


def test_relay_right_on_a_default_connector(make_estate: Any, make_connector: Any, find: Any) -> None:
    default = make_connector("Default Frontend EX01", ANY, relay=True)
    (found,) = find(make_estate(default), "relay_on_default_connector")
    assert found.severity == "critical"
    assert commands(found)
    assert find(make_estate(make_connector("Default Frontend EX02", relay=True)), "relay_on_default_connector") == []


def test_an_exchange_server_inside(make_estate: Any, make_connector: Any, find: Any) -> None:
    known = {"192.0.2.11": "EX02"}
    relay = make_connector("Relay", "192.0.2.0/28", relay=True)
    (found,) = find(make_estate(relay, exchange_addresses=known), "exchange_server_in_range")
    assert found.severity == "high"
    assert "192.0.2.11 (EX02)" in found.message
    (command,) = commands(found)
    assert "'Remove'=@('192.0.2.0/28')" in command.replace(" ", "")
    assert "'192.0.2.0-192.0.2.10','192.0.2.12/30'" in command.replace(" ", "")
    authenticated = make_connector("Relay", "192.0.2.0/28", relay=True, auth="Tls ExchangeServer")
    assert find(make_estate(authenticated, exchange_addresses=known), "exchange_server_in_range") == []


def test_a_load_balancer_inside(make_estate: Any, make_connector: Any, find: Any) -> None:
    relay = make_connector("Relay", "192.0.2.7 192.0.2.77", relay=True)
    (found,) = find(make_estate(relay, load_balancers="192.0.2.0/29"), "load_balancer_in_range")
    assert found.severity == "critical"
    assert "'Remove'=@('192.0.2.7')" in commands(found)[0].replace(" ", "")
    only = make_connector("Relay", "192.0.2.7", relay=True)
    (alone,) = find(make_estate(only, load_balancers="192.0.2.7"), "load_balancer_in_range")
    assert "-Enabled $false" in commands(alone)[0] or "-Enabled:$false" in commands(alone)[0]


def test_organization_headers_of_anonymous_clients(
    make_estate: Any, make_connector: Any, find: Any, anonymous: str
) -> None:
    acl = (Entry(anonymous, rights.HEADERS_ORGANIZATION),)
    (found,) = find(make_estate(make_connector(entries=acl)), "organization_headers")
    assert found.severity == "high"
    assert commands(found)[0].startswith("Remove-ADPermission")


def test_everyone_holds_the_right(make_estate: Any, make_connector: Any, find: Any) -> None:
    acl = (Entry("Everyone", rights.RELAY),)
    (found,) = find(make_estate(make_connector(entries=acl)), "everyone_entry")
    assert found.severity == "high"
    assert "-User 'Everyone'" in commands(found)[0]
