# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""secondary_ip against the lab's Windows host: real scripts and answers, no wire between."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord, Outcome
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import HostLost
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import AddressTable
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.host import Host
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import Step
from exchange_lab.powershell.core import core_cmdlets
from exchange_lab.powershell.engine import Collected, Engine, StatementFailed
from exchange_lab.powershell.interpreter import Interpreter
from exchange_lab.windows.host import WindowsHost


class Streams(Collected):
    """What a script writes; an exit code is of no interest."""

    def exit(self, code: int) -> None:
        """Ignore it."""


class LabShell:
    """Runs a script in the lab's interpreter as HostShell would on the host; cuts the connection where told to."""

    server = "mail01"

    def __init__(self, windows: WindowsHost) -> None:
        self.windows = windows
        self.scripts: list[str] = []
        self.cut_before: set[int] = set()
        self.cut_after: set[int] = set()
        self.resets = 0
        self.connection = self

    def reset(self) -> None:
        self.resets += 1

    def execute(self, script: str) -> Outcome:
        self.scripts.append(script)
        number = len(self.scripts)
        if number in self.cut_before:
            raise HostLost("Running PowerShell", self.server, "cut before")
        streams = self.run(script)
        if number in self.cut_after:
            raise HostLost("Running PowerShell", self.server, "cut after")
        printed = [item for item in streams.objects if isinstance(item, str)]
        errors = [
            ErrorRecord(each.message, each.category, each.reason, each.error_id, raw=each.message)
            for each in streams.failures
        ]
        return Outcome(("\n".join(printed),) if printed else (), errors[:1])

    def run(self, script: str) -> Streams:
        streams = Streams()
        version = 2 if self.windows.flavour == "2008" else 5
        engine = Engine({**core_cmdlets({}, version), **self.windows.cmdlets()}, remote=False)
        try:
            Interpreter(engine, self.windows.programs()).script(script, streams, None)
        except StatementFailed as failed:
            streams.failures.append(failed.failure)
        return streams


class LabHost(Host):
    """The talking host over the lab, with a clock of its own; ``applied`` holds the steps of each change."""

    def __init__(self, windows: WindowsHost) -> None:
        self.lab = LabShell(windows)
        self.now = 0.0
        self.applied: list[list[Step]] = []
        super().__init__(self.lab, 60, self.wait, lambda: self.now)
        windows.clock = lambda: self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def apply(self, steps: list[Step], table: AddressTable) -> str:
        self.applied.append(steps)
        return super().apply(steps, table)


@pytest.fixture
def windows() -> WindowsHost:
    return WindowsHost("mail01", "127.9.9.10", prefix_length=24)


@pytest.fixture
def host(windows: WindowsHost) -> LabHost:
    return LabHost(windows)


@pytest.fixture
def lab_host() -> Any:
    return LabHost
