# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Backoff, Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError


def test_what_is_left_shrinks_to_nothing() -> None:
    now = [100.0]
    deadline = Deadline(10, clock=lambda: now[0])
    assert deadline.remaining == 10
    assert deadline.bound(30) == 10
    now[0] = 107
    assert deadline.bound(2) == 2
    deadline.check("Work", "EX01")
    now[0] = 111
    assert deadline.remaining == 0
    with pytest.raises(ShellError, match=r"^Work on EX01: the deadline of 10 s has passed\. Raise deadline"):
        deadline.check("Work", "EX01")


def test_no_deadline_never_passes() -> None:
    assert Deadline().remaining == float("inf")
    Deadline().check("Work", "EX01")


def test_waits_double_up_to_a_limit() -> None:
    assert list(Backoff(first=1, longest=5, attempts=5).waits()) == [1, 2, 4, 5, 5]
