# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every action does with ranges what it would do with sets of addresses."""

from __future__ import annotations

import operator
from collections.abc import Callable
from ipaddress import ip_address

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._filter.range_list import ip_ranges
from hypothesis import given
from hypothesis import strategies as some

BASE = int(ip_address("192.0.2.0"))
SETS: dict[str, Callable[[set[int], set[int]], set[int]]] = {"subtract": operator.sub, "intersect": operator.and_}


def range_texts() -> some.SearchStrategy[list[str]]:
    ends = some.tuples(some.integers(0, 40), some.integers(0, 40)).map(sorted)
    return some.lists(ends.map(lambda pair: str(IPRange(4, BASE + pair[0], BASE + pair[1]))), max_size=6)


def addresses(texts: list[str]) -> set[int]:
    return {number for text in texts for one in [IPRange.parse(text)] for number in range(one.first, one.last + 1)}


@given(range_texts(), range_texts())
def test_agrees_with_sets(one: list[str], other: list[str]) -> None:
    for action, reference in SETS.items():
        found = ip_ranges(one, action, other)
        assert isinstance(found, list)
        assert addresses(found) == reference(addresses(one), addresses(other))
    assert ip_ranges(one, "contains", other) == (addresses(other) <= addresses(one))
    assert ip_ranges(one, "size") == len(addresses(one))


@given(range_texts())
def test_merge_gives_the_fewest(one: list[str]) -> None:
    merged = ip_ranges(one, "merge")
    assert isinstance(merged, list)
    numbers = addresses(one)
    assert addresses(merged) == numbers
    assert len(merged) == sum(number - 1 not in numbers for number in numbers)


@given(range_texts())
def test_normalise_changes_nothing_twice(one: list[str]) -> None:
    once = ip_ranges(one)
    assert ip_ranges(once) == once == sorted(set(once), key=IPRange.parse)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("192.0.2.9, 192.0.2.1/24\n10.0.0.0(255.0.0.0)", ["10.0.0.0/8", "192.0.2.0/24", "192.0.2.9"]),
        (["0.0.0.0/0", "2001:DB8::1"], ["0.0.0.0-255.255.255.255", "2001:db8::1"]),
        ([{"name": "copier", "address": "192.0.2.77"}], ["192.0.2.77"]),
        ("", []),
        (None, []),
    ],
)
def test_reads_what_people_have(given: object, expected: list[str]) -> None:
    assert ip_ranges(given) == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((["192.0.2.256"],), "'192.0.2.256' is not an IP address or range"),
        ((["192.0.2.1"], "join"), "'join' is no action; there are normalise"),
        ((["192.0.2.1"], "subtract"), "subtract needs other ranges"),
        ((["192.0.2.1"], "merge", ["192.0.2.1"]), "merge takes no other ranges"),
        (({"address": "192.0.2.1"},), "is no list of ranges"),
        (([{"name": "copier"}],), "it is a text, or an entry with an address"),
        ((5,), "is no list of ranges"),
    ],
)
def test_names_what_is_wrong(arguments: tuple[object, ...], words: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        ip_ranges(*arguments)  # type: ignore[arg-type]
    assert words in str(caught.value)
