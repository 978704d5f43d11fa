# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What processes show of themselves in /proc, looked at again and again while something runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


class ProcessWatch:
    """Calls ``look`` in a thread of its own every ``pause`` seconds; ``looked`` tells how often it has."""

    def __init__(self, look: Callable[[], None], pause: float) -> None:
        self.looked = 0
        self._look, self._pause = look, pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> ProcessWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            self._look()
            self.looked += 1
            self._over.wait(self._pause)


def processes() -> Iterator[Path]:
    """The folders of all processes."""
    return PROC.glob("[0-9]*")


def runs(pid: int) -> bool:
    """Whether a process is there and has not ended; one that has ended may wait for somebody to ask how."""
    with suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def descendants(ancestor: int | None = None) -> list[Path]:
    """The folders of the processes that this one, or another, has started, and that those have started."""
    children: dict[int, list[int]] = {}
    for folder in processes():
        with suppress(OSError):
            # the command's name, in brackets, may hold blanks and brackets (proc_pid_stat(5))
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(folder.name))
    found, open_ones = [], [os.getpid() if ancestor is None else ancestor]
    while open_ones:
        born = children.get(open_ones.pop(), [])
        found += born
        open_ones += born
    return [PROC / str(each) for each in found]


def proportional_mb(folder: Path) -> float:
    """A process's memory in MB: pages that are its own, and its share of those shared; 0 where it is gone."""
    with suppress(OSError):
        for line in (folder / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
