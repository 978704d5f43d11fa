# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small chart of what happened on each day, as points of a polyline of SVG."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

WIDTH, HEIGHT = 240, 40
_MOST_DAYS = 366


def points(by_day: Mapping[str, int]) -> str:
    """Return ``x,y x,y …`` in a box of 240 by 40 for counts by day, 2026-11-24; days between that are missing are 0.

    An empty text where nothing happened. At most the last 366 days are drawn.
    """
    if not by_day:
        return ""
    last = date.fromisoformat(max(by_day))
    first = max(date.fromisoformat(min(by_day)), last - timedelta(days=_MOST_DAYS - 1))
    counts = [by_day.get((first + timedelta(days=number)).isoformat(), 0) for number in range((last - first).days + 1)]
    most = max(counts) or 1
    if len(counts) == 1:
        counts *= 2
    step = WIDTH / (len(counts) - 1)
    return " ".join(
        f"{number * step:.1f},{HEIGHT - 2 - (HEIGHT - 4) * count / most:.1f}" for number, count in enumerate(counts)
    )
