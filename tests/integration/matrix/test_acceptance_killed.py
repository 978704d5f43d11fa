# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook acceptance killed at one step after the other: the next run tidies up, and nobody else was let in."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from acceptance import NAME, PLAYBOOK, accepted, own_connectors, variables
from exchange_lab.inventory import inventory
from play_apart import PlayApart

# 77 is the client, 78 the stranger, 90 has a connector of its own
DEVICES = (77, 78, 90)
MARK = "Made by an acceptance run of relayops.exchange, which removes it"
# people's own, as much like those of a run as they can be
OTHERS: list[dict[str, Any]] = [
    {"name": "Scanner", "clients": [90], "comment": MARK, "max_message_size": "64KB"},
    {"name": f"{NAME}s", "clients": ["192.0.2.90"], "comment": MARK},
]
# which call that a word occurs in a run is killed at, and what it has left before that call is done
POINTS = [
    ("New-ReceiveConnector", 1, []),
    ("Add-ADPermission", 1, [NAME]),
    # the client is added, then made one for internal mail, one that may relay, one that is trusted
    ("Set-ReceiveConnector", 1, [NAME]),
    ("Set-ReceiveConnector", 5, [NAME]),
    ("Remove-ADPermission", 1, [NAME]),
    # each run begins with the removal of what the last one left
    ("Remove-ReceiveConnector", 2, [NAME]),
    # among the questions
    (f"{NAME} question", 6, [f"{NAME} question"]),
]
LONG = os.environ.get("RELAYOPS_LONG") == "1"

OWN = (NAME, f"{NAME} question", f"{NAME} question 2")

pytestmark = pytest.mark.timeout(900)


def others(state: dict[str, Any]) -> dict[str, Any]:
    """The state of all that no acceptance run made."""
    return {
        server: {
            "addresses": found["addresses"],
            "connectors": {name: each for name, each in found["connectors"].items() if name not in OWN},
        }
        for server, found in state.items()
    }


def left(lab: Any) -> list[str]:
    return [name for name in own_connectors(lab) if name in OWN]


def killed(here: Any, folder: Path, spoken: str, call: int, watch: Any) -> list[str]:
    """Kill a run before a call and look around, then let the call be done, since it was sent, and look again."""
    (play,) = yaml.safe_load(PLAYBOOK.read_text())
    fault = here.lab.faults.inject("hold", at=call, endpoint="exchange", verb="Command", command=spoken)
    given = variables(here.lab, folder) | {"relay_acceptance_questions": spoken.startswith(NAME)}
    run = PlayApart(folder, play, inventory(here.lab.details(), **given))
    run.start()
    assert run.reaches(partial(fault.reached, 0.1)), run.printed.read_text()
    run.kill()
    watch()
    found = left(here.lab)
    fault.release()
    here.lab.faults.clear()
    watch()
    return found


def test_what_killed_runs_leave_is_removed_and_lets_nobody_in(
    relay_stand: Any, ansible_playbook: Any, state: Any, tmp_path: Path
) -> None:
    here = relay_stand(DEVICES)
    here.apply(OTHERS)
    before, could = others(state(here.lab)), here.abilities()
    client = here.address(77)
    seen: list[Any] = []

    def watch() -> None:
        assert others(state(here.lab)) == before
        now = here.abilities()
        seen.append({place: can for place, can in now.items() if can != could[place]})
        assert {device for device, _host in seen[-1]} <= {client}, seen[-1]

    points = POINTS if LONG else POINTS[::2]
    found = [killed(here, tmp_path / str(number), *point[:2], watch) for number, point in enumerate(points)]
    assert found == [point[2] for point in points]
    # it was really let in meanwhile
    assert any(seen)
    leftovers = left(here.lab)
    run = accepted(here.lab, ansible_playbook, tmp_path, questions=False)
    assert run.played.code == 0, run.played.output
    assert run.report["removed_from_an_earlier_run"] == leftovers != []
    assert (left(here.lab), here.abilities(), others(state(here.lab))) == ([], could, before)
