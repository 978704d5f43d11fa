# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connectors that stand in each other's way or stand nowhere."""

from __future__ import annotations

from typing import Any

import pytest

ANY = "0.0.0.0-255.255.255.255"


def test_roles_that_share_a_port(make_estate: Any, make_connector: Any, find: Any) -> None:
    default = make_connector("Default Frontend EX01", ANY)
    hub = make_connector("Relay", role="HubTransport", bindings="192.0.2.10:25")
    (found,) = find(make_estate(default, hub), "role_conflict")
    assert found.severity == "high"
    assert found.evidence == ("EX01\\Default Frontend EX01: FrontendTransport", "EX01\\Relay: HubTransport")
    (fix,) = found.as_result()["fixes"]
    assert fix["command"] == "Set-ReceiveConnector -Identity 'CN=Relay,CN=EX01' -TransportRole 'FrontendTransport'"
    both_made = make_estate(make_connector("One"), make_connector("Two", role="HubTransport"))
    assert find(both_made, "role_conflict")[0].fixes == ()


@pytest.mark.parametrize(
    ("other", "words"), [("192.0.2.77", "equal ranges"), ("192.0.2.70-192.0.2.80", "ranges that cross")]
)
def test_ranges_that_exchange_forbids(make_estate: Any, make_connector: Any, find: Any, other: str, words: str) -> None:
    one = make_connector("One", "192.0.2.77" if other == "192.0.2.77" else "192.0.2.75-192.0.2.90")
    (found,) = find(make_estate(one, make_connector("Two", other)), "range_conflict")
    assert found.severity == "high"
    assert words in found.message


def test_a_connector_that_others_leave_nobody(make_estate: Any, make_connector: Any, find: Any) -> None:
    wide = make_connector("Wide", "192.0.2.76/31")
    narrow = [make_connector("One", "192.0.2.76"), make_connector("Two", "192.0.2.77")]
    (found,) = find(make_estate(wide, *narrow), "shadowed_connector")
    assert (found.severity, found.connector) == ("medium", "EX01\\Wide")
    assert "EX01\\One" in found.message
    assert find(make_estate(wide, narrow[0]), "shadowed_connector") == []


def test_a_connector_that_cannot_be_reached(make_estate: Any, make_connector: Any, find: Any) -> None:
    (nowhere,) = find(make_estate(make_connector(bindings="192.0.2.99:25")), "unreachable_connector")
    assert "none of its addresses is there" in nowhere.message
    (nobody,) = find(make_estate(make_connector(ranges="")), "unreachable_connector")
    assert "it has no remote ranges" in nobody.message


def test_a_binding_on_an_address_that_is_absent(make_estate: Any, make_connector: Any, find: Any) -> None:
    given = make_connector(bindings="192.0.2.10:25 192.0.2.99:25")
    (found,) = find(make_estate(given), "binding_absent")
    assert found.severity == "high"
    (fix,) = found.as_result()["fixes"]
    assert fix["task"]["relayops.exchange.secondary_ip"] == {"address": "192.0.2.99"}
    assert find(make_estate(given, addresses="?"), "binding_absent") == []
    off = make_connector(bindings="192.0.2.99:25", enabled=False)
    assert find(make_estate(off), "binding_absent")[0].severity == "low"


def test_a_named_and_a_narrower_connector_are_undetermined(make_estate: Any, make_connector: Any, find: Any) -> None:
    named = make_connector("Named", "192.0.2.0/24", bindings="192.0.2.10:25", relay=True)
    narrow = make_connector("Narrow", "192.0.2.77")
    (found,) = find(make_estate(named, narrow), "undetermined_connector")
    assert (found.severity, found.connector) == ("medium", "EX01\\Named")
    assert found.evidence == ("with EX01\\Named they may also: relay anywhere",)
    assert "Clients at 192.0.2.77 that" in found.message
    same = make_connector("Narrow", "192.0.2.77", relay=True)
    assert find(make_estate(named, same), "undetermined_connector") == []
