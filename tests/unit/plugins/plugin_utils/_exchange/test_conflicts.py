# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connectors that can and cannot stand side by side."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.conflicts import Claim, find
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from hypothesis import given
from hypothesis import strategies as st

ALL = Binding.parse("0.0.0.0:25")


def claim(owner: str, *ranges: str, bindings: str = "0.0.0.0:25", role: str = "FrontendTransport") -> Claim:
    return Claim(
        owner, role, [Binding.parse(text) for text in bindings.split(",")], [IPRange.parse(text) for text in ranges]
    )


def kinds(*claims: Claim) -> list[tuple[str, str, str]]:
    return [(conflict.owner, conflict.other, conflict.kind) for conflict in find(claims)]


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("10.0.0.0/24", "10.0.0.0-10.0.0.255", "equal"),
        ("10.0.0.0-10.0.0.100", "10.0.0.50-10.0.0.150", "partial"),
        ("10.0.0.0-10.0.0.10", "10.0.0.10-10.0.0.20", "partial"),
        ("10.0.0.0/24", "10.0.0.7", None),
        ("0.0.0.0-255.255.255.255", "10.0.0.0/24", None),
        ("10.0.0.0/25", "10.0.0.0/24", None),
        ("10.0.0.128/25", "10.0.0.0/24", None),
        ("10.0.0.0-10.0.0.10", "10.0.0.11-10.0.0.20", None),
        ("2001:db8::/64", "2001:db8::/64", "equal"),
        ("2001:db8::-2001:db8::9", "2001:db8::5-2001:db8::f", "partial"),
        ("fe80::1%1", "fe80::1%2", None),
        ("fe80::1%1", "fe80::1%1", "equal"),
        ("::a00:7", "10.0.0.7", None),
    ],
)
def test_ranges_of_two_connectors(one: str, other: str, kind: str | None) -> None:
    for first, second in ((one, other), (other, one)):
        found = find([claim("a", first), claim("b", second)])
        assert [conflict.kind for conflict in found] == ([kind] if kind else [])


def test_the_overlapping_addresses_and_the_other_connector_are_named() -> None:
    found = find([claim("new", "10.0.0.0-10.0.0.100"), claim("old", "10.0.0.50-10.0.0.150")], of={"new"})
    assert str(found[0]) == "old has partly overlapping ranges on 0.0.0.0:25: 10.0.0.50-10.0.0.100"
    assert str(find([claim("a", "::1"), claim("b", "::1")])[0]) == "b has equal ranges on 0.0.0.0:25: ::1"


def test_many_overlaps_are_counted() -> None:
    texts = [f"10.0.0.{number}" for number in range(0, 20, 2)]
    assert str(find([claim("a", *texts), claim("b", *texts)])[0]).endswith("10.0.0.0, 10.0.0.2, 10.0.0.4 and 7 more")


def test_another_port_or_address_does_not_conflict() -> None:
    assert not kinds(claim("a", "10.0.0.1"), claim("b", "10.0.0.1", bindings="0.0.0.0:587"))
    assert not kinds(claim("a", "10.0.0.1"), claim("b", "10.0.0.1", bindings="192.0.2.1:25"))
    assert not kinds(claim("a", "10.0.0.1"), claim("b", "10.0.0.1", bindings="[::]:25"))
    assert kinds(claim("a", "10.0.0.1"), claim("b", "10.0.0.1", bindings="192.0.2.1:25,0.0.0.0:25"))


def test_another_role_on_the_same_address_and_port_always_conflicts() -> None:
    hub = claim("hub", "10.0.0.1", role="HubTransport")
    assert kinds(claim("front", "192.0.2.7"), hub) == [("front", "hub", "role")]
    assert "another transport role" in str(find([claim("front", "192.0.2.7"), hub])[0])
    assert kinds(claim("front", "192.0.2.7", bindings="192.0.2.1:25"), hub) == [("front", "hub", "role")]
    assert not kinds(claim("front", "10.0.0.1", bindings="0.0.0.0:2525"), hub)
    assert not kinds(claim("front", "10.0.0.1", bindings="[::]:25"), hub)


def test_a_connector_does_not_conflict_with_itself() -> None:
    assert not kinds(claim("a", "10.0.0.0-10.0.0.9", "10.0.0.5-10.0.0.20", bindings="0.0.0.0:25,192.0.2.1:25"))


def test_only_conflicts_of_the_wanted_are_given_seen_from_them() -> None:
    claims = [claim("a", "10.0.0.1"), claim("b", "10.0.0.1"), claim("c", "10.0.0.2"), claim("d", "10.0.0.2")]
    assert [(c.owner, c.other) for c in find(claims, of={"d"})] == [("d", "c")]


small = st.builds(lambda first, size: IPRange(4, first, first + size), st.integers(0, 25), st.integers(0, 9))


@given(st.lists(st.lists(small, max_size=5), min_size=2, max_size=4))
def test_the_sweep_finds_what_comparing_every_pair_finds(lists: list[list[IPRange]]) -> None:
    expected: dict[tuple[int, int, str], set[IPRange]] = {}
    for (i, one), (j, other) in itertools.combinations(enumerate(lists), 2):
        for a, b in itertools.product(one, other):
            if a == b:
                expected.setdefault((i, j, "equal"), set()).add(a)
            elif a.overlaps(b) and not a.covers(b) and not b.covers(a):
                shared = IPRange(4, max(a.first, b.first), min(a.last, b.last))
                expected.setdefault((i, j, "partial"), set()).add(shared)
    found = find([Claim(str(number), "", [ALL], ranges) for number, ranges in enumerate(lists)])
    actual: dict[tuple[int, int, str], set[IPRange]] = {}
    for conflict in found:
        i, j = sorted((int(conflict.owner), int(conflict.other)))
        actual.setdefault((i, j, conflict.kind), set()).update(conflict.ranges)
    assert actual == expected


@given(st.lists(st.lists(small, min_size=1, max_size=4), min_size=5, max_size=8))
def test_looking_around_the_wanted_alone_finds_the_same(lists: list[list[IPRange]]) -> None:
    claims = [Claim(str(number), "", [ALL], ranges) for number, ranges in enumerate(lists)]
    expected = [(each.kind, each.ranges) for each in find(claims) if "0" in (each.owner, each.other)]
    assert [(each.kind, each.ranges) for each in find(claims, of={"0"})] == expected
