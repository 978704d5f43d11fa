# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook acceptance on a server that keeps the promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from acceptance import accepted


def test_every_promise_is_seen_and_nothing_is_left(
    relay_stand: Callable[..., Any], ansible_playbook: Any, state: Any, tmp_path: Path
) -> None:
    lab = relay_stand().lab
    before = state(lab)
    run = accepted(lab, ansible_playbook, tmp_path)
    assert run.played.code == 0, run.played.output
    assert run.report["outcome"] == "passed"
    assert run.report["summary"] == {"passed": 34, "failed": 0, "not_seen": 0}
    assert state(lab) == before
    assert lab.journal.open_sessions == []
    assert lab.password not in (tmp_path / "relay-acceptance-ex01.json").read_text()
