# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a connector is by its comment, and when its run is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance.run_mark import RunMark, read, taken

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HERE = RunMark(NOON, 100, "app1/4026531836")
COMMENT = "Made by a run (begun 2026-01-31 12:00:00 UTC by process 100 of app1/4026531836)"


def test_a_comment_is_read_as_it_was_written() -> None:
    assert HERE.comment("Made by a run") == COMMENT
    assert read(COMMENT) == HERE


@pytest.mark.parametrize(
    ("minutes", "process", "place", "lives", "expected"),
    [
        (1, 7, "app1/4026531836", True, True),
        (1, 7, "app1/4026531836", False, False),
        # an earlier play of this process, which is over
        (1, 100, "app1/4026531836", True, False),
        # elsewhere, and in a container here: nobody knows
        (1, 7, "app2/4026531836", False, True),
        (1, 100, "app1/4026532000", False, True),
        (59, 7, "app2", False, True),
        (60, 7, "app2", False, False),
        # a number that another process has by now
        (60, 7, "app1/4026531836", True, False),
        # by a clock that is ahead
        (-5, 7, "app2", False, True),
    ],
)
def test_a_run_is_over_when_it_is_old_or_its_process_is_no_more(
    minutes: int, process: int, place: str, lives: bool, expected: bool
) -> None:
    other = RunMark(NOON - timedelta(minutes=minutes), process, place)
    assert HERE.is_at_work(other.comment("Made by a run"), lambda number: lives and number == process) is expected


@pytest.mark.parametrize("comment", ["Made by a run", COMMENT.replace("-31", "-32"), COMMENT.replace("100", "x")])
def test_a_run_that_nobody_can_tell_anything_of_may_be_at_work(comment: str) -> None:
    assert read(comment) is None
    assert HERE.is_at_work(comment, lambda _number: False)
    assert "EX01 has Mine, with which another" in taken("EX01", "Mine", comment)
    assert "begun nobody knows when" in taken("EX01", "Mine", comment)
