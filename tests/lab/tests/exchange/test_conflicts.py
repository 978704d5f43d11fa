# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connectors may stand side by side on a server."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.exchange.conflicts import RangeList, ranges_clash
from exchange_lab.exchange.ranges import IPRange
from hypothesis import given
from hypothesis import strategies as st

SAME_ROLE = "unique combination"
OTHER_ROLE = "Receive connectors assigned to different Transport roles on a single server must listen on unique"


def _range(bounds: tuple[int, int]) -> IPRange:
    return IPRange(4, min(bounds), max(bounds))


ranges = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(_range), max_size=8)


def clash_of_two(one: IPRange, other: IPRange) -> bool:
    """The rule word for word: overlapping, and neither lies properly within the other."""
    overlap = one.first <= other.last and other.first <= one.last
    within = one.first >= other.first and one.last <= other.last
    around = other.first >= one.first and other.last <= one.last
    return overlap and within == around


@given(ranges, ranges)
def test_the_sweep_agrees_with_the_rule(one: list[IPRange], other: list[IPRange]) -> None:
    expected = any(clash_of_two(mine, theirs) for mine in one for theirs in other)
    assert ranges_clash(RangeList(one), RangeList(other)) is expected


def test_address_families_and_scopes_are_worlds_apart() -> None:
    assert not ranges_clash([IPRange(4, 1, 5)], [IPRange(6, 1, 5)])
    assert not ranges_clash([IPRange(6, 1, 5, "3")], [IPRange(6, 1, 5, "4")])
    assert ranges_clash([IPRange(6, 1, 5, "3")], [IPRange(6, 1, 5, "3")])


@pytest.fixture
def occupied(shell: Any) -> Any:
    """A server with one more front end connector on 10.0.0.5:25 for 192.0.2.0/24."""
    shell.connector("First", RemoteIPRanges="192.0.2.0/24")
    return shell


def new(shell: Any, binding: str, ranges: str, role: str = "FrontendTransport") -> Any:
    """Try another connector."""
    given = {"Bindings": binding, "RemoteIPRanges": ranges, "TransportRole": role}
    return shell.pipe(shell.call("New-ReceiveConnector", Name="Second", **given))


@pytest.mark.parametrize(
    "ranges", ["192.0.2.0/24", "192.0.2.0-192.0.2.255", "192.0.2.128-192.0.3.5", "192.0.1.9-192.0.2.0"]
)
def test_equal_and_partly_overlapping_ranges_conflict(occupied: Any, ranges: str) -> None:
    [failure] = new(occupied, "10.0.0.5:25", ranges).failures
    assert 'conflict with the settings on Receive connector "EX01\\First"' in failure.message
    assert SAME_ROLE in failure.message


@pytest.mark.parametrize(
    "ranges", ["192.0.2.7", "192.0.0.0/16", "192.0.3.0/24", "0.0.0.0-255.255.255.255", "2001:db8::/32"]
)
def test_other_ranges_and_contained_ones_do_not(occupied: Any, ranges: str) -> None:
    assert new(occupied, "10.0.0.5:25", ranges).failures == []


def test_other_addresses_and_ports_do_not(occupied: Any) -> None:
    assert new(occupied, "10.0.0.6:25", "192.0.2.0/24").failures == []
    occupied.run("Remove-ReceiveConnector", Identity="Second", Confirm=False)
    assert new(occupied, "10.0.0.5:26", "192.0.2.0/24").failures == []


def test_another_role_conflicts_whatever_the_ranges(occupied: Any) -> None:
    [failure] = new(occupied, "10.0.0.5:25", "203.0.113.9", "HubTransport").failures
    assert failure.message.endswith(f"{OTHER_ROLE} local IP address & port bindings.")
    assert failure.reason == "ReceiveConnectorRoleConflictException"


def test_the_default_role_collides_on_port_25(shell: Any) -> None:
    given = {"Name": "Relay", "Bindings": "0.0.0.0:25", "RemoteIPRanges": "192.0.2.7"}
    failure = shell.fail("New-ReceiveConnector", **given)
    assert '"EX01\\Default Frontend EX01"' in failure.message
    assert OTHER_ROLE in failure.message


@pytest.mark.parametrize(("choice", "conflict"), [("same", False), ("overlapping", True)])
def test_roles_on_a_wildcard_and_on_one_address(shells: Callable[..., Any], choice: str, conflict: bool) -> None:
    assert bool(new(shells(role_conflict=choice), "10.0.0.5:25", "192.0.2.7", "HubTransport").failures) is conflict


@pytest.mark.parametrize(("choice", "conflict"), [("accepted", False), ("refused", True)])
def test_equal_ranges_on_a_wildcard_and_on_one_address(shells: Callable[..., Any], choice: str, conflict: bool) -> None:
    result = new(shells(wildcard_conflict=choice), "10.0.0.5:25", "0.0.0.0-255.255.255.255")
    assert bool(result.failures) is conflict


def test_versions_without_roles_know_one_service(shells: Callable[..., Any]) -> None:
    shell = shells("2010")
    shell.connector("First")
    given = {"Name": "Second", "Bindings": "10.0.0.5:25", "RemoteIPRanges": "192.0.2.7"}
    assert SAME_ROLE in shell.fail("New-ReceiveConnector", **given).message


def test_set_checks_too_and_only_the_own_server(shells: Callable[..., Any]) -> None:
    shell = shells(server_names=["EX01", "EX02"])
    shell.connector("First")
    shell.connector("Second", Bindings="10.0.0.6:25")
    shell.connector("First", Server="EX02")
    failure = shell.fail("Set-ReceiveConnector", Identity="Second", Bindings=["10.0.0.6:25", "10.0.0.5:25"])
    assert "EX01\\First" in failure.message


def test_the_entries_of_a_connector_are_limited(shells: Callable[..., Any]) -> None:
    many = [f"10.{number // 256}.{number % 256}.1" for number in range(1251)]
    given = {"Name": "Many", "Bindings": "10.0.0.5:25", "TransportRole": "FrontendTransport"}
    shell = shells()
    failure = shell.fail("New-ReceiveConnector", RemoteIPRanges=many, **given)
    assert failure.message == "The administrative limit for this request was exceeded."
    assert (failure.category, failure.reason) == ("NotSpecified", "AdminLimitExceededException")
    shell.run("New-ReceiveConnector", RemoteIPRanges=many[:1250], **given)
    assert shells(range_limit="1200").fail("New-ReceiveConnector", RemoteIPRanges=many[:1250], **given)


def test_many_large_connectors_stay_usable(shell: Any) -> None:
    organisation = shell.organisation
    begun = time.monotonic()
    for number in range(100):
        ranges = [f"10.{index % 250}.{index // 250}.{number}" for index in range(1200)]
        shell.connector(f"Relay {number}", RemoteIPRanges=ranges)
    assert time.monotonic() - begun < 20
    begun = time.monotonic()
    assert "conflict" in str(new(shell, "10.0.0.5:25", "10.199.4.99").failures)
    assert time.monotonic() - begun < 2
    assert len(organisation.connectors("EX01")) == 105
