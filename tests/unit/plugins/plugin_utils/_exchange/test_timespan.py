# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timespans."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import timespan
from hypothesis import given
from hypothesis import strategies as st

spans = st.timedeltas(timedelta(0), timedelta(days=10000))


@given(spans)
def test_parse_render_parse_is_the_identity(span: timedelta) -> None:
    assert timespan.parse(timespan.render(span)) == span


@given(st.integers(0, 10**6))
def test_a_bare_number_is_seconds(seconds: int) -> None:
    assert timespan.parse(seconds) == timespan.parse(str(seconds)) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["00:10:00", "0:10:0", "0.00:10:00", "00:10:00.0000000", "10m", "600s", "600", 600, "PT10M", "pt600s", "5m 300s"],
)
def test_forms_of_ten_minutes(text: str | int) -> None:
    assert timespan.parse(text) == timedelta(minutes=10)
    assert timespan.render(timespan.parse(text)) == "00:10:00"


@pytest.mark.parametrize("text", ["1.00:00:00", "1d", "24h", "P1D", "PT24H", "1440m"])
def test_forms_of_a_day(text: str) -> None:
    assert timespan.render(timespan.parse(text)) == "1.00:00:00"


def test_fractions() -> None:
    assert timespan.render(timespan.parse("500ms")) == "00:00:00.5000000"
    assert timespan.parse(36000.5) == timespan.parse("36000.5") == timespan.parse("10:00:00.5")
    assert timespan.parse("PT0.5S") == timespan.parse("00:00:00.5")


@pytest.mark.parametrize(
    "text", ["", "12:30", "25:00:00", "00:60:00", "P", "PT", "ten", "-1", "99999999999999999999", True]
)
def test_what_is_no_timespan_is_named(text: object) -> None:
    with pytest.raises(ValueError, match="is not a length of time") as raised:
        timespan.parse(text)
    assert repr(text) in str(raised.value)
