# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many servers in one play: no failure, bounded memory, and one session for each host."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

SERVERS = 200 if os.environ.get("RELAYOPS_LONG") == "1" else 60
FORKS = 50
CLIENTS = [f"192.0.2.{number}" for number in range(10, 30)]
# ansible-core's own processes take some 100 MB each as the kernel counts them; most of it is shared among forks
MEMORY_MB = 6000


class MemoryWatch:
    """The most that ansible-playbook and its forks took together, in MB of pages that are theirs alone or shared
    proportionally (proportional set size).
    """

    def __init__(self) -> None:
        self.most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            self.most = max(self.most, sum(_proportional(folder) for folder in Path("/proc").glob("[0-9]*")))
            time.sleep(1)


def _proportional(folder: Path) -> float:
    with suppress(OSError):
        if b"ansible-playbook" in (folder / "cmdline").read_bytes():
            for line in (folder / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) / 1024
    return 0.0


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
        with MemoryWatch() as memory:
            first = ansible_playbook(play, listed, "--forks", str(FORKS), timeout=800)
        opened = Counter(change.server for change in lab.journal.sessions if change.opened)
        lab.journal.clear()
        second = ansible_playbook(play, listed, "--forks", str(FORKS), timeout=800)
        again = Counter(change.server for change in lab.journal.sessions if change.opened)
        record_property("cases", SERVERS * 2)
        assert lab.journal.open_sessions == []
    record_property("failures", sum(host["failures"] + host["unreachable"] for host in first.stats.values()))
    assert [host["changed"] for host in first.stats.values()] == [1] * SERVERS, first.output[-3000:]
    assert [host["ok"] - host["changed"] for host in second.stats.values()] == [1] * SERVERS, second.output[-3000:]
    assert set(opened.values()) == set(again.values()) == {1}
    assert len(opened) == len(again) == SERVERS
    assert memory.most < MEMORY_MB
    print(f"at most {memory.most:.0f} MB")
