# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault at every HTTP request with which secondary_ip adds or removes an address over ansible's winrm connection:
it ends in time with an error or succeeds, no other address changes, and the next run reaches the goal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import host_task
import pytest
from ansible.errors import AnsibleError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from exchange_lab.inventory import connection
from exchange_lab.lab import Lab

KINDS = ("cut_before", "cut_after", "unavailable", "truncated", "garbled", "hang", "quota", "shell_gone")


def act(lab: Lab, state: str) -> dict[str, Any]:
    """One task with a connection of its own, as ansible-playbook makes it."""
    variables = connection(lab.details()) | {
        "ansible_winrm_operation_timeout_sec": 1,
        "ansible_winrm_read_timeout_sec": 2,
    }
    return host_task.act(variables, lab.servers[0].address, {"address": f"{relay(lab)}/24", "state": state})


def relay(lab: Lab) -> str:
    """The address that comes and goes."""
    return lab.servers[0].address.rpartition(".")[0] + ".25"


def addresses(lab: Lab) -> list[str]:
    """What the host holds."""
    return sorted(map(repr, lab.servers[0].host.addresses))


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as started:
        yield started


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.timeout(600)
def test_a_fault_at_every_request(
    lab: Lab, state: str, kind: str, record_property: Callable[[str, object], None]
) -> None:
    other = {"present": "absent", "absent": "present"}[state]
    lab.servers[0].winrm_shells.close_all()
    act(lab, other)
    start = addresses(lab)
    lab.journal.clear()
    act(lab, state)
    total, end = len(lab.journal.requests), addresses(lab)
    wrong = []
    for number in range(1, total + 1):
        # what a lost connection left the server closes by itself after a while
        lab.servers[0].winrm_shells.close_all()
        act(lab, other)
        lab.faults.inject(kind, at=number)
        began = time.monotonic()
        try:
            act(lab, state)
        except Exception as error:
            if not isinstance(error, ShellError | AnsibleError) or lab.servers[0].address not in str(error):
                wrong.append(f"{kind} at request {number}: {type(error).__name__}: {error}")
        lab.faults.clear()
        if (took := time.monotonic() - began) > 60:
            wrong.append(f"{kind} at request {number}: took {took:.0f} s")
        if addresses(lab) not in (start, end):
            wrong.append(f"{kind} at request {number}: {addresses(lab)}")
        with suppress(Exception):
            act(lab, state)
        if addresses(lab) != end:
            wrong.append(f"{kind} at request {number}: the run after it does not reach the goal")
    record_property("cases", total)
    record_property("failures", len(wrong))
    assert total > 5
    assert start != end
    assert wrong == []
