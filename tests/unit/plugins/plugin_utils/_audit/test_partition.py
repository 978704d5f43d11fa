# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address space is cut so that every client belongs to the narrowest range around it, and to one connector only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Connector
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.partition import Cell, cells, points
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

PIECES = some.one_of(
    some.tuples(some.integers(0, 40), some.integers(0, 40)).map(lambda pair: f"10.0.0.{min(pair)}-10.0.0.{max(pair)}"),
    some.integers(0, 40).map(lambda last: f"10.0.0.{last}"),
    some.sampled_from(["10.0.0.0/24", "10.0.0.8/29", "0.0.0.0-255.255.255.255"]),
)
DRAWN = some.lists(some.lists(PIECES, max_size=5), min_size=1, max_size=5)


def served(connectors: list[Connector], addresses: str = "192.0.2.10") -> dict[str, list[Cell]]:
    return {
        str(endpoint): cells(point)
        for point in points(connectors, frozenset(addresses.split()))
        for endpoint in point.endpoints
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DRAWN, some.integers(0, 45))
def test_the_narrowest_range_has_the_client(make_connector: Callable[..., Any], drawn: Any, last: int) -> None:
    connectors = [make_connector(f"c{at}", " ".join(ranges)) for at, ranges in enumerate(drawn)]
    client = IPRange.parse(f"10.0.0.{last}")
    holding = [cell for cell in served(connectors)["0.0.0.0:25"] for item in cell.ranges() if item.covers(client)]
    sizes = {
        each.name: min(item.size for item in each.ranges if item.covers(client))
        for each in connectors
        if any(item.covers(client) for item in each.ranges)
    }
    assert len(holding) == min(1, len(sizes))
    if sizes:
        assert sizes[holding[0].connector.name] == min(sizes.values())


def test_a_connector_that_names_an_address_shares_it_with_those_on_every_address(make_connector: Any) -> None:
    default = make_connector("Default", "0.0.0.0-255.255.255.255")
    relay = make_connector("Relay", "192.0.2.64/26 192.0.2.77", bindings="192.0.2.25:25")
    found = served([default, relay], "192.0.2.10 192.0.2.25")
    assert [cell.connector.name for cell in found["0.0.0.0:25"]] == ["Default"]
    at_relay = {cell.connector.name: cell for cell in found["192.0.2.25:25"]}
    assert [str(item) for item in at_relay["Relay"].ranges()] == ["192.0.2.64/26"]
    assert at_relay["Default"].size + 64 == 1 << 32
    assert [str(item) for item in at_relay["Default"].ranges(1)] == ["0.0.0.0-192.0.2.63"]


def test_disabled_connectors_and_absent_addresses_are_nowhere(make_connector: Any) -> None:
    off = make_connector("Off", enabled=False)
    gone = make_connector("Gone", bindings="192.0.2.99:25")
    assert served([off, gone]) == {}
    assert list(served([gone], "192.0.2.99")) == ["192.0.2.99:25"]


def test_no_address_is_left_for_the_wildcard_if_all_are_named(make_connector: Any) -> None:
    everywhere = make_connector("Everywhere", "10.0.0.0/8")
    named = make_connector("Named", "10.0.0.0/8", bindings="192.0.2.10:25")
    found = served([everywhere, named])
    assert list(found) == ["192.0.2.10:25"]
    assert [cell.connector.name for cell in found["192.0.2.10:25"]] == ["Named"]


def test_roles_that_share_a_port_are_contested(make_connector: Any) -> None:
    both = [make_connector("One"), make_connector("Two", "192.0.2.78", role="HubTransport")]
    assert [point.contested for point in points(both, None)] == [True]
    assert [point.contested for point in points(both[:1], None)] == [False]
