# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from exchange_lab.transport.doors import Door, bounds, choose, contested, listening_points


def door(name: str, ranges: list[str], bindings: list[tuple[str, int]] | None = None, **properties: Any) -> Door:
    return Door(name, name, tuple(bindings or [("0.0.0.0", 25)]), {"RemoteIPRanges": ranges, **properties}, ())


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10.0.0.5", 1),
        ("10.0.0.1/24", 256),
        ("10.0.0.1-10.0.0.3", 3),
        ("fe80::1%11", 1),
        ("2001:db8::cd3/127", 2),
        ("10.1.2.3(255.255.0.0)", 65536),
    ],
)
def test_bounds(text: str, size: int) -> None:
    _, first, last = bounds(text)
    assert last - first + 1 == size


def test_the_smallest_range_wins_whatever_the_order() -> None:
    doors = [
        door("all", ["0.0.0.0-255.255.255.255"]),
        door("net", ["10.0.0.0/24"]),
        door("one", ["10.9.9.9", "10.0.0.5"]),
    ]
    for order in (doors, doors[::-1]):
        chosen = [choose(order, ("10.0.0.1", 25), client) for client in ("10.0.0.5", "10.0.0.6", "10.1.1.1")]
        assert [each and each.name for each in chosen] == ["one", "net", "all"]


def test_of_equal_ranges_the_specific_binding_wins() -> None:
    doors = [door("a-wild", ["10.0.0.0/24"]), door("b-bound", ["10.0.0.0/24"], [("10.0.0.1", 25)])]
    chosen = choose(doors, ("10.0.0.1", 25), "10.0.0.7")
    assert chosen is not None
    assert chosen.name == "b-bound"


def test_no_connector_for_a_client_outside_every_range() -> None:
    assert choose([door("net", ["10.0.0.0/24"])], ("10.0.0.1", 25), "10.0.1.1") is None
    assert choose([door("net", ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"])], ("10.0.0.1", 25), "10.0.1.1") is None


def test_wildcards_cover_the_addresses_of_their_family_that_the_host_holds() -> None:
    points = listening_points(
        [
            door("v4", [], [("0.0.0.0", 25)]),
            door("v6", [], [("::", 587)]),
            door("gone", [], [("10.0.0.9", 25)]),
            door("off", [], Enabled=False),
        ],
        ["10.0.0.1", "10.0.0.2", "fe80::1"],
    )
    assert {point: [each.name for each in doors] for point, doors in points.items()} == {
        ("10.0.0.1", 25): ["v4"],
        ("10.0.0.2", 25): ["v4"],
        ("fe80::1", 587): ["v6"],
    }


def test_two_roles_on_one_point_are_contested() -> None:
    assert contested([door("a", [], TransportRole="FrontendTransport"), door("b", [], TransportRole="HubTransport")])
    assert not contested(
        [door("a", [], TransportRole="FrontendTransport"), door("b", [], TransportRole="FrontendTransport")]
    )
