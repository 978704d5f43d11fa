# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated logs against the counts of awk; RELAYOPS_LONG=1 reads a gigabyte. How fast that is, make bench tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import receive_log

CHECKOUT = Path(__file__).resolve().parents[2]
AWK = CHECKOUT / "tests" / "bench" / "receive_log.awk"
LONG = os.environ.get("RELAYOPS_LONG") == "1"
MEGABYTE = 1 << 20
CHILD = """
import json, sys
from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_files as log_files
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_report import Reading
reading = Reading({"since": "", "until": "", "max_clients": 20000, "accepted_domains": sys.argv[2:]})
reading.read(log_files.find([sys.argv[1]], ["RECV*.log"], True)[0])
result = reading.result()
# what getrusage says is at least what the parent had when it forked
(line,) = [each for each in open("/proc/self/status") if each.startswith("VmHWM")]
megabytes = int(line.split()[1]) / 1024
print(json.dumps({"megabytes": megabytes, "result": result}))
"""


def read(folder: Path) -> dict[str, Any]:
    """Read logs in a process of its own; megabytes at most, and the result."""
    path = os.pathsep.join([str(CHECKOUT / "build" / "collections"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), *receive_log.ACCEPTED],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def by_awk(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Count with awk."""
    # the numbers begin anew each day
    files = sorted(folder.iterdir(), key=lambda path: (path.stem.partition("-")[0], int(path.stem.rpartition("-")[2])))
    done = subprocess.run(["awk", "-f", str(AWK), *map(str, files)], capture_output=True, text=True, check=True)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for line in done.stdout.splitlines():
        connector, client, what, count = line.split("\t")
        found.setdefault((connector, client), {})[what] = count
    return found


def as_awk(usage: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
    """Write rows as awk does."""
    plain = ("sessions", "messages", "recipients_inside", "recipients_outside", "refused_outside", "authenticated")
    kinds = {"refusals": "refused", "tls": "tls", "helo_names": "helo", "sender_domains": "sender"}
    return {
        (row["connector"], row["client"]): {
            **{name: str(row[name]) for name in plain if row[name]},
            **{f"{word} {key}": str(count) for kind, word in kinds.items() for key, count in row[kind].items()},
            "first_seen": row["first_seen"],
            "last_seen": row["last_seen"],
        }
        for row in usage
    }


@pytest.fixture
def logs(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a folder with so many megabytes of log."""

    def make(megabytes: int) -> Path:
        folder = tmp_path / f"log{megabytes}"
        folder.mkdir()
        receive_log.write(folder, megabytes * MEGABYTE)
        return folder

    return make


def test_counts_are_those_of_awk(logs: Callable[[int], Path]) -> None:
    folder = logs(11)
    result = read(folder)["result"]
    assert result["files"] == 2
    assert sum(result["lines_skipped"].values()) == result["lines_skipped"]["headers"] == 10
    counted = as_awk(result["usage"])
    assert len(counted) > 500
    assert counted == by_awk(folder)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells how much memory was used")
def test_memory_does_not_grow_with_the_log(logs: Callable[[int], Path]) -> None:
    small, large = read(logs(2)), read(logs(10))
    assert large["megabytes"] < small["megabytes"] + 12
    assert large["megabytes"] < 100


@pytest.mark.skipif(not LONG, reason="RELAYOPS_LONG=1 reads a gigabyte")
@pytest.mark.timeout(1200)
def test_a_gigabyte(logs: Callable[[int], Path]) -> None:
    folder = logs(1000)
    found = read(folder)
    assert as_awk(found["result"]["usage"]) == by_awk(folder)
    assert found["megabytes"] < 200
