# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reading receive logs takes, beside reading and splitting the same lines without understanding them.

Splitting at every comma is the mark; csv, which knows a comma in quotes, is told besides.

Each figure comes from a process of its own, ``python -m relay_bench.logs FOLDER``, which reads all now in one way and
now in the other, and takes the best of a few tries, so that what else the machine does counts for little.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .record import Record

HERE = Path(__file__).resolve().parent
TRIES = 2


def child(folder: Path) -> dict[str, float]:
    """Read a folder; seconds of the processor for either way, and megabytes at most."""
    import receive_log
    from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_files as log_files
    from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_report import Reading

    reading = Reading({"since": "", "until": "", "max_clients": 20000, "accepted_domains": receive_log.ACCEPTED})
    found = log_files.find([str(folder)], ["RECV*.log"], True)[0]
    ways = {"read": lambda: reading.read(found), "split": lambda: _split(found), "csv": lambda: _fields(found)}
    tries = [{way: _timed(work) for way, work in ways.items()} for _ in range(TRIES)]
    return {
        **{way: min(each[way] for each in tries) for way in ways},
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _timed(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _split(files: list[Any]) -> None:
    for each in files:
        with open(each.path, encoding="utf-8") as file:
            for line in file:
                line.split(",")


def _fields(files: list[Any]) -> None:
    for each in files:
        with open(each.path, encoding="utf-8", newline="") as file:
            for _ in csv.reader(file):
                pass


def measure(record: Record, folder: Path, number: int, sizes: tuple[int, int], say: Callable[[str], None]) -> None:
    """Write logs of two sizes in megabytes, the second ten times the first, and read them so many times."""
    import receive_log

    runs: dict[int, list[dict[str, float]]] = {}
    for size in sizes:
        logs = folder / f"log{size}"
        logs.mkdir(parents=True)
        try:
            receive_log.write(logs, size << 20)
            say(f"log: {size} MB")
            runs[size] = [_run(logs) for _ in range(number)]
        finally:
            shutil.rmtree(logs)
    small, large = (runs[size] for size in sizes)
    record.add("log.speed_of_split", [run["split"] / run["read"] for run in large])
    record.add("log.speed_of_csv", [run["csv"] / run["read"] for run in large])
    record.add("log.mb_per_second", [sizes[1] / run["read"] for run in large])
    record.add("log.memory_mb", [run["memory_mb"] for run in large])
    record.add(
        "log.memory_growth_mb", [after["memory_mb"] - run["memory_mb"] for run, after in zip(small, large, strict=True)]
    )
    record.add("log.growth", [after["read"] / run["read"] for run, after in zip(small, large, strict=True)])


def _run(logs: Path) -> dict[str, float]:
    path = os.pathsep.join([*sys.path, str(HERE.parents[2] / "build" / "collections")])
    done = subprocess.run(
        [sys.executable, "-m", "relay_bench.logs", str(logs)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    print(json.dumps(child(Path(sys.argv[1]))))
