# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import multiprocessing
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.tape import HEADER, Tape


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_recording_begins_with_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    reel = Tape(str(path), "ex01", "relayops.exchange.relay_audit").session("exchange")
    reel.add(sent={"open": "Microsoft.Exchange"}, received={"protocol": "2.3"}, broken=None)
    header, entry = lines(path)
    assert header == HEADER
    assert (entry["host"], entry["module"], entry["shell"], entry["round"]) == ("ex01", "relay_audit", "exchange", 1)
    assert "broken" not in entry
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_its_owner_reads_it_however_it_came_to_be(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.touch(0o644)
    Tape(str(path), "ex01", "relay_audit")
    Tape(str(path), "ex02", "relay_audit")
    path.chmod(0o644)
    Tape(str(path), "ex02", "relay_audit")
    assert lines(path) == [HEADER]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("- hosts: all\n", "is there already and is no recording"),
        ("[1]\n", "is there already and is no recording"),
        ('{"format": "relayops.exchange recording", "version": 2}\n', "a recording of version 2, not 1"),
    ],
)
def test_nothing_is_added_to_another_file(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "recording"
    path.write_text(content)
    with pytest.raises(ShellError, match=reason):
        Tape(str(path), "ex01", "relay_audit")
    assert path.read_text() == content


def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ShellError, match=r"No such file or directory\. Set exchange_recording to a file"):
        Tape(str(tmp_path / "none" / "recording"), "ex01", "relay_audit")


def test_a_disk_that_fills_up_is_told_and_no_failure(tmp_path: Path) -> None:
    tape = Tape(str(tmp_path / "recording"), "ex01", "relay_audit")
    tape.path = "/dev/full"
    tape.session("host").add(sent={"script": "Get-X"}, received={"exit_code": 0})
    assert "No space left" in tape.lost


def test_a_secret_is_never_recorded(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    tape = Tape(str(path), "ex01", "relay_audit", ["Passw0rd", ""])
    tape.session("host").add(sent={"script": "say Passw0rd"}, received={"stdout": ["my Passw0rd!"], "exit_code": 0})
    assert "Passw0rd" not in path.read_text()
    assert lines(path)[1]["received"]["stdout"] == ["my ********!"]


def test_nothing_is_left_of_a_secret_that_begins_with_another(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    tape = Tape(str(path), "ex01", "relay_audit", ["Passw0rd", "Passw0rd-of-2026"])
    tape.session("host").add(sent={"script": "Passw0rd-of-2026 and Passw0rd"}, received=None)
    assert lines(path)[1]["sent"]["script"] == "******** and ********"


def _write(path: str, name: str) -> None:
    reel = Tape(path, name, "relay_audit").session("exchange")
    for _number in range(100):
        reel.add(sent={"script": "x" * 10_000}, received=None)


def test_two_forks_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    forks = [multiprocessing.get_context("fork").Process(target=_write, args=(str(path), name)) for name in "ab"]
    for fork in forks:
        fork.start()
    for fork in forks:
        fork.join()
    header, *entries = lines(path)
    assert header == HEADER
    assert len(entries) == 200
    for name in "ab":
        assert [entry["round"] for entry in entries if entry["host"] == name] == list(range(1, 101))
