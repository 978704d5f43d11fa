# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges: every form people write, one value."""

from __future__ import annotations

import netaddr
import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import (
    disjoint,
    intersect,
    merge,
    near,
    subtract,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from hypothesis import given
from hypothesis import strategies as st

close = st.builds(
    lambda first, size: IPRange(4, 167772160 + first, 167772160 + first + size), st.integers(0, 60), st.integers(0, 20)
)


def networks(version: int, width: int) -> st.SearchStrategy[IPRange]:
    """Networks of any size."""
    return st.builds(
        lambda number, bits: IPRange(version, number >> bits << bits, number >> bits << bits | (1 << bits) - 1),
        st.integers(0, 2**width - 1),
        st.integers(0, width),
    )


def addresses(items: list[IPRange]) -> set[int]:
    return {address for item in items for address in range(item.first, item.last + 1)}


@given(st.lists(close), st.lists(close))
def test_merge_subtract_and_intersect_are_those_of_sets(a: list[IPRange], b: list[IPRange]) -> None:
    assert addresses(merge(a)) == addresses(a)
    assert addresses(subtract(a, b)) == addresses(a) - addresses(b)
    assert addresses(intersect(a, b)) == addresses(a) & addresses(b)


@given(st.lists(networks(4, 32) | networks(6, 128), max_size=20))
def test_merge_agrees_with_netaddr(items: list[IPRange]) -> None:
    joined = netaddr.IPSet(
        netaddr.IPRange(netaddr.IPAddress(item.first, item.version), netaddr.IPAddress(item.last, item.version))
        for item in items
    )
    assert [(span.version, span.first, span.last) for span in joined.iter_ipranges()] == [
        (item.version, item.first, item.last) for item in merge(items)
    ]


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (["192.0.2.1", "192.0.2.2", "192.0.2.4/30"], True),
        (["192.0.2.1", "192.0.2.0/30"], False),
        (["192.0.2.0/24", "192.0.2.1", "192.0.2.9"], False),
        (["192.0.2.9", "192.0.2.9"], False),
        (["192.0.2.1", "2001:db8::1", "2001:db8::2"], True),
        (["192.0.2.1", "2001:db8::1", "2001:db8::/64"], False),
        (["fe80::1%1", "fe80::1%2", "fe80::%3-fe80::ffff"], True),
        (["fe80::1%1", "fe80::1%2", "fe80::%1-fe80::ffff"], False),
        ([], True),
    ],
)
def test_disjoint(ranges: list[str], expected: bool) -> None:
    assert disjoint([IPRange.parse(text) for text in ranges]) is expected


clustered = st.builds(
    lambda version, first, size: IPRange(version, first, first + size, "%1" if version == 6 and first % 2 else ""),
    st.sampled_from([4, 6]),
    st.integers(0, 60),
    st.sampled_from([0, 0, 0, 2, 20]),
)


@given(st.lists(clustered, max_size=3), st.lists(st.frozensets(clustered, max_size=8), min_size=3, max_size=6))
def test_near_leaves_what_shares_no_address(mine: list[IPRange], others: list[frozenset[IPRange]]) -> None:
    for whole, part in zip(others, near([mine], others), strict=True):
        meeting = {item for item in whole if any(item.overlaps(one) for one in mine)}
        assert set(part) in (meeting, whole)
        if len(mine) * 4 <= sum(map(len, others)):
            assert set(part) == meeting
