# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated logs against the counts of awk, and what a gigabyte of them takes.

RELAYOPS_LONG=1 reads the gigabyte and writes the figures into build/bench.json.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
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
import json, sys, time
from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_files as log_files
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_report import Reading
reading = Reading({"since": "", "until": "", "max_clients": 20000, "accepted_domains": sys.argv[2:]})
start = time.process_time()
reading.read(log_files.find([sys.argv[1]], ["RECV*.log"], True)[0])
result = reading.result()
seconds = time.process_time() - start
# what getrusage says is at least what the parent had when it forked
(line,) = [each for each in open("/proc/self/status") if each.startswith("VmHWM")]
megabytes = int(line.split()[1]) / 1024
print(json.dumps({"seconds": seconds, "megabytes": megabytes, "result": result}))
"""


def read(folder: Path) -> dict[str, Any]:
    """Read logs in a process of its own; seconds of its processor, megabytes at most, and the result."""
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
    files = sorted(folder.iterdir(), key=lambda path: int(path.stem.rpartition("-")[2]))
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


def split_alone(folder: Path, fields: bool = False) -> float:
    """Seconds of the processor to read the same lines and split them, at every comma or, as csv does, into fields."""
    start = time.process_time()
    for path in sorted(folder.iterdir()):
        with path.open(encoding="utf-8", newline="" if fields else None) as file:
            if fields:
                for _ in csv.reader(file):
                    pass
            else:
                for line in file:
                    line.split(",")
    return time.process_time() - start


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
    small, large = logs(100), logs(1000)
    figures: dict[str, float] = {}
    for name, folder in (("100mb", small), ("1gb", large)):
        runs = [(read(folder), split_alone(folder)) for _ in range(3 if folder == small else 2)]
        best = min((run for run, _ in runs), key=lambda run: run["seconds"])
        figures[f"log.seconds_{name}"] = round(best["seconds"], 2)
        figures[f"log.split_seconds_{name}"] = round(min(split for _, split in runs), 2)
        figures[f"log.csv_seconds_{name}"] = round(split_alone(folder, fields=True), 2)
        figures[f"log.memory_mb_{name}"] = round(best["megabytes"], 1)
    figures["log.lines_1gb"] = best["result"]["lines"]
    figures["log.mb_per_second"] = round(1000 / figures["log.seconds_1gb"], 1)
    figures["log.speed_of_split"] = round(figures["log.split_seconds_1gb"] / figures["log.seconds_1gb"], 2)
    figures["log.speed_of_csv"] = round(figures["log.csv_seconds_1gb"] / figures["log.seconds_1gb"], 2)
    figures["log.growth_100mb_to_1gb"] = round(figures["log.seconds_1gb"] / figures["log.seconds_100mb"], 2)
    record(figures)
    assert as_awk(best["result"]["usage"]) == by_awk(large)
    assert figures["log.speed_of_csv"] >= 0.5
    # str.split takes the commas in quotes for ends of fields, and a loaded machine slows it less than a large loop
    assert figures["log.speed_of_split"] >= 0.5
    assert figures["log.memory_mb_1gb"] < 200
    assert figures["log.memory_mb_1gb"] < figures["log.memory_mb_100mb"] + 20
    assert 7 < figures["log.growth_100mb_to_1gb"] < 13


def record(figures: dict[str, float]) -> None:
    """Add figures to those of other benchmarks."""
    path = CHECKOUT / "build" / "bench.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(known | figures, indent=2, sort_keys=True) + "\n")
