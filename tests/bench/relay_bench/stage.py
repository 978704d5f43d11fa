# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab that all sides are measured against: a process of its own, counted and emptied from outside."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from exchange_lab.control import ControlClient

START, STOP = 120.0, 30.0  # seconds; a lab of 200 servers takes a while
CLIENTS = 250
# A lab that answers a Receive only when a pipeline has ended or an envelope is full: on a busy machine too, requests
# are counted alike then.
PATIENT = "from exchange_lab.wire import psrp; psrp.LINGER = 600.0; from exchange_lab.__main__ import main; main()"


@dataclass(frozen=True)
class Measured:
    """What one run cost: seconds, and what the lab counted of it, authentication included."""

    seconds: float
    requests: int
    sessions: int


class Stage:
    """A running lab: what it holds and what is asked of it."""

    def __init__(self, details: Mapping[str, Any], folder: Path) -> None:
        self.details = details
        self.folder = folder
        self.control = ControlClient(details["control"])
        self._own = self.connectors()
        self._spare = 100

    @property
    def address(self) -> str:
        """The address of the first server, on which all connectors listen."""
        return str(self.details["servers"][0]["address"])

    def spare(self) -> str:
        """An address of the lab's network that no server has yet."""
        self._spare += 1
        return str(ip_network(self.details["network"])[self._spare])

    def latency(self, name: str) -> None:
        """Choose how long things take."""
        self.control.post("/latency", profile=name)

    def connectors(self) -> set[tuple[str, str]]:
        """Server and name of each connector."""
        servers = self.control.get("/state")["servers"]
        return {(server["name"], name) for server in servers for name in server["connectors"]}

    def clear(self) -> None:
        """Remove what a run made."""
        for server, name in sorted(self.connectors() - self._own):
            identity = {"Identity": f"{server}\\{name}"}
            done = self.control.post("/command", name="Remove-ReceiveConnector", parameters=identity)
            if done["errors"]:
                raise RuntimeError(f"{name}: {done['errors'][0]['message']}")

    def measure(self, work: Callable[[], None]) -> Measured:
        """Do something and say what it cost."""
        self.control.post("/journal/clear")
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        counts = self.control.get("/counts")
        if counts["sessions_open"]:
            raise RuntimeError(f"{counts['sessions_open']} sessions were left open")
        return Measured(seconds, counts.get("requests", 0), counts.get("sessions_opened", 0))


def client(number: int) -> str:
    """The one client of a connector, in the network for benchmarks (RFC 2544)."""
    return f"198.18.{number // CLIENTS}.{number % CLIENTS + 1}"


def name(number: int) -> str:
    """A connector's name."""
    return f"Relay {number:03d}"


@contextmanager
def stage(folder: Path, servers: int = 1, *switches: str, counting: bool = False) -> Iterator[Stage]:
    """A lab of its own, patient where requests are counted; RuntimeError with its last words if it does not start."""
    folder.mkdir(parents=True, exist_ok=True)
    details, log = folder / "lab.json", folder / "lab.log"
    details.unlink(missing_ok=True)
    options = [f"--switch={switch}" for switch in switches]
    program = ["-c", PATIENT] if counting else ["-m", "exchange_lab"]
    command = [sys.executable, *program, "--servers", str(servers), "--details", str(details), *options]
    with log.open("w", encoding="utf-8") as words:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + START
            while not details.exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"the lab did not start: {log.read_text(encoding='utf-8').strip()[-500:]}")
                time.sleep(0.05)
            yield Stage(json.loads(details.read_text(encoding="utf-8")), folder)
        finally:
            process.terminate()
            try:
                process.wait(STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
