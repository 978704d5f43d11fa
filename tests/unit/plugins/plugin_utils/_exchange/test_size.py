# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import size
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(0, 2**42))
def test_parse_render_parse_is_the_identity(number: int) -> None:
    assert size.parse(size.render(number)) == number


@given(st.integers(0, 2**31), st.sampled_from([",", ".", " ", "'", "\u00a0", "\u202f", "\u2019"]))
def test_what_exchange_shows_is_read_by_its_bytes_in_every_language(number: int, separator: str) -> None:
    shown = f"{number / 2**20:.2f} MB ({number:,} bytes)".replace(",", separator)
    assert size.parse(shown) == number


@pytest.mark.parametrize(
    "text", ["36MB", "36 MB", "36mb", 37748736, "37748736", "37748736B", "36 MB (37,748,736 bytes)"]
)
def test_forms_of_one_size(text: str | int) -> None:
    assert size.parse(text) == 37748736
    assert size.render(size.parse(text)) == "36MB"


@pytest.mark.parametrize("text", ["", "MB", "36 miles", "-1", "1.5MB", True, "( bytes)", "unlimited"])
def test_what_is_no_size_is_named(text: object) -> None:
    with pytest.raises(ValueError, match="is not a size") as raised:
        size.parse(text)
    assert repr(text) in str(raised.value)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (1, "1"), (1024, "1KB"), (1025, "1025"), (2**30, "1GB"), (2**41, "2TB")]
)
def test_sizes_are_written_in_the_largest_exact_unit(number: int, text: str) -> None:
    assert size.render(number) == text
