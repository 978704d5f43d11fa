# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an acceptance run recorded, and nobody's names in it any more, played again as guide_acceptance.rst says."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance import NAME, PLAYBOOK, accepted
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab
from exchange_lab.replay.recording import read

FILE = "relay-acceptance-ex01-anonymised.jsonl"
NAMES = re.compile(r"(?<![a-z])(ex01|dc01|lab|administrator|corp|someone)(?![a-z])", re.IGNORECASE)

pytestmark = pytest.mark.timeout(600)


def replayed(recording: Path, ansible_playbook: Any, folder: Path) -> tuple[Any, Any, Any]:
    """What the same playbook reports of a recording, with the variables that are in it; the lab's part, and the run."""
    with Lab(recording=read(recording)) as replay:
        given = inventory(replay.details(), relay_acceptance_folder=str(folder))
        played = ansible_playbook(PLAYBOOK, given)
    (player,) = replay.players
    return json.loads((folder / f"relay-acceptance-{player.host}.json").read_text()), player, played


def outcomes(report: Any) -> list[tuple[str, str]]:
    # what the server says in its own words has pseudonyms in it
    answered = [(each["name"], each["answer"]) for each in report["answers"] if each["name"] != "wording"]
    return [*((each["name"], each["outcome"]) for each in report["promises"]), *answered]


def texts(value: Any) -> Iterator[str]:
    """All the texts in JSON, names included."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(("defect", "questions"), [("", True), ("ignores_deny", False)])
def test_a_replay_comes_to_the_same(
    defect: str, questions: bool, relay_stand: Any, ansible_playbook: Any, tmp_path: Path
) -> None:
    lab = relay_stand(defect=defect).lab
    run = accepted(lab, ansible_playbook, tmp_path, questions=questions)
    assert bool(run.report["answers"]) is questions
    report, player, played = replayed(tmp_path / FILE, ansible_playbook, tmp_path / "again")
    assert player.missing == [], played.output
    assert outcomes(report) == outcomes(run.report), played.output
    assert player.left == 0
    assert (played.code, report["summary"]) == (run.played.code, run.report["summary"])


def test_a_recording_tells_nothing_of_the_server_and_answers_what_was_asked_only(
    relay_stand: Any, ansible_playbook: Any, tmp_path: Path
) -> None:
    lab = relay_stand().lab
    accepted(lab, ansible_playbook, tmp_path, questions=False)
    recording = tmp_path / FILE
    found = [text for line in recording.read_text().splitlines() for text in texts(json.loads(line))]
    block = lab.details()["network"].rpartition(".")[0]
    assert [text for text in found if lab.password in text or f"{block}." in text] == []
    assert [text for text in found if NAMES.search(text)] == []

    tasks: list[dict[str, Any]] = [
        {"relayops.exchange.receive_connector_info": {}, "register": "first"},
        {"relayops.exchange.relay_audit": {}, "ignore_errors": True},
        {
            "relayops.exchange.smtp_probe": {
                "host": "{{ relay_acceptance_probe_host }}",
                "port": "{{ relay_acceptance_probe_port }}",
                "rcpt_to": "nobody@example.org",
            },
            "delegate_to": "localhost",
        },
    ]
    play = {
        "hosts": "all",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": tasks,
    }
    with Lab(recording=read(recording)) as replay:
        played = ansible_playbook(play, inventory(replay.details()))
    listed, audited, probed = played.results()
    names = {each["name"].rpartition(" ")[0] for each in listed["connectors"]}
    assert "Default Frontend" in names, played.output
    assert "which is not what was recorded" in audited["msg"]
    assert probed["verdict"] == "refused"
    assert "RCPT TO:<nobody@example.org> in a probe was asked" in " ".join(probed["transcript"])


def test_what_an_earlier_run_left_is_removed_in_a_replay_too(
    relay_stand: Any, ansible_playbook: Any, tmp_path: Path
) -> None:
    """Its process is over here, which nobody can tell from a recording, since that does not say where it was."""
    stand = relay_stand()
    mark = "Made by an acceptance run of relayops.exchange, which removes it"
    over = subprocess.Popen(["true"])
    over.wait()
    begun = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    here = f"{socket.gethostname()}/{Path('/proc/self/ns/pid').stat().st_ino}"
    left = f"{mark} (begun {begun} UTC by process {over.pid} of {here})"
    stand.apply([{"name": NAME, "clients": [77], "address": 25, "comment": left}])
    run = accepted(stand.lab, ansible_playbook, tmp_path, questions=False)
    assert run.report["removed_from_an_earlier_run"] == [NAME]
    recording = (tmp_path / FILE).read_text()
    assert f"begun {begun} UTC by process " in recording
    assert f"of {socket.gethostname()}" not in recording
    report, player, played = replayed(tmp_path / FILE, ansible_playbook, tmp_path / "again")
    assert (player.missing, player.left, played.code) == ([], 0, 0), played.output
    assert (report["removed_from_an_earlier_run"], outcomes(report)) == ([NAME], outcomes(run.report))
