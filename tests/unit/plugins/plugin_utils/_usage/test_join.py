# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import clients
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.join import joined
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.known import Registered, Registry
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RELAY = "Relay copiers"


def row(client: str, connector: str = RELAY, last: str = "2026-11-23", **counted: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "server": "EX1",
        "connector": connector,
        "client": client,
        "sessions": 1,
        "messages": 1,
        "recipients_inside": 1,
        "recipients_outside": 0,
        "refused_outside": 0,
        "refusals": {},
        "tls": {},
        "authenticated": 0,
        "proxied": 0,
        "helo_names": {"copier": 1},
        "sender_domains": {"example.org": 1},
        "first_seen": "2026-10-01T00:00:00.000Z",
        "last_seen": f"{last}T00:00:00.000Z",
    }
    return base | counted


def log(*rows: dict[str, Any], days: tuple[tuple[str, int], ...] = ()) -> dict[str, Any]:
    names = {each["connector"] for each in rows}
    drawn = [{"day": day, "sessions": count, "messages": count} for day, count in days]
    connectors = [{"server": "EX1", "connector": name, "clients": 1, "days": drawn} for name in sorted(names)]
    return {"usage": list(rows), "connectors": connectors}


def audit(*registered: tuple[str, str], relaying: tuple[str, ...] = (RELAY,)) -> dict[str, Any]:
    rows = [
        {"name": name, "address": address, "owner": "facilities", "expires": "", "note": ""}
        for name, address in registered
    ]
    access = [{"server": "EX1", "connector": name, "may": {"anyone": {"relay": "entry"}}} for name in relaying]
    return {"findings": [], "clients": rows, "access": [*access, {"server": "EX1", "connector": "Default", "may": {}}]}


def names(report: dict[str, Any], what: str) -> list[str]:
    return [each.get("client") or each["address"] for each in report[what]]


def test_silent_and_unknown_clients() -> None:
    registered = audit(
        ("copier", "192.0.2.77"), ("scanners", "192.0.2.96/29"), ("door", "192.0.2.90"), ("old", "192.0.2.91")
    )
    used = log(row("192.0.2.77"), row("192.0.2.99"), row("192.0.2.91", last="2026-10-02"), row("192.0.2.50"))
    report = joined([used], [registered], [], 30, NOW)
    assert [(each["name"], each["last_seen"][:10]) for each in report["silent"]] == [
        ("door", ""),
        ("old", "2026-10-02"),
    ]
    assert names(report, "unregistered") == ["192.0.2.50"]
    assert report["observed_days"] == 55


@pytest.mark.parametrize(
    ("last", "silent"), [("2026-10-25T12:00:00.000Z", []), ("2026-10-25T11:59:59.999Z", ["192.0.2.77"])]
)
def test_silent_is_who_was_not_seen_for_so_many_days(last: str, silent: list[str]) -> None:
    used = log(row("192.0.2.77", last_seen=last))
    assert names(joined([used], [audit(("copier", "192.0.2.77"))], [], 30, NOW), "silent") == silent


@pytest.mark.parametrize(
    ("relay", "default", "seen", "silent", "unobserved"),
    [
        ("none", "verbose", False, 0, 1),
        ("verbose", "none", False, 1, 0),
        ("none", "none", False, 0, 1),
        ("none", "none", True, 0, 0),
    ],
)
def test_of_who_is_in_no_log_nothing_is_known(
    relay: str, default: str, seen: bool, silent: int, unobserved: int
) -> None:
    """A client that may relay through a connector that does not log is not silent."""
    registered = audit(("copier", "192.0.2.77"))
    (client,) = registered["clients"]
    registered["clients"] = [client | {"server": "EX1", "connector": name} for name in (RELAY, "Default")]
    levels = [
        {"server": "EX1", "name": name, "protocol_logging_level": level}
        for name, level in ((RELAY, relay), ("Default", default))
    ]
    used = log(row("192.0.2.77" if seen else "192.0.2.78"))
    report = joined([used], [registered], levels, 30, NOW)
    assert (len(report["silent"]), len(report["unobserved"])) == (silent, unobserved)


@pytest.mark.parametrize(
    ("one", "other", "silent"),
    [("verbose", "verbose", 1), ("verbose", "none", 0), ("none", "verbose", 0), ("none", "none", 0)],
)
def test_who_may_relay_through_two_connectors_is_silent_in_the_logs_of_both(one: str, other: str, silent: int) -> None:
    """It may use the one that does not log, and would lose the right to."""
    registered = audit(("copier", "192.0.2.77"), relaying=(RELAY, "Relay scanners"))
    (client,) = registered["clients"]
    levels = {RELAY: one, "Relay scanners": other, "Default": "verbose"}
    registered["clients"] = [client | {"server": "EX1", "connector": name} for name in levels]
    listed = [{"server": "EX1", "name": name, "protocol_logging_level": level} for name, level in levels.items()]
    report = joined([log(row("192.0.2.78"))], [registered], listed, 30, NOW)
    assert (len(report["silent"]), len(report["unobserved"])) == (silent, 1 - silent)


