# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the lab in a process of its own, as anybody would, and stops it whatever happens."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START, STOP = 20.0, 10.0  # seconds


@contextmanager
def lab(exchange: str, folder: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the details of a running lab. RuntimeError with its last words if it does not start."""
    details, log = folder / "lab.json", folder / "lab.log"
    command = [sys.executable, "-m", "exchange_lab", "--exchange", exchange, "--details", str(details)]
    with log.open("w", encoding="utf-8") as words:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT)
        try:
            yield _ready(process, details, log)
        finally:
            process.terminate()
            try:
                process.wait(STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(process: subprocess.Popen[bytes], details: Path, log: Path) -> Mapping[str, Any]:
    end = time.monotonic() + START
    while not details.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the lab did not start: {log.read_text(encoding='utf-8').strip()[-500:]}")
        time.sleep(0.05)
    found: Mapping[str, Any] = json.loads(details.read_text(encoding="utf-8"))
    return found
