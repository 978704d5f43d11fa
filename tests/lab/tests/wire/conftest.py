# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An endpoint with a few cmdlets of no consequence, for tests of the wire alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.faults import Faults
from exchange_lab.journal import Command, Journal
from exchange_lab.latency import Latency
from exchange_lab.powershell.cmdlet import Cmdlet, CmdletError, Invocation, Parameter
from exchange_lab.powershell.engine import Engine
from exchange_lab.powershell.objects import ps_object
from exchange_lab.powershell.runspace import NoLanguage, Runspace
from exchange_lab.wire import tls
from exchange_lab.wire.accounts import Account, Accounts
from exchange_lab.wire.authentication import Policy
from exchange_lab.wire.endpoint import Endpoint
from exchange_lab.wire.listener import Listener, Secure
from exchange_lab.wire.psrp import PsrpShell
from exchange_lab.wire.service import Service
from exchange_lab.wire.shell import Shells
from exchange_lab.wire.soap import Request

ADDRESS = "127.99.1.10"
RESOURCE = "http://schemas.microsoft.com/powershell/Microsoft.Exchange"


def echo(invocation: Invocation) -> Iterator[Any]:
    """What was bound."""
    yield ps_object(["Echo"], dict(invocation.bound), "echoed")


def fail(invocation: Invocation) -> Iterator[Any]:
    """A warning, an error that is written and one that is raised."""
    invocation.warn("look out")
    invocation.error(CmdletError("not so good", reason="FirstException"))
    yield "between"
    raise CmdletError("not good", category="InvalidData", reason="SecondException", target="x", terminating=True)


class Stage:
    """What the tests play on: a listener for each kind of transport and the parts behind it."""

    def __init__(self, folder: Path) -> None:
        self.release = threading.Event()
        self.journal = Journal()
        self.faults = Faults()
        self.latency = Latency()
        self.accounts = Accounts(folder / "accounts")
        self.accounts.add("LAB", "Administrator", "pa55", "lab.example")
        self.ca_pem = tls.write_authority(folder)
        self.credentials = tls.issue(folder, "server", ADDRESS, "ex01.lab.example")
        self.client = tls.issue(folder, "client", "administrator@lab.example")
        self.stranger = tls.issue(folder, "stranger", "administrator@lab.example", issuer=tls.authority("other"))
        self.shells = Shells(5)
        self.service = Service({RESOURCE: self._open}, self.shells)
        self.listeners: list[Listener] = []

    def _open(self, request: Request, account: Account) -> PsrpShell:
        def runspace(stopping: threading.Event) -> Runspace:
            return NoLanguage(Engine(self.cmdlets(stopping), account.down_level, observe=self._observe))

        return PsrpShell(request, account, runspace)

    def _observe(self, name: str, parameters: Any) -> None:
        self.journal.add(Command("EX01", "exchange", "", name, parameters))

    def cmdlets(self, stopping: threading.Event) -> dict[str, Cmdlet]:
        """Get-Echo, Get-Failure, Get-Many and Wait-Release."""

        def wait(invocation: Invocation) -> Iterator[Any]:
            yield "waiting"
            while not stopping.is_set() and not self.release.wait(0.02):
                pass
            yield "done"

        def many(invocation: Invocation) -> Iterator[Any]:
            text = invocation.bound.get("Text", "x")
            yield from (
                ps_object(["Item"], {"Number": number, "Text": text}) for number in range(invocation.bound["Count"])
            )

        parameters = (Parameter("Value"), Parameter("Name"), Parameter("Force", switch=True))
        return {
            "Get-Echo": Cmdlet("Get-Echo", parameters, echo),
            "Get-Failure": Cmdlet("Get-Failure", (), fail),
            "Get-Many": Cmdlet("Get-Many", (Parameter("Count", int), Parameter("Text")), many),
            "Wait-Release": Cmdlet("Wait-Release", (), wait),
        }

    def listen(self, *kinds: str, secure: bool = False, **policy: Any) -> Listener:
        """A listener that accepts these kinds of authentication."""
        made = Endpoint(
            "exchange",
            "EX01",
            "ex01.lab.example",
            "powershell",
            Policy(frozenset(kinds), **policy),
            self.accounts,
            self.service,
            self.journal,
            self.faults,
            lambda: self.latency,
        )
        tls_part = None
        if secure:
            tls_part = Secure(tls.server_context(self.credentials, self.ca_pem), tls.binding(self.credentials))
        listener = Listener(ADDRESS, 0, made, tls_part)
        listener.start()
        self.listeners.append(listener)
        return listener


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage without listeners."""
    made = Stage(tmp_path)
    yield made
    made.release.set()
    for listener in made.listeners:
        listener.stop()
