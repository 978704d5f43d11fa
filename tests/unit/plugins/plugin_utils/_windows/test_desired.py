# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as an address to give an interface, and what is said of anything else."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import parse_address


@pytest.mark.parametrize(
    ("text", "address", "length"),
    [
        ("192.0.2.25", "192.0.2.25", None),
        (" 192.0.2.25/24 ", "192.0.2.25", 24),
        ("192.0.2.25/32", "192.0.2.25", 32),
        ("192.0.2.25/255.255.255.128", "192.0.2.25", 25),
        ("2001:DB8:0:0::25/64", "2001:db8::25", 64),
        ("2001:db8::25/128", "2001:db8::25", 128),
    ],
)
def test_an_address(text: str, address: str, length: int | None) -> None:
    found, prefix_length = parse_address(text)
    assert (str(found), prefix_length) == (address, length)


@pytest.mark.parametrize(
    "text",
    [
        *("0.0.0.0/0", "0.0.0.0", "0.0.0.5/8", "255.255.255.255/32", "240.0.0.5/24", "224.0.0.5/24", "169.254.3.4/16"),
        *("::/0", "::1/128", "::192.0.2.25/120", "::ffff:192.0.2.25/120", "fe80::25/64", "ff02::1"),
    ],
)
def test_what_no_interface_is_given(text: str) -> None:
    with pytest.raises(ValueError, match="is no address to give an interface"):
        parse_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *("192.0.2.025/24", "0xC0000219/24", "3221225985", "192.0.2/24", "", "  ", "/24", "ex01"),
        *("192.0.2.25,192.0.2.26", "192.0.2.25-192.0.2.30", "\uff11\uff19\uff12.0.2.25/24", "2001:db8::25::1"),
        "192.0.2.25'; whoami; '",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is no IP address"):
        parse_address(text)


LENGTHS = ("0", "33", "-1", "+24", "024", "24/24", "", " 24", "2_4", "\uff12\uff14", "9" * 5000)
MASKS = ("255.0.255.0", "0.0.0.255", "0.0.0.0", "255.255.255.256", "ffff::")


@pytest.mark.parametrize("length", LENGTHS + MASKS)
def test_what_is_no_prefix_length(length: str) -> None:
    with pytest.raises(ValueError, match=r"is no prefix length from 1 to 32$"):
        parse_address(f"192.0.2.25/{length}")


@pytest.mark.parametrize("length", ["0", "129", "255.255.255.0", "ffff::"])
def test_what_is_no_prefix_length_of_ipv6(length: str) -> None:
    with pytest.raises(ValueError, match=r"is no prefix length from 1 to 128$"):
        parse_address(f"2001:db8::25/{length}")


def test_a_zone_is_no_way_to_name_an_interface() -> None:
    with pytest.raises(ValueError, match="bears a zone; write 2001:db8::25, and the interface in the option"):
        parse_address("2001:db8::25%7/64")
