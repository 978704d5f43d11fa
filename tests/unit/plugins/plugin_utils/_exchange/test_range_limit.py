# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""More ranges than one connector holds."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_limit import LIMIT, fit
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import merge
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange


def addresses(count: int, step: int = 1) -> list[IPRange]:
    return [IPRange(4, 0x0A000000 + number * step, 0x0A000000 + number * step) for number in range(count)]


def test_what_fits_stays_as_it_is() -> None:
    ranges = addresses(LIMIT)
    assert fit(ranges, merge_ranges=True) is ranges
    assert fit(ranges, merge_ranges=False) is ranges


def test_too_many_are_refused_with_how_many_and_what_would_help() -> None:
    with pytest.raises(
        ValueError, match=r"1300 entries are 100 too many.*merge_ranges, which makes 1 .*second connector"
    ):
        fit(addresses(1300), merge_ranges=False)
    with pytest.raises(ValueError, match=r"1300 entries are 100 too many.*merge neighbours.*second connector"):
        fit(addresses(1300, step=2), merge_ranges=False)


def test_merging_keeps_exactly_the_same_addresses() -> None:
    ranges = [*addresses(1300), IPRange.parse("2001:db8::1"), IPRange.parse("fe80::1%4"), IPRange.parse("fe80::2%4")]
    merged = fit(ranges, merge_ranges=True)
    assert len(merged) == 4
    assert merge(merged) == merge(ranges)


def test_what_cannot_be_merged_is_refused() -> None:
    with pytest.raises(ValueError, match=r"still 1300 after merging, 100 too many.*second connector"):
        fit(addresses(1300, step=2), merge_ranges=True)


def test_merging_must_not_give_a_client_to_another_connector() -> None:
    with pytest.raises(ValueError, match=r"merging would make 10\.0\.0\.0-10\.0\.5\.19, and 10\.0\.0\.0/31 of another"):
        fit(addresses(1300), merge_ranges=True, others=[IPRange.parse("10.0.0.0/31")])
    assert fit(addresses(1300), merge_ranges=True, others=[IPRange.parse("0.0.0.0/0"), IPRange.parse("10.0.0.7")])


def test_without_netaddr_nothing_is_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "netaddr", None)
    with pytest.raises(ValueError, match="needs the Python package netaddr"):
        fit(addresses(1300), merge_ranges=True)
