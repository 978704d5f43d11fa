# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes, timespans and what is unlimited."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from exchange_lab.exchange import quantities
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B (0 bytes)"),
        (1000, "1000 B (1,000 bytes)"),
        (262144, "256 KB (262,144 bytes)"),
        (37748736, "36 MB (37,748,736 bytes)"),
        (28921111, "27.58 MB (28,921,111 bytes)"),
        (2**31 - 1, "2 GB (2,147,483,647 bytes)"),
    ],
)
def test_sizes_as_they_are_shown(size: int, text: str) -> None:
    assert quantities.size_text(size) == text
    assert quantities.parse_size(text) == size


@given(st.integers(0, 2**40))
def test_every_size_is_read_again(size: int) -> None:
    assert quantities.parse_size(quantities.size_text(size)) == size


@pytest.mark.parametrize(("text", "size"), [("36MB", 37748736), ("36 mb", 37748736), ("5", 5), (7, 7), ("1.5KB", 1536)])
def test_sizes_as_they_are_given(text: Any, size: int) -> None:
    assert quantities.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1", "36 XB", "36 MB x"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="isn't a valid size"):
        quantities.parse_size(text)


@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_every_timespan_is_read_again(span: timedelta) -> None:
    assert quantities.parse_timespan(quantities.timespan_text(span)) == span


@pytest.mark.parametrize(
    ("given", "text"),
    [("00:10:00", "00:10:00"), ("1.02:03:04", "1.02:03:04"), ("2", "2.00:00:00"), ("0:00:00.5", "00:00:00.5000000"),
     ("-00:00:05", "-00:00:05"), (timedelta(minutes=90), "01:30:00")],
)  # fmt: skip
def test_timespans(given: Any, text: str) -> None:
    assert quantities.timespan_text(quantities.parse_timespan(given)) == text


@pytest.mark.parametrize("text", ["", "10m", "25:00:00", "00:60:00", "PT5M"])
def test_no_timespans(text: str) -> None:
    with pytest.raises(ValueError, match="isn't a valid timespan"):
        quantities.parse_timespan(text)


def test_booleans_are_never_text() -> None:
    assert quantities.parse_boolean(1) is True
    assert quantities.parse_boolean(False) is False
    with pytest.raises(ValueError, match="Boolean parameters accept only Boolean values"):
        quantities.parse_boolean("True")


def test_integers_have_32_bits() -> None:
    assert quantities.parse_integer("12") == 12
    with pytest.raises(ValueError, match="Int32"):
        quantities.parse_integer(2**31)
    assert quantities.parse_unlimited("UNLIMITED") == "Unlimited"
