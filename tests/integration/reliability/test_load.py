# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many servers in one play: no failure, bounded memory, and one session for each host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab
from process_watch import ProcessWatch, descendants, proportional_mb

SERVERS = 200
FORKS = 50
CLIENTS = [f"192.0.2.{number}" for number in range(10, 30)]
# 50 forks have some 25 MB each that are their own, however many servers wait for one; the rest is room
MEMORY_MB = 2500


@dataclass
class Memory:
    """The most that ansible-playbook and its forks took together, in MB, and how many processes there were at most."""

    most: float = 0.0
    processes: int = 0

    def look(self) -> None:
        found = descendants()
        self.most = max(self.most, sum(map(proportional_mb, found)))
        self.processes = max(self.processes, len(found))


@pytest.mark.timeout(900)
def test_many_servers_in_one_play(ansible_playbook: Any, record_property: Callable[[str, object], None]) -> None:
    with Lab("2019", servers=SERVERS) as lab:
        play = {
            "hosts": "exchange",
            "gather_facts": False,
            "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
            "tasks": [
                {
                    "name": "Relay",
                    "relayops.exchange.relay_connector": {
                        "connectors": [{"name": "Devices", "bindings": ["{{ ansible_host }}:26"], "clients": CLIENTS}],
                        "server": "{{ inventory_hostname }}",
                    },
                }
            ],
        }
        listed = inventory(lab.details())
        memory, runs, sessions = Memory(), [], []
        with ProcessWatch(memory.look, 0.5):
            for _ in range(2):
                runs.append(ansible_playbook(play, listed, "--forks", str(FORKS), timeout=800))
                sessions.append(Counter(change.server for change in lab.journal.sessions if change.opened))
                lab.journal.clear()
        record_property("cases", SERVERS * 2)
        assert lab.journal.open_sessions == []
    ends = [host for run in runs for host in run.stats.values()]
    record_property("failures", sum(host["failures"] + host["unreachable"] for host in ends))
    first, second = ([host["changed"] for host in run.stats.values()] for run in runs)
    assert (first, second) == ([1] * SERVERS, [0] * SERVERS), [run.output[-3000:] for run in runs]
    assert [host["ok"] for host in ends] == [1] * SERVERS * 2
    assert sessions == [{f"EX{number + 1:02d}": 1 for number in range(SERVERS)}] * 2
    # one process for each fork was seen at some moment, or the memory is that of others
    assert memory.processes > FORKS / 2
    assert 0 < memory.most < MEMORY_MB
    print(f"at most {memory.most:.0f} MB in {memory.processes} processes")
