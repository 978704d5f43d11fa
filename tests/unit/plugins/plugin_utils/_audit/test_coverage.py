# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Coverage does with pieces what sets do with addresses."""

from __future__ import annotations

from itertools import pairwise

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.coverage import Coverage, Extent
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from hypothesis import given
from hypothesis import strategies as some

ENDS = some.tuples(some.integers(0, 60), some.integers(0, 60)).map(sorted)
RANGES = some.lists(ENDS.map(lambda pair: IPRange(4, pair[0], pair[1])), max_size=8)


def numbers(ranges: list[IPRange]) -> set[int]:
    return {number for item in ranges for number in range(item.first, item.last + 1)}


@given(RANGES, RANGES, ENDS)
def test_agrees_with_sets(one: list[IPRange], other: list[IPRange], ends: list[int]) -> None:
    a, b = Coverage.of(one), Coverage.of(other)
    asked = IPRange(4, *ends)
    wanted = numbers([asked])
    assert numbers(a.ranges()) == numbers(one)
    assert numbers(a.minus(b).ranges()) == numbers(one) - numbers(other)
    assert numbers(a.common(b).ranges()) == numbers(one) & numbers(other)
    assert a.size == len(numbers(one))
    assert bool(a) == bool(one)
    assert a.shared(asked) == len(numbers(one) & wanted)
    assert a.overlaps(asked) == bool(numbers(one) & wanted)
    assert a.covers(asked) == (wanted <= numbers(one))


@given(RANGES)
def test_pieces_do_not_touch(one: list[IPRange]) -> None:
    pieces = Coverage.of(one).pieces.get((4, ""), [])
    assert all(before[1] + 1 < after[0] for before, after in pairwise(pieces))


def test_versions_and_zones_are_worlds_of_their_own() -> None:
    texts = ["192.0.2.0/24", "2001:db8::/32", "fe80::1%3"]
    covered = Coverage.of(map(IPRange.parse, texts))
    assert [str(item) for item in covered.ranges()] == texts
    assert [str(item) for item in covered.ranges(2)] == texts[:2]
    assert not covered.overlaps(IPRange.parse("fe80::1%4"))
    assert covered.count == 3


def test_extent_tells_any_wide_and_narrow_apart() -> None:
    extent = Extent([IPRange.parse(text) for text in ("0.0.0.0/0", "10.0.0.0/16", "192.0.2.1", "2001:db8::/64")])
    assert extent.any
    assert [str(item) for item in extent.narrow.ranges()] == ["10.0.0.0/16", "192.0.2.1", "2001:db8::/64"]
    assert [str(item) for item in extent.wide] == ["0.0.0.0-255.255.255.255", "10.0.0.0/16"]
