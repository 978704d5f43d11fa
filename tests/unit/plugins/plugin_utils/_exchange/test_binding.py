# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bindings: an address and a port."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from hypothesis import given
from hypothesis import strategies as st


@given(st.ip_addresses(), st.integers(1, 65535))
def test_parse_render_parse_is_the_identity(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> None:
    text = f"[{address.exploded}]:{port}" if address.version == 6 else f"{address}:{port}"
    binding = Binding.parse(text)
    assert binding.port == port
    assert ipaddress.ip_address(binding.address) == address
    assert Binding.parse(str(binding)) == binding


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0.0.0.0:25", "0.0.0.0:25"),
        ("[::]:25", "[::]:25"),
        (" 192.0.2.1:587 ", "192.0.2.1:587"),
        ("[2001:DB8:0:0::1]:25", "[2001:db8::1]:25"),
        ("[fe80::1%4]:25", "[fe80::1%4]:25"),
        ("192.0.2.25", "192.0.2.25:25"),
        ("192.0.2.25/24", "192.0.2.25:25"),
        ("2001:db8::25", "[2001:db8::25]:25"),
        ("[2001:db8::25]", "[2001:db8::25]:25"),
        ("2001:db8::25/64", "[2001:db8::25]:25"),
    ],
)
def test_forms_of_a_binding(text: str, written: str) -> None:
    assert str(Binding.parse(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25",
        ":25",
        "*:25",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:smtp",
        "[192.0.2.1]:25",
        "192.0.2.1/99",
        "2001:db8::1:x",
        "[2001:db8::1]25",
        "192.0.2.300:25",
    ],
)
def test_what_is_no_binding_is_named_with_the_right_form(text: str) -> None:
    with pytest.raises(ValueError, match="is not a binding; write it as") as raised:
        Binding.parse(text)
    assert repr(text) in str(raised.value)


def test_wildcards() -> None:
    assert Binding.parse("0.0.0.0:25").wildcard
    assert Binding.parse("[::]:25").wildcard
    assert not Binding.parse("192.0.2.1:25").wildcard
