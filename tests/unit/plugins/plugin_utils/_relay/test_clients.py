# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients as people write them, and what two of them may not share."""

from __future__ import annotations

import ipaddress
from datetime import date
from itertools import combinations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import clients
from hypothesis import given
from hypothesis import strategies as some

TODAY = date(2027, 3, 31)


def read(*listed: Plain) -> clients.Clients:
    return clients.parse(list(listed))


def test_an_entry_keeps_what_is_said_about_it() -> None:
    (client,) = read(
        {"name": "copier", "address": "192.0.2.7", "owner": "ops", "note": "2nd floor", "expires": "2027-03-31"}
    )
    assert client.described(TODAY) == {
        "name": "copier",
        "address": "192.0.2.7",
        "owner": "ops",
        "note": "2nd floor",
        "expires": "2027-03-31",
        "state": "active",
    }
    assert str(client) == "copier (192.0.2.7)"
    assert client.described(date(2027, 4, 1))["state"] == "expired"


def test_a_plain_range_is_a_client_without_a_name() -> None:
    assert [str(client) for client in read("192.0.2.0/28", None, "2001:db8::1")] == ["192.0.2.0/28", "2001:db8::1"]
    assert [str(client) for client in clients.parse("192.0.2.9")] == ["192.0.2.9"]


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ("192.0.2.300", "192.0.2.300"),
        ({"name": "x"}, "clients: x: address is missing"),
        ({"address": "192.0.2.1", "adress": "y"}, "clients: 192.0.2.1: adress is none of"),
        ({"name": "x", "address": 7}, "clients: x: an address or range is a text"),
        ({"name": "x", "address": "192.0.2.1", "expires": "31.3.2027"}, "write it as 2027-03-31"),
        ({"name": "x", "address": "192.0.2.1", "expires": "2027-03-31 or so"}, "write it as 2027-03-31"),
        ({"name": "x", "address": "192.0.2.1", "expires": 0}, "write it as 2027-03-31"),
        ({"name": ["x"], "address": "192.0.2.1"}, "name is a text"),
        ("240.0.0.1", "240.0.0.1 is reserved"),
        ("255.255.255.255", "nothing can send from it"),
    ],
)
def test_a_bad_entry_is_named(item: Plain, problem: str) -> None:
    with pytest.raises(ValueError, match=r"^clients: ") as caught:
        read(item)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("addresses", "problem"),
    [
        (["192.0.2.7", "192.0.2.7/32"], "192.0.2.7 and 192.0.2.7 have the same address"),
        (["192.0.2.0/28", "192.0.2.7"], "192.0.2.7 lies inside 192.0.2.0/28"),
        (["192.0.2.1-192.0.2.9", "192.0.2.5-192.0.2.20"], "shares addresses with"),
        (["192.0.2.0/24", "192.0.2.1", "192.0.2.200-192.0.3.10"], "lies inside"),
    ],
)
def test_two_that_share_addresses_are_both_named(addresses: list[str], problem: str) -> None:
    with pytest.raises(ValueError, match=r"^clients: ") as caught:
        read(*addresses).active(TODAY)
    assert problem in str(caught.value)


@pytest.mark.parametrize("other", ["192.0.2.7", "192.0.2.0/28"])
def test_an_expired_client_must_not_go_on_inside_another_ones_range(other: str) -> None:
    old: Plain = {"name": "copier", "address": "192.0.2.7", "expires": "2027-03-30"}
    with pytest.raises(ValueError, match=r"copier \(192\.0\.2\.7\)"):
        read(old, other).active(TODAY)
    assert [str(address) for address in read(old, "192.0.2.8").active(TODAY)] == ["192.0.2.8"]


@pytest.mark.parametrize("written", ["2027-03-31", "2027-03-31 00:00:00", "2027-03-31T12:00:00+01:00"])
def test_a_day_may_come_with_a_time_as_yaml_writes_it(written: str) -> None:
    (client,) = read({"address": "192.0.2.7", "expires": written})
    assert client.expires == TODAY


pieces = some.tuples(some.integers(0, 40), some.integers(0, 6)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(some.lists(pieces, max_size=8))
def test_sharing_is_found_exactly_where_it_is(spans: list[tuple[int, int]]) -> None:
    base = int(ipaddress.ip_address("192.0.2.0"))
    texts = [f"{ipaddress.ip_address(base + a)}-{ipaddress.ip_address(base + b)}" for a, b in spans]
    shared = any(a <= d and c <= b for (a, b), (c, d) in combinations(spans, 2))
    try:
        read(*texts).active(TODAY)
    except ValueError:
        assert shared
    else:
        assert not shared
