# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two acceptance runs at once on one server: one of them is refused and says why, and the other is not disturbed."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from acceptance import NAME, PLAYBOOK, accepted, own_connectors, variables
from exchange_lab.inventory import inventory
from play_apart import PlayApart
from relay_list import run as by_hand

MARK = "Made by an acceptance run of relayops.exchange, which removes it"
WAYS = "Wait until it has ended. If it was killed, set relay_acceptance_take_over: true"

pytestmark = pytest.mark.timeout(300)


def apart(lab: Any, folder: Path) -> PlayApart:
    """A run without the questions, which says less."""
    (play,) = yaml.safe_load(PLAYBOOK.read_text())
    given = variables(lab, folder) | {"relay_acceptance_questions": False}
    run = PlayApart(folder / "apart", play, inventory(lab.details(), **given))
    run.start()
    return run


def held_at(lab: Any, folder: Path, command: str) -> tuple[Any, PlayApart]:
    """A run that waits in the middle of a command until the fault is released."""
    fault = lab.faults.inject("hold", at=1, endpoint="exchange", verb="Command", command=command)
    run = apart(lab, folder)
    assert run.reaches(partial(fault.reached, 0.1)), run.printed.read_text()
    return fault, run


def ended(run: PlayApart) -> tuple[int, str]:
    code = run.process.wait(timeout=200)
    return code, " ".join(run.printed.read_text().split())


def writes(lab: Any) -> int:
    return sum(each.name.startswith(("New-", "Set-", "Add-", "Remove-")) for each in lab.journal.commands)


@pytest.mark.parametrize(
    ("folder", "told"),
    [("first", "ex01: another acceptance run is at work, begun "), ("second", f"EX01 has {NAME}, with which another")],
)
def test_a_run_is_refused_while_another_is_at_work(
    folder: str, told: str, relay_stand: Any, ansible_playbook: Any, state: Any, tmp_path: Path
) -> None:
    lab = relay_stand().lab
    before = state(lab)
    fault, run = held_at(lab, tmp_path / "first", "Add-ADPermission")
    written = writes(lab)
    refused = accepted(lab, ansible_playbook, tmp_path / folder, questions=False)
    (failed,) = [each["result"]["msg"] for each in refused.played.events if each["kind"] == "failed"]
    assert told in failed
    assert f"UTC by process {run.process.pid} of " in failed
    assert WAYS in failed
    assert (refused.played.code, refused.report, writes(lab)) == (2, {}, written)
    fault.release()
    code, printed = ended(run)
    assert code == 0, printed
    report = json.loads((tmp_path / "first" / "relay-acceptance-ex01.json").read_text())
    assert (report["outcome"], report["broken"], state(lab)) == ("passed", "", before)
    assert list(tmp_path.glob("*/*.running")) == []


def test_of_two_runs_that_begin_together_one_is_refused(relay_stand: Any, state: Any, tmp_path: Path) -> None:
    lab = relay_stand().lab
    before = state(lab)
    (play,) = yaml.safe_load(PLAYBOOK.read_text())
    given = variables(lab, tmp_path / "report") | {"relay_acceptance_questions": False}
    both = [PlayApart(tmp_path / name, play, inventory(lab.details(), **given)) for name in ("one", "two")]
    for run in both:
        run.start()
    (first, passed), (second, refused) = sorted(map(ended, both))
    assert (first, second) == (0, 2), f"{passed}\n{refused}"
    assert "ex01: another acceptance run is at work, begun " in refused
    assert state(lab) == before


def test_a_run_that_another_came_between_says_so(relay_stand: Any, state: Any, tmp_path: Path) -> None:
    lab = relay_stand().lab
    before = state(lab)
    slow, late = held_at(lab, tmp_path / "late", "New-ReceiveConnector")
    fault, run = held_at(lab, tmp_path / "first", "Add-ADPermission")
    slow.release()
    code, printed = ended(late)
    broken = json.loads((tmp_path / "late" / "relay-acceptance-ex01.json").read_text())["broken"]
    assert code == 2
    assert "somebody else changed relay connectors on EX01 meanwhile" in broken
    assert broken.endswith("Another acceptance run may be at work there")
    # where ansible-core prints JSON, backslashes are doubled
    assert broken.replace("\\", "") in printed.replace("\\", "")
    fault.release()
    code, printed = ended(run)
    assert code == 2
    assert f"Another run or somebody else has removed {NAME} from EX01 meanwhile. " in printed
    assert state(lab) == before


def test_what_another_run_makes_meanwhile_is_named_and_left_alone(relay_stand: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    fault, run = held_at(stand.lab, tmp_path, "Remove-ADPermission")
    theirs = f"{MARK} (begun 2026-01-31 12:00:00 UTC by process 1 of elsewhere)"
    stand.apply([{"name": f"{NAME} question", "clients": ["192.0.2.90"], "comment": theirs}])
    fault.release()
    code, printed = ended(run)
    report = json.loads((tmp_path / "relay-acceptance-ex01.json").read_text())
    assert code == 2
    assert report["broken"].startswith(
        f"EX01 has {NAME} question of another acceptance run, which came between: {theirs}"
    )
    assert report["broken"].replace("\\", "") in printed.replace("\\", "")
    assert own_connectors(stand.lab) == [f"{NAME} question"]
    failed = [each["name"] for each in report["promises"] if each["outcome"] == "failed"]
    assert (report["left_behind"], failed) == ([], ["others_untouched"])


def test_a_connector_that_is_taken_away_meanwhile_is_missed(relay_stand: Any, state: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    lab = stand.lab
    before = state(lab)
    fault, run = held_at(lab, tmp_path, "Remove-ADPermission")
    by_hand(stand, "Remove-ReceiveConnector", Identity=f"EX01\\{NAME}", Confirm=False)
    fault.release()
    code, printed = ended(run)
    assert code == 2
    assert f"Another run or somebody else has removed {NAME} from EX01 meanwhile. " in printed
    assert state(lab) == before


def test_what_a_run_elsewhere_left_is_removed_after_an_hour_or_when_one_says_so(
    relay_stand: Any, ansible_playbook: Any, tmp_path: Path
) -> None:
    stand = relay_stand()

    def left(minutes: int) -> str:
        begun = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - minutes * 60))
        who = f"begun {begun} UTC by process 1 of elsewhere"
        stand.apply([{"name": NAME, "clients": [77], "address": 25, "comment": f"{MARK} ({who})"}])
        return who

    who = left(50)
    refused = accepted(stand.lab, ansible_playbook, tmp_path, questions=False)
    assert refused.played.code == 2
    assert f"EX01 has {NAME}, with which another acceptance run may be at work, {who}. {WAYS}" in " ".join(
        refused.played.output.split()
    )
    assert own_connectors(stand.lab) == [NAME]
    taken = accepted(stand.lab, ansible_playbook, tmp_path, questions=False, take_over=True)
    assert (taken.played.code, taken.report["removed_from_an_earlier_run"]) == (0, [NAME]), taken.played.output
    left(61)
    old = accepted(stand.lab, ansible_playbook, tmp_path, questions=False)
    assert (old.played.code, old.report["removed_from_an_earlier_run"]) == (0, [NAME]), old.played.output