def test_strangers_on_a_connector_that_relays_nothing_are_not_asked_for() -> None:
    used = log(row("198.51.100.1", "Default"), row("198.51.100.2", "Default", recipients_outside=1))
    assert names(joined([used], [audit()], [], 30, NOW), "unregistered") == ["198.51.100.2"]


def test_who_needs_less() -> None:
    used = log(
        row("192.0.2.1"),
        row("192.0.2.2", recipients_outside=3),
        row("192.0.2.3", refused_outside=1),
        row("192.0.2.4", messages=0, recipients_inside=0),
        row("192.0.2.5", sessions=4, tls={"TLSv1.2": 3}, recipients_outside=1),
        row("192.0.2.6", sessions=4, tls={"TLSv1.2": 4}, authenticated=2, recipients_outside=1),
    )
    report = joined([used], [audit()], [], 30, NOW)
    assert names(report, "inside_only") == ["192.0.2.1"]
    assert names(report, "could_use_tls") == ["192.0.2.5"]
    assert names(report, "could_authenticate") == ["192.0.2.6"]


def test_connectors_that_nobody_uses_and_such_that_do_not_say() -> None:
    info = [
        {"server": "EX1", "name": RELAY, "protocol_logging_level": "verbose"},
        {"server": "EX1", "name": "Unused", "protocol_logging_level": "verbose"},
        {"server": "EX1", "name": "Quiet", "protocol_logging_level": "none"},
    ]
    report = joined([log(row("192.0.2.1"), days=(("2026-11-22", 4), ("2026-11-24", 2)))], [audit()], info, 30, NOW)
    assert [(each["connector"], each["logs"], each["state"]) for each in report["connectors"]] == [
        ("Quiet", False, "unknown"),
        (RELAY, True, "used"),
        ("Unused", True, "unused"),
    ]
    relay = report["connectors"][1]
    assert (relay["relays"], relay["clients"], relay["last_seen"]) == (True, 1, "2026-11-23T00:00:00.000Z")
    assert relay["chart"] == "0.0,2.0 120.0,38.0 240.0,20.0"


def test_servers_and_services_are_joined() -> None:
    one = log(row("192.0.2.1", sessions=2, helo_names={"a": 2}))
    two = log(row("192.0.2.1", sessions=3, helo_names={"a": 1, "b": 2}, last="2026-11-24", server="ex1"))
    (joint,) = joined([one, two], [], [], 30, NOW)["usage"]
    assert (joint["sessions"], joint["helo_names"], joint["last_seen"][:10]) == (5, {"a": 3, "b": 2}, "2026-11-24")


def test_a_proposal_is_exactly_who_sent_mail_with_what_is_known_of_them() -> None:
    used = log(
        row("192.0.2.10", recipients_outside=2),
        row("192.0.2.9"),
        row("192.0.2.8", messages=0, recipients_inside=0),
        row("2001:db8::1", recipients_outside=1),
        row("203.0.113.5", "Default"),
    )
    (proposal,) = joined([used], [audit(("copier", "192.0.2.10"))], [], 30, NOW)["proposal"]
    assert (proposal["server"], proposal["connector"]) == ("EX1", RELAY)
    taken = list(clients.parse(proposal["clients"]))
    assert [str(client.address) for client in taken] == ["192.0.2.9", "192.0.2.10", "2001:db8::1"]
    assert (taken[1].name, taken[1].owner) == ("copier", "facilities")
    assert taken[1].note == "seen 2026-10-01 to 2026-11-23, 1 messages, 2 outside, as copier"


@pytest.mark.parametrize(("expires", "late"), [("", False), ("2026-11-22", True), ("2026-11-23", False)])
def test_a_proposal_keeps_a_date_and_tells_who_writes_after_it(expires: str, late: bool) -> None:
    known = audit(("copier", "192.0.2.10"))
    known["clients"][0]["expires"] = expires
    (proposal,) = joined([log(row("192.0.2.10", recipients_outside=2))], [known], [], 30, NOW)["proposal"]
    (client,) = proposal["clients"]
    assert client.get("expires", "") == expires
    assert ("after it had expired" in client["note"]) == late


