# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What deciding costs, in calls of this collection's functions: they are counted, so no other load disturbs them."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType

import pytest
from relay_bench import compute


def calls(connectors: int, ranges: int) -> Counter[str]:
    """How often each function of the collection is called to find the one range that differs."""
    counted: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and "plugin_utils" in frame.f_code.co_filename:
            counted[frame.f_code.co_qualname] += 1

    sys.setprofile(count)
    try:
        compute.plan(connectors, ranges)
    finally:
        sys.setprofile(None)
    return counted


def test_what_does_not_differ_is_read_written_and_not_looked_at_again() -> None:
    few, more = calls(20, 100), calls(40, 100)
    added = 20 * 100
    assert more["IPRange.parse"] - few["IPRange.parse"] == pytest.approx(2 * added, rel=0.01)
    assert more["IPRange.__str__"] - few["IPRange.__str__"] <= added
    for looked in ("IPRange.ends", "IPRange.first", "IPRange.covers", "Exposure.serving"):
        assert more[looked] - few[looked] < added / 10, looked


def test_the_cost_grows_with_the_connectors() -> None:
    twenty, forty, eighty = (calls(number, 20).total() for number in (20, 40, 80))
    assert (eighty - forty) / (forty - twenty) == pytest.approx(2, rel=0.02)
