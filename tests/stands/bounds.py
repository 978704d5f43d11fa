# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a piece of work took at most: memory of this process, and time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OWN = Path("/proc/self")


def peak() -> int:
    """The most memory that this process had in use so far, in MB (VmHWM, proc_pid_status(5)).

    What getrusage calls ru_maxrss is no less than that of the process that started this one.
    """
    found = re.search(r"VmHWM:\s*(\d+) kB", (_OWN / "status").read_text())
    assert found
    return int(found[1]) // 1024


@contextmanager
def peak_and_time() -> Iterator[dict[str, float]]:
    """Fills ``mb``, by how much the most memory grew, ``took``, the seconds, and ``cpu``, those that were worked.

    The peak starts anew before.
    """
    (_OWN / "clear_refs").write_text("5")
    measured: dict[str, float] = {}
    before, began, worked = peak(), time.monotonic(), time.process_time()
    try:
        yield measured
    finally:
        measured |= {
            "mb": peak() - before,
            "took": time.monotonic() - began,
            "cpu": time.process_time() - worked,
        }
