# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges of addresses in every form."""

from __future__ import annotations

import pytest
from exchange_lab.exchange.ranges import V4_ANY, V6_ANY, IPRange, parse_range
from exchange_lab.switches import Switches
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "lower", "upper", "kind"),
    [
        ("192.168.1.1", "192.168.1.1", "192.168.1.1", "single"),
        (" 192.168.1.1 ", "192.168.1.1", "192.168.1.1", "single"),
        ("192.168.1.1/24", "192.168.1.0", "192.168.1.255", "cidr"),
        ("192.168.1.0/32", "192.168.1.0", "192.168.1.0", "cidr"),
        ("0.0.0.0/0", "0.0.0.0", "255.255.255.255", "cidr"),
        ("192.168.1.5-192.168.2.7", "192.168.1.5", "192.168.2.7", "lohi"),
        ("10.0.0.0(255.0.0.0)", "10.0.0.0", "10.255.255.255", "netmask"),
        ("2001:0DB8::CD3/60", "2001:db8::", "2001:db8:0:f:ffff:ffff:ffff:ffff", "cidr"),
        ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "lohi"),
        ("fe80::5%11", "fe80::5%11", "fe80::5%11", "single"),
    ],
)
def test_forms(text: str, lower: str, upper: str, kind: str) -> None:
    found = parse_range(text, Switches())
    assert (found.lower, found.upper, found.kind) == (lower, upper, kind)
    assert str(found) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0", "10.0.0.256", "10.0.0.9-10.0.0.1", "10.0.0.0/33", "10.0.0.0/", "10.0.0.1-::1", "host", "1.2.3.4-",
     "10.0.0.0(255.0.255.0)", "10.0.0.0/255.0.0.0", "10.0.0.1,10.0.0.2"],
)  # fmt: skip
def test_nonsense(text: str) -> None:
    with pytest.raises(ValueError, match="isn't a valid IP address range"):
        parse_range(text, Switches())


def test_text_of_host_bits_and_ipv6_hangs_on_switches() -> None:
    assert str(parse_range("192.168.1.1/24", Switches(host_bits="rebased"))) == "192.168.1.0/24"
    assert str(parse_range("10.1.2.3(255.0.0.0)", Switches(host_bits="rebased"))) == "10.0.0.0(255.0.0.0)"
    assert str(parse_range("2001:0DB8::1-2001:DB8::2", Switches(ipv6_text="compressed"))) == "2001:db8::1-2001:db8::2"
    expanded = parse_range("2001:db8::/64", Switches(ipv6_text="expanded"))
    assert str(expanded) == "2001:0db8:0000:0000:0000:0000:0000:0000/64"


def test_the_netmask_form_may_be_refused() -> None:
    with pytest.raises(ValueError, match="isn't a valid"):
        parse_range("10.0.0.0(255.0.0.0)", Switches(netmask="refused"))


def test_equality_is_by_addresses() -> None:
    assert parse_range("10.0.0.0/24", Switches()) == parse_range("10.0.0.0-10.0.0.255", Switches())
    assert V4_ANY != V6_ANY
    assert IPRange(6, 1, 1, "3") != IPRange(6, 1, 1, "4")


def test_containment_takes_mapped_addresses_for_ipv4() -> None:
    found = parse_range("192.0.2.0/24", Switches())
    assert found.contains("192.0.2.7")
    assert found.contains("::ffff:192.0.2.7")
    assert not found.contains("192.0.3.7")
    assert not found.contains("2001:db8::1")


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_what_is_shown_is_read_again(one: int, other: int) -> None:
    made = IPRange(4, min(one, other), max(one, other))
    assert parse_range(f"{made.lower}-{made.upper}", Switches()) == made
