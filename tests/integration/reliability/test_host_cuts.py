# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""secondary_ip when ssh is cut, and when its process is killed outright while it makes a lease static (allow_static):
no other address changes, an error is one sentence, and the next run reaches the goal.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import host_task
import pytest
from ansible.errors import AnsibleError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from exchange_lab.inventory import connection
from exchange_lab.lab import Lab
from exchange_lab.windows.host import WindowsHost

INTEGRATION = Path(__file__).resolve().parents[1]


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("2019") as started:
        yield started


def relay(lab: Lab) -> str:
    """The address that comes and goes."""
    return lab.servers[0].address.rpartition(".")[0] + ".25"


def held(lab: Lab) -> list[str]:
    """What the host holds, in which store."""
    return sorted(map(repr, lab.servers[0].host.addresses))


def over_ssh(lab: Lab, folder: Path) -> dict[str, Any]:
    """A host's variables for ssh, which a program of that name plays."""
    server = lab.servers[0]
    url = f"http://{server.address}:{server.winrm_port}/wsman"
    target = {"url": url, "log": str(folder / "log"), "username": lab.username, "password": lab.password}
    (folder / "lab.json").write_text(json.dumps(target))
    program = folder / "ssh"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {INTEGRATION / "ssh_stand_in.py"} "$@"\n')
    program.chmod(0o755)
    own = {"ansible_ssh_executable": str(program), "ansible_ssh_retries": 0, "ansible_shell_type": "powershell"}
    return {"ansible_host": server.address, "ansible_connection": "ssh", "ansible_user": "Administrator"} | own


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_ssh_is_cut(
    lab: Lab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    kind: str,
    record_property: Callable[[str, object], None],
) -> None:
    """At each of the calls: before the host has the command, and when it has done it and answers."""
    monkeypatch.setenv("SSH_STAND_IN", str(tmp_path / "lab.json"))
    variables, server = over_ssh(lab, tmp_path), lab.servers[0].address
    other = {"present": "absent", "absent": "present"}[state]
    arguments = {"address": f"{relay(lab)}/24"}

    def act(wanted: str) -> None:
        host_task.act(variables, server, arguments | {"state": wanted})

    act(other)
    start = held(lab)
    act(state)
    end, cases, wrong = held(lab), 0, []
    verb = {"cut_before": "Command", "cut_after": "Receive"}[kind]
    for number in range(1, 5):
        act(other)
        fault = lab.faults.inject(kind, at=number, endpoint="winrm", verb=verb)
        try:
            act(state)
        except Exception as error:
            if not isinstance(error, ShellError | AnsibleError) or "\n" in str(error):
                wrong.append(f"call {number}: {type(error).__name__}: {error}")
        happened = fault.over
        lab.faults.clear()
        if held(lab) not in (start, end):
            wrong.append(f"call {number}: {held(lab)}")
        act(state)
        if held(lab) != end:
            wrong.append(f"call {number}: the run after it does not reach the goal")
        if not happened:
            break
        cases += 1
    record_property("cases", cases)
    record_property("failures", len(wrong))
    assert start != end
    assert cases >= 3
    assert wrong == []


def leased(lab: Lab) -> Callable[[], None]:
    """How the lab's host is put back to an address that it has from DHCP, and nothing else."""
    host = lab.servers[0].host
    fresh = vars(WindowsHost("EX01", lab.servers[0].address, dhcp=True, flavour=host.flavour))

    def put_back() -> None:
        # under the locks and names that the lab's own parts hold
        kept = {name: deepcopy(value) for name, value in fresh.items() if isinstance(value, dict | list | set)}
        vars(host).update(kept)

    return put_back


@pytest.mark.timeout(500)
def test_killed_while_a_lease_becomes_static(lab: Lab, record_property: Callable[[str, object], None]) -> None:
    """At every request: the lease is kept as a lease or as a static address, and a rerun ends the change."""
    server, host = lab.servers[0].address, lab.servers[0].host
    variables, put_back = connection(lab.details()), leased(lab)
    given: dict[str, Any] = {
        "variables": variables,
        "server": server,
        "arguments": {"address": f"{relay(lab)}/24", "state": "present", "allow_static": True},
    }
    put_back()
    start = held(lab)
    lab.journal.clear()
    host_task.act(**given)
    total, end, gateways = len(lab.journal.requests), held(lab), dict(host.interfaces[7].gateways)
    assert host.interfaces[7].dhcp[4] is False
    wrong = []
    for number in range(1, total + 1):
        put_back()
        assert held(lab) == start
        fault = lab.faults.inject("hold", at=number)
        process = subprocess.Popen(
            [sys.executable, "-m", "host_task"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert process.stdin
        process.stdin.write(json.dumps(given).encode())
        process.stdin.close()
        if not fault.reached(30):
            wrong.append(f"request {number} does not come")
        process.kill()
        process.wait(10)
        lab.faults.clear()
        if not any(server in each for each in held(lab)):
            wrong.append(f"killed at request {number}: nobody reaches the host any more: {held(lab)}")
        with suppress(Exception):
            lab.servers[0].winrm_shells.close_all()
        host_task.act(**given)
        if (held(lab), host.interfaces[7].gateways) != (end, gateways):
            wrong.append(f"killed at request {number}: the run after it leaves {held(lab)}")
    record_property("cases", total)
    record_property("failures", len(wrong))
    assert start != end
    assert total > 8
    assert wrong == [], "\n".join(wrong)
