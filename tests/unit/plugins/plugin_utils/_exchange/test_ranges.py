# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges: every form people write, one value."""

from __future__ import annotations

import copy
import pickle

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from hypothesis import given
from hypothesis import strategies as st

TOP = {4: 2**32 - 1, 6: 2**128 - 1}


@st.composite
def ranges(draw: st.DrawFn, versions: tuple[int, ...] = (4, 6)) -> IPRange:
    """Ranges of both versions: single addresses, networks and anything between."""
    version = draw(st.sampled_from(versions))
    top = TOP[version]
    first = draw(st.integers(0, top))
    if draw(st.booleans()):
        bits = draw(st.integers(0, 32 if version == 4 else 128))
        first = first >> bits << bits
        return IPRange(version, first, first | (1 << bits) - 1)
    scope = draw(st.sampled_from(["", "", "%11", "%eth0"])) if version == 6 else ""
    return IPRange(version, first, min(top, first + draw(st.integers(0, 5000))), scope)


@given(ranges())
def test_parse_render_parse_is_the_identity(item: IPRange) -> None:
    assert IPRange.parse(str(item)) == item
    assert str(IPRange.parse(str(item))) == str(item)


@given(ranges())
def test_the_packed_value_gives_its_parts_back(item: IPRange) -> None:
    again = IPRange(item.version, item.first, item.last, item.scope)
    assert again == item
    assert hash(again) == hash(item)
    assert pickle.loads(pickle.dumps(item)) == item
    assert copy.deepcopy(item) == item


@pytest.mark.parametrize(
    "text",
    [
        "10.1.2.0/24",
        "10.1.2.77/24",
        " 10.1.2.0 / 24 ",
        "10.1.2.0-10.1.2.255",
        "10.1.2.0 - 10.1.2.255",
        "10.1.2.0(255.255.255.0)",
        "10.1.2.0/255.255.255.0",
        "10.1.2.0 (255.255.255.0)",
    ],
)
def test_forms_of_one_range_are_one_value(text: str) -> None:
    assert IPRange.parse(text) == IPRange(4, 0x0A010200, 0x0A0102FF)
    assert str(IPRange.parse(text)) == "10.1.2.0/24"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("192.168.1.1", "192.168.1.1"),
        ("192.168.1.1/32", "192.168.1.1"),
        ("192.168.4.17-192.168.4.19", "192.168.4.17-192.168.4.19"),
        ("2001:0DB8::CD3/60", "2001:db8::/60"),
        ("FE80::39BD:88F7:6969:D223%11", "fe80::39bd:88f7:6969:d223%11"),
        ("fe80::1%11-fe80::5%11", "fe80::1%11-fe80::5%11"),
        ("fe80::1%11-fe80::5", "fe80::1%11-fe80::5%11"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("0.0.0.0/0", "0.0.0.0-255.255.255.255"),
        ("::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("::-FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ],
)
def test_ranges_are_written_as_exchange_writes_them(text: str, written: str) -> None:
    assert str(IPRange.parse(text)) == written


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10.0.0.5-10.0.0.1", "the last address is below the first"),
        ("10.0.0.0/33", "the prefix length must be at most 32"),
        ("10.0.0.0(255.0.255.0)", "255.0.255.0 is not a netmask"),
        ("10.0.0.0(255.0.0.0", "the bracket of the netmask is not closed"),
        ("10.0.0.1-2001:db8::1", "the ends are of different IP versions"),
        ("fe80::1%1-fe80::2%2", "the ends have different scopes"),
        ("fe80::1%", "the scope after % is empty"),
        ("10.0.0.300", ""),
        ("010.0.0.1", ""),
        ("10.0.0.1\0", ""),
        ("printer.example.com", ""),
        ("10.0.0.1-50", ""),
        ("", ""),
    ],
)
def test_a_text_that_is_no_range_is_named(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="is not an IP address or range") as raised:
        IPRange.parse(text)
    assert repr(text) in str(raised.value)
    assert reason in str(raised.value)


def test_size_any_covers_and_overlaps() -> None:
    network, inside, across = (IPRange.parse(t) for t in ("10.0.0.0/24", "10.0.0.7", "10.0.0.250-10.0.1.5"))
    assert (network.size, inside.size) == (256, 1)
    assert network.covers(inside)
    assert not inside.covers(network)
    assert network.overlaps(across)
    assert not network.covers(across)
    assert IPRange.parse("0.0.0.0/0").any
    assert not network.any
    assert not IPRange.parse("fe80::1%1").overlaps(IPRange.parse("fe80::1%2"))
    assert not IPRange.parse("0.0.0.1").overlaps(IPRange.parse("::1"))


def test_ranges_sort_by_version_and_address() -> None:
    texts = ["10.0.0.2", "9.0.0.1", "::1", "10.0.0.1-10.0.0.9", "10.0.0.1"]
    assert [str(item) for item in sorted(map(IPRange.parse, texts))] == [
        "9.0.0.1",
        "10.0.0.1",
        "10.0.0.1-10.0.0.9",
        "10.0.0.2",
        "::1",
    ]


def test_one_address_is_single() -> None:
    assert [IPRange.parse(text).single for text in ("192.0.2.1", "192.0.2.0/31", "2001:db8::1", "fe80::1%1")] == [
        True,
        False,
        True,
        True,
    ]
