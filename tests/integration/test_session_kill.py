# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However a play ends, no shell stays on the server: killed, interrupted, out of time, or killed outright."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from exchange_lab.lab import Lab
from exchange_lab.latency import Latency

Play = Callable[..., Any]
SLOW = 0.8


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as started:
        yield started


@pytest.fixture(autouse=True)
def slow(lab: Lab) -> Iterator[None]:
    """Every cmdlet takes a while, so that there is a time to kill."""
    lab.journal.clear()
    lab.latency = replace(lab.latency, cmdlet=SLOW)
    yield
    lab.latency = Latency()
    lab.servers[0].exchange_shells.close_all()


def content(lab: Lab, hosts: int = 1, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A play with one reading task, and its inventory: so many hosts that are all the same server."""
    server = lab.servers[0]
    session = {"endpoint_port": server.exchange_tls_port, "endpoint_auth": "basic", "endpoint_ca_cert": str(lab.ca_pem)}
    session["permissions"] = False
    host = {"ansible_host": server.address, "ansible_connection": "psrp", "ansible_user": lab.username}
    host["ansible_password"] = lab.password
    task = {"name": "Look", "relayops.exchange.receive_connector_info": session | options}
    play = {"hosts": "all", "gather_facts": False, "tasks": [task]}
    return play, {"all": {"hosts": {f"mail{number}": host for number in range(hosts)}}}


def started(lab: Lab, folder: Path, hosts: int = 1) -> subprocess.Popen[str]:
    """ansible-playbook in a process group of its own, once a cmdlet runs for each host."""
    play, inventory = content(lab, hosts)
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    (folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
    program = Path(sys.executable).with_name("ansible-playbook")
    process = subprocess.Popen(
        [str(program), "-i", str(folder / "inventory.yml"), str(folder / "play.yml")],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"ANSIBLE_HOME": str(folder), "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"), "no_proxy": "*"},
    )
    until(lambda: len(lab.journal.commands) >= hosts, 40)
    assert lab.journal.open_sessions
    return process


def until(true: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def family(process: subprocess.Popen[str]) -> list[int]:
    """The process and its workers, which are in sessions of their own."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [process.pid, *map(int, children)]


# a cancelled job, a closed terminal's service, Ctrl-C; the other pairs go the same ways
@pytest.mark.parametrize(
    ("number", "whole_group"), [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True)]
)
def test_a_signal_closes_the_shell_at_once(lab: Lab, tmp_path: Path, number: signal.Signals, whole_group: bool) -> None:
    process = started(lab, tmp_path)
    (os.killpg if whole_group else os.kill)(process.pid, number)
    assert until(lambda: lab.journal.open_sessions == [], 3)
    output, _ignored = process.communicate(timeout=20)
    assert "Traceback" not in output, output


def test_a_signal_to_the_worker_closes_the_shell_at_once(lab: Lab, tmp_path: Path) -> None:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    process = started(lab, tmp_path, len(numbers))
    workers = family(process)[1:]
    assert len(workers) >= len(numbers)
    for position, worker in enumerate(workers):
        os.kill(worker, numbers[position % len(numbers)])
    assert until(lambda: lab.journal.open_sessions == [], 3)
    process.communicate(timeout=20)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL], ids=lambda number: number.name)
def test_a_parent_that_dies_leaves_a_worker_that_ends_its_task(
    lab: Lab, tmp_path: Path, number: signal.Signals
) -> None:
    process = started(lab, tmp_path)
    process.send_signal(number)
    assert until(lambda: lab.journal.open_sessions == [], SLOW * 5 + 5)
    process.communicate(timeout=20)


def test_all_killed_outright(lab: Lab, tmp_path: Path) -> None:
    """Nobody is left to close the shell: the server does, 240 seconds after the last request, as it was asked to."""
    process = started(lab, tmp_path)
    for each in family(process):
        os.kill(each, signal.SIGKILL)
    process.communicate(timeout=20)
    time.sleep(SLOW)
    (shell,) = lab.servers[0].exchange_shells.table.values()
    assert shell.idle_limit == 240
    shell.touched = time.monotonic() - 239
    lab.servers[0].exchange_shells.expire()
    assert len(lab.journal.open_sessions) == 1
    shell.touched -= 2
    lab.servers[0].exchange_shells.expire()
    assert lab.journal.open_sessions == []


def test_the_deadline_and_the_tasks_own_timeout_close_the_shell(lab: Lab, ansible_playbook: Play) -> None:
    play, inventory = content(lab, deadline=1)
    (task,) = play["tasks"]
    patient = dict(task["relayops.exchange.receive_connector_info"])
    del patient["deadline"]
    play["tasks"] = [
        task | {"ignore_errors": True},
        {"name": "Wait", "relayops.exchange.receive_connector_info": patient, "timeout": 1},
    ]
    lab.latency = replace(lab.latency, cmdlet=8)
    before = time.monotonic()
    played = ansible_playbook(play, inventory)
    assert time.monotonic() - before < 14
    assert "Get-ExchangeServer was stopped on" in played.result("Look")["msg"]
    assert "the deadline of 1 s has passed" in played.result("Look")["msg"]
    assert played.code != 0
    # as ansible-core says it, since 2.19 and before
    assert "Timed out after 1" in played.output or "in the expected time frame (1)" in played.output
    assert until(lambda: lab.journal.open_sessions == [], 3)
