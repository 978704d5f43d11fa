# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registered clients, their expiry, addresses that nobody explains, and denials that do nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.audit import audit
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import Version


@pytest.mark.parametrize(("expires", "count"), [("2026-11-23", 1), ("2026-11-24", 0), ("", 0)])
def test_past_the_last_day(
    make_estate: Any, make_connector: Any, make_client: Any, find: Any, expires: str, count: int
) -> None:
    given = make_estate(
        make_connector("Relay", "192.0.2.77 192.0.2.78", relay=True),
        clients=(make_client("copier", "192.0.2.77", expires), make_client("scanner", "192.0.2.78")),
    )
    found = find(given, "client_expired")
    assert len(found) == count
    if found:
        assert found[0].severity == "medium"
        assert found[0].evidence == ("owner: facilities", f"expired: {expires}")
        (fix,) = found[0].as_result()["fixes"]
        assert fix["task"]["relayops.exchange.receive_connector"]["remote_ip_ranges"] == {"remove": ["192.0.2.77"]}


def test_who_left_is_no_finding(make_estate: Any, make_connector: Any, make_client: Any, find: Any) -> None:
    gone = make_client("copier", "192.0.2.99", "2026-01-01")
    assert find(make_estate(make_connector(relay=True), clients=(gone,)), "client_expired") == []


def test_addresses_that_nobody_explains(make_estate: Any, make_connector: Any, make_client: Any, find: Any) -> None:
    relay = make_connector("Relay", "192.0.2.64/26", relay=True)
    (found,) = find(make_estate(relay, clients=(make_client("copiers", "192.0.2.64/27"),)), "unexplained_clients")
    assert found.severity == "low"
    assert "32 addresses" in found.message
    assert "192.0.2.96/27" in found.message
    assert find(make_estate(relay, clients=(make_client("all", "192.0.2.64/26"),)), "unexplained_clients") == []
    assert find(make_estate(relay), "unexplained_clients") == []


@pytest.mark.parametrize(("name", "explained"), [("Relay", True), ("ex01\\relay", True), ("Other", False)])
def test_a_client_explains_its_own_connector(
    make_estate: Any, make_connector: Any, make_client: Any, find: Any, name: str, explained: bool
) -> None:
    given = make_estate(make_connector(relay=True), clients=(make_client("copier", "192.0.2.77", connector=name),))
    assert (find(given, "unexplained_clients") == []) is explained


def test_denials_that_do_nothing(make_estate: Any, make_connector: Any, find: Any, anonymous: str) -> None:
    def reason(right: str, user: str = anonymous, **more: Any) -> str:
        options = {key: more.pop(key) for key in ("version", "domains") if key in more}
        denial = (Entry(user, right, deny=True), *more.pop("entries", ()))
        found = find(make_estate(make_connector(entries=denial, **more), **options), "ineffective_deny")
        return found[0].message.rpartition(": ")[2] if found else ""

    assert reason(rights.RELAY) == "nothing grants it."
    assert reason(rights.RELAY, relay=True) == ""
    assert reason(rights.RELAY, relay=True, domains="*") == "the accepted domain * lets every recipient through."
    assert reason(rights.ANY_SENDER) == "front ends do not check sender rights."
    assert reason(rights.ANY_SENDER, version=Version.EXCHANGE_2010, role="") == ""
    assert (
        reason(rights.BYPASS_ANTI_SPAM, "EXAMPLE\\scanner", entries=(Entry("Everyone", rights.BYPASS_ANTI_SPAM),)) == ""
    )


def test_rows_say_what_each_client_gets(make_estate: Any, make_connector: Any, make_client: Any) -> None:
    default = make_connector("Default", "0.0.0.0-255.255.255.255")
    relay = make_connector(relay=True, bindings="192.0.2.10:25 192.0.2.25:25")
    clients = (make_client("copier", "192.0.2.77", connector="Relay"), make_client("scanner", "192.0.2.78"))
    result, _findings = audit(
        make_estate(default, relay, clients=clients, addresses="192.0.2.10 192.0.2.25 192.0.2.26")
    )
    rows = [
        (row["name"], row["endpoints"], row["connector"], "relay anywhere" in row["may"]) for row in result["clients"]
    ]  # type: ignore[index, union-attr]
    assert rows == [
        ("copier", ["192.0.2.10:25", "192.0.2.25:25"], "Relay", True),
        ("scanner", ["192.0.2.10:25", "192.0.2.25:25", "0.0.0.0:25"], "Default", False),
    ]


def test_connectors_that_let_a_client_do_nothing_are_left_out(
    make_estate: Any, make_connector: Any, make_client: Any
) -> None:
    closed = make_connector("Closed", "192.0.2.77 192.0.2.78", groups="", bindings="0.0.0.0:587")
    clients = (make_client("copier", "192.0.2.77"), make_client("scanner", "192.0.2.78"))
    result, _findings = audit(make_estate(make_connector("Relay", relay=True), closed, clients=clients))
    rows = [(row["name"], row["connector"], bool(row["may"])) for row in result["clients"]]  # type: ignore[index, union-attr]
    assert rows == [("copier", "Relay", True), ("scanner", "Closed", False)]