def test_a_front_end_is_no_client_of_its_transport_service() -> None:
    """Mail to the outside is in the logs of both; neither is it that of the server nor does it come twice."""
    passed = row("192.0.2.10", "Default EX1", recipients_outside=2, authenticated=1, proxied=1, sessions=4)
    report = joined([log(row("192.0.2.77", recipients_outside=2), passed)], [audit()], [], 30, NOW)
    assert report["exchange_servers"] == ["192.0.2.10"]
    for what in ("unregistered", "inside_only", "could_use_tls", "could_authenticate"):
        assert "192.0.2.10" not in names(report, what)
    assert [(each["connector"], names(each, "clients")) for each in report["proposal"]] == [(RELAY, ["192.0.2.77"])]
    counted = {each["connector"]: (each["clients"], each["state"]) for each in report["connectors"]}
    assert counted == {"Default EX1": (0, "used"), RELAY: (1, "used")}


@pytest.mark.parametrize("address", ["192.0.2.10", "127.0.0.1", "::1"])
def test_an_exchange_server_is_nobodys_client_and_no_sign_of_life(address: str) -> None:
    """What else it sends, such as its own monitoring through the relay connector, is no client's either."""
    passed = row("192.0.2.10", "Default EX1", proxied=1)
    used = log(passed, row(address, recipients_outside=1), row("192.0.2.77", recipients_outside=1))
    report = joined([used], [audit(("all", "192.0.2.0/28"))], [], 30, NOW)
    assert names(report, "unregistered") == ["192.0.2.77"]
    assert names(report["proposal"][0], "clients") == ["192.0.2.77"]
    assert names(report, "silent") == ["192.0.2.0/28"]


@pytest.mark.parametrize("address", ["192.0.2.10", "127.0.0.1", "::1"])
def test_a_program_on_the_server_that_is_registered_is_not_silent(address: str) -> None:
    """Its address is the server's own; who was not seen at all would lose the right to relay."""
    used = log(row("192.0.2.10", "Default EX1", proxied=1, last="2026-10-02"), row(address))
    report = joined([used], [audit(("invoices", address), ("door", "192.0.2.90"))], [], 30, NOW)
    assert names(report, "silent") == ["192.0.2.90"]


@pytest.mark.parametrize(
    ("connector", "sessions", "authenticated", "proposed"),
    [
        ("Client Frontend EX1", 3, 3, False),
        ("Client Frontend EX1", 3, 2, False),
        ("Client Frontend EX1", 3, 0, True),
        (RELAY, 3, 3, True),
        (RELAY, 3, 2, True),
    ],
)
def test_who_logs_on_needs_no_right_that_anyone_has(
    connector: str, sessions: int, authenticated: int, proposed: bool
) -> None:
    """Where nobody else may relay. Of a relay connector all that write are kept, since it may be all that they have."""
    used = log(row("192.0.2.5", connector, sessions=sessions, authenticated=authenticated, recipients_outside=2))
    report = joined([used], [audit()], [], 30, NOW)
    assert (names(report, "unregistered"), bool(report["proposal"])) == (["192.0.2.5"] * proposed, proposed)


@pytest.mark.parametrize(("authenticated", "proposed"), [(3, False), (2, True)])
def test_without_an_audit_who_does_not_always_log_on_may_need_it(authenticated: int, proposed: bool) -> None:
    used = log(row("192.0.2.5", sessions=3, authenticated=authenticated, recipients_outside=2))
    assert bool(joined([used], [], [], 30, NOW)["proposal"]) == proposed


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(24, 32)), max_size=15),
    st.lists(st.integers(0, 255), min_size=1, max_size=20),
)
def test_an_address_belongs_to_the_narrowest_client_that_holds_it(
    held: list[tuple[int, int]], asked: list[int]
) -> None:
    networks = [ip_network(f"192.0.2.{last}/{length}", strict=False) for last, length in held]
    registry = Registry(Registered(IPRange.parse(str(each)), "", "", "", "") for each in networks)
    for last in asked:
        address = f"192.0.2.{last}"
        lengths = [each.prefixlen for each in networks if ip_address(address) in each]
        found = registry.of(address)
        assert (found and found.address.size) == (2 ** (32 - max(lengths)) if lengths else None)


@pytest.mark.parametrize(
    ("results", "days", "why"),
    [
        ([{"usage": 1}], 30, "results of smtp_receive_log"),
        ([3], 30, "results of smtp_receive_log"),
        ([], 0, "at least 1"),
    ],
)
def test_nonsense_is_refused(results: Any, days: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        joined(results, [], [], days, NOW)
