# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import date

from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.chart import HEIGHT, WIDTH, points
from hypothesis import given, settings
from hypothesis import strategies as st


def test_days_without_anything_are_on_the_ground() -> None:
    assert points({"2026-11-22": 4, "2026-11-24": 2}) == "0.0,2.0 120.0,38.0 240.0,20.0"


def test_one_day_and_none() -> None:
    assert points({"2026-11-22": 4}) == "0.0,2.0 240.0,2.0"
    assert points({}) == ""


@settings(deadline=None)
@given(st.dictionaries(st.dates(date(2020, 1, 1), date(2026, 12, 31)).map(str), st.integers(0, 10**9), min_size=1))
def test_everything_is_in_the_box(by_day: dict[str, int]) -> None:
    drawn = [tuple(map(float, point.split(","))) for point in points(by_day).split()]
    assert 2 <= len(drawn) <= 366
    assert drawn[0][0] == 0
    assert drawn[-1][0] == WIDTH
    assert all(0 <= x <= WIDTH and 2 <= y <= HEIGHT - 2 for x, y in drawn)
