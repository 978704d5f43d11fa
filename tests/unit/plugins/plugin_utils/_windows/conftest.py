# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The change loop of secondary_ip against the lab's Windows host, without a wire between."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, ErrorRecord, Outcome, Pipeline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import check
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows import nettcpip
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import AddressTable, IPAddress
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import Step
from exchange_lab.powershell.binding import Argument, Call
from exchange_lab.powershell.engine import Collected, Engine, StatementFailed
from exchange_lab.powershell.objects import property_of
from exchange_lab.windows.host import WindowsHost


class Wireless:
    """Stands for the talking Host: hands commands to the lab's engine as data and answers with JSON."""

    server = "mail01"

    def __init__(self, windows: WindowsHost) -> None:
        self.windows = windows
        self.engine = Engine(windows.cmdlets(), remote=False)
        self.now = 0.0
        self.applied: list[list[Step]] = []
        self.cuts: list[str] = []
        self.after_apply: Callable[[], None] | None = None
        windows.clock = self.clock

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds

    def run(self, command: Command) -> Collected:
        call = Call(command.name, tuple(Argument(value, name) for name, value in command.parameters.items()))
        streams = Collected()
        try:
            self.engine.run((call,), streams)
        except StatementFailed as failed:
            streams.failures.append(failed.failure)
        return streams

    def ask(self, pipeline: Pipeline) -> str:
        question, selection, _ = pipeline
        names = selection.parameters["Property"]
        assert isinstance(names, list)
        answer = self.run(question)
        assert answer.failures == []
        found = [{str(name): plain(property_of(item, str(name))) for name in names} for item in answer.objects]
        return json.dumps(found if len(found) != 1 else found[0])

    def read(self) -> AddressTable:
        return nettcpip.table("\n".join(self.ask(pipeline) for pipeline in nettcpip.questions()))

    def apply(self, steps: list[Step], table: AddressTable) -> str:
        self.applied.append(steps)
        for step in steps:
            done = self.run(nettcpip.command(step))
            records = [ErrorRecord(each.message, each.category, each.reason, each.error_id) for each in done.failures]
            check([Outcome(errors=records)], step.words, self.server)
        if self.after_apply:
            self.after_apply()
        return self.cuts.pop(0) if self.cuts else ""

    def read_again(self, lost: str) -> AddressTable:
        return self.read()

    def suspect(self, ip: IPAddress) -> str:
        return next((mac for address, mac in self.windows.conflicts if address == ip), "")


def plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | str):
        return value
    return int(value)


@pytest.fixture
def windows() -> WindowsHost:
    return WindowsHost("mail01", "127.9.9.10", prefix_length=24)


@pytest.fixture
def host(windows: WindowsHost) -> Wireless:
    return Wireless(windows)


@pytest.fixture
def wireless() -> type[Wireless]:
    return Wireless
