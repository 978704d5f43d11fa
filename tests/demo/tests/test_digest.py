# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of Ansible's output the demo shows."""

from __future__ import annotations

from relay_demo.digest import Digest


def shown(*lines: str) -> list[str]:
    seen: list[str] = []
    digest = Digest(seen.append)
    for line in lines:
        digest.line(line)
    digest.close()
    return seen


def test_diffs_and_results_are_shown_without_asterisks() -> None:
    lines = ["TASK [Set] ********", "--- before", "+++ after", "+  x", "changed: [ex01]", ""]
    assert shown(*lines) == ["TASK [Set]", "--- before", "+++ after", "+  x", "changed: [ex01]"]


def test_checks_of_arguments_are_passed_over() -> None:
    assert shown(
        "TASK [r : Validating arguments against arg spec 'main'] ***", "ok: [ex01]", "TASK [Set] ***", "ok: [ex01]"
    ) == [
        "TASK [Set]",
        "ok: [ex01]",
    ]


def test_a_failed_check_of_arguments_is_shown() -> None:
    lines = ["TASK [r : Validating arguments against arg spec 'main'] ***", "fatal: [ex01]: FAILED! => {}"]
    assert len(shown(*lines)) == 2


def test_a_skipped_task_is_not_shown() -> None:
    assert shown("TASK [Take away] ***", "", "TASK [Set] ***", "ok: [ex01]") == ["TASK [Set]", "ok: [ex01]"]
