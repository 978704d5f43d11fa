# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server of the lab: a Windows host with an Exchange server on it, reachable over WinRM, /PowerShell/ and SMTP."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from .exchange.organisation import Organisation
from .exchange.versions import receive_log_folder
from .faults import Faults
from .journal import Command, Journal, Pipeline, SessionChange
from .latency import Latency
from .powershell import process
from .powershell.cmdlet import Cmdlet
from .powershell.core import Files, SnapIns, core_cmdlets
from .powershell.engine import Engine
from .powershell.interpreter import Interpreter, Program
from .powershell.runspace import NoLanguage, Runspace
from .transport.service import Transport
from .windows.host import WindowsHost
from .wire.accounts import Account, Accounts
from .wire.authentication import Policy
from .wire.endpoint import Endpoint
from .wire.listener import Listener
from .wire.pipeline import Stopped
from .wire.psrp import PsrpShell
from .wire.service import Service
from .wire.shell import Shell, Shells
from .wire.soap import Fault, Request
from .wire.winrs import RESOURCE as CMD
from .wire.winrs import CmdShell, Machine, PowerShellProcess

POWERSHELL = "http://schemas.microsoft.com/powershell/"
# Add-PSSnapin names by version (KB2859999, KB2827611); scripts still load E2010 on later versions
_SNAP_INS = {
    2007: ("Microsoft.Exchange.Management.PowerShell.Admin",),
    2010: ("Microsoft.Exchange.Management.PowerShell.E2010",),
}
_LATER = ("Microsoft.Exchange.Management.PowerShell.SnapIn", "Microsoft.Exchange.Management.PowerShell.E2010")
_OWN = frozenset(core_cmdlets(Files(), 5)) | {"Add-PSSnapin", "Get-PSSnapin"}
# MaxShellsPerUser of Windows Server 2012 and later, and of 2008 R2
_SHELLS = {"2012+": 30, "2008": 5}


@dataclass
class Surroundings:
    """What all servers of a lab share."""

    organisation: Organisation
    accounts: Accounts
    journal: Journal
    faults: Faults
    latency: Callable[[], Latency]


@dataclass
class LabServer:
    """``listeners`` holds what answers by name: ``winrm``, ``winrm_tls``, ``exchange`` and ``exchange_tls``."""

    name: str
    fqdn: str
    address: str
    host: WindowsHost
    transport: Transport
    shared: Surroundings
    files: Files = field(default_factory=Files)
    listeners: dict[str, Listener] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The services behind the listeners, and where the protocol log goes."""
        profile = self.shared.organisation.profile
        log = self.transport.protocol_log
        # headers name the major version alone, of 2013 and later all the same
        log.version, log.edge = f"{profile.schema}.0.0.0", profile.edge
        log.written = self._log_written
        limit = int(self.shared.organisation.switches.max_sessions)
        self.winrm_shells = Shells(_SHELLS[self.host.flavour], changed=partial(self._changed, "winrm"))
        self.exchange_shells = Shells(limit, exceeded=self._throttled, changed=partial(self._changed, "exchange"))

    def _log_written(self, folder: str, name: str, added: bytes) -> None:
        path = f"{receive_log_folder(self.shared.organisation.profile, folder)}\\{name}"
        self.files.add(path, added)

    @property
    def inventory_name(self) -> str:
        """The host's name in an inventory."""
        return self.name.lower()

    def port(self, listener: str) -> int | None:
        """The port of a listener, or None where the version has no such endpoint."""
        found = self.listeners.get(listener)
        return found.port if found else None

    @property
    def winrm_port(self) -> int | None:
        """WinRM over HTTP."""
        return self.port("winrm")

    @property
    def winrm_tls_port(self) -> int | None:
        """WinRM over HTTPS."""
        return self.port("winrm_tls")

    @property
    def exchange_port(self) -> int | None:
        """The /PowerShell/ endpoint over HTTP."""
        return self.port("exchange")

    @property
    def exchange_tls_port(self) -> int | None:
        """The /PowerShell/ endpoint over HTTPS."""
        return self.port("exchange_tls")

    def winrm(self, policy: Policy) -> Endpoint:
        """The WinRM endpoint."""
        openers = {CMD: self._cmd, f"{POWERSHELL}Microsoft.PowerShell": self._powershell}
        return self._endpoint("winrm", "wsman", policy, Service(openers, self.winrm_shells))

    def exchange(self, policy: Policy) -> Endpoint:
        """The /PowerShell/ endpoint."""
        openers = {f"{POWERSHELL}Microsoft.Exchange": self._exchange}
        return self._endpoint("exchange", "powershell", policy, Service(openers, self.exchange_shells))

    def _endpoint(self, kind: str, path: str, policy: Policy, service: Service) -> Endpoint:
        shared = self.shared
        return Endpoint(
            kind,
            self.name,
            self.fqdn,
            path,
            policy,
            shared.accounts,
            service,
            shared.journal,
            shared.faults,
            shared.latency,
        )

    # -- shells

    def _cmd(self, request: Request, account: Account) -> Shell:
        return CmdShell(request, account, Machine(self._process, self.programs(), self.files, self._pipeline))

    def _powershell(self, request: Request, account: Account) -> Shell:
        return PsrpShell(request, account, lambda stopping: self._interpreter(account, stopping), self._pipeline)

    def _exchange(self, request: Request, account: Account) -> Shell:
        organisation = self.shared.organisation
        if not organisation.cmdlets(self.name, account.down_level):
            raise self._unauthorized(account)
        self.shared.latency().wait("session")

        def runspace(stopping: threading.Event) -> Runspace:
            cmdlets = organisation.cmdlets(self.name, account.down_level)
            engine = self._engine("exchange", account, cmdlets, stopping, remote=True)
            switches = organisation.switches
            return NoLanguage(engine, switches.statements == "several", switches.pipelines == "piped")

        return PsrpShell(request, account, runspace, partial(self._pipeline, endpoint="exchange"))

    def _engine(
        self, endpoint: str, account: Account, cmdlets: Mapping[str, Cmdlet], stopping: threading.Event, *, remote: bool
    ) -> Engine:
        def observe(name: str, parameters: Mapping[str, Any]) -> None:
            command = Command(self.name, endpoint, account.down_level, name, dict(parameters))
            self.shared.journal.add(command)

        def pace(name: str) -> None:
            # what PowerShell itself brings asks nobody else
            if name not in _OWN:
                self.shared.latency().wait("cmdlet")
            if stopping.is_set():
                raise Stopped

        return Engine(cmdlets, account.down_level, remote, observe, pace)

    def _interpreter(self, account: Account, stopping: threading.Event, version: str = "") -> Interpreter:
        """A runspace on the host; ``version`` is the -Version of powershell.exe."""
        installed = 2 if self.host.flavour == "2008" else 5
        cmdlets = core_cmdlets(self.files, 2 if version.startswith("2") else installed) | self.host.cmdlets()
        engine = self._engine("winrm", account, cmdlets, stopping, remote=False)
        snap_ins = SnapIns(
            dict.fromkeys(
                _SNAP_INS.get(int(self.shared.organisation.profile.version), _LATER),
                lambda: self.shared.organisation.cmdlets(self.name, account.down_level, remote=False),
            ),
            lambda: self.shared.latency().wait("snapin"),
        )
        engine.add({cmdlet.name: cmdlet for cmdlet in snap_ins.cmdlets(engine)})
        return Interpreter(engine, self.programs() | {"powershell.exe": self._inner(account, stopping)})

    def _process(self, account: Account, stopping: threading.Event) -> PowerShellProcess:
        def run(words: list[str], given: str) -> tuple[int, str, str]:
            return process.run(words, given, lambda version: self._interpreter(account, stopping, version))

        return run

    def _inner(self, account: Account, stopping: threading.Event) -> Program:
        """powershell.exe started by a script: its standard error joins what the caller sees of it."""

        def run(words: list[str], given: list[str]) -> tuple[int, str]:
            code, output, errors = self._process(account, stopping)(words, "\r\n".join(given))
            return code, output + errors

        return run

    def programs(self) -> dict[str, Program]:
        """Native programs of the host."""
        return {name: _deaf(program) for name, program in self.host.programs().items()}

    # -- for the journal

    def _changed(self, endpoint: str, shell: Shell, opened: bool) -> None:
        kind = type(shell).__name__
        change = SessionChange(self.name, endpoint, kind, shell.owner.down_level, shell.id, opened)
        self.shared.journal.add(change)

    def _pipeline(self, account: Account, text: str, endpoint: str = "winrm") -> None:
        self.shared.journal.add(Pipeline(self.name, endpoint, account.down_level, text))

    # -- refusals

    def _throttled(self, limit: int) -> Fault:
        """PowerShellMaxConcurrency; the text as Exchange Online gives it, on premises not seen."""
        moment = datetime.now(UTC).strftime("%m/%d/%Y %H:%M:%S")
        return Fault(
            f"[Server={self.name},RequestId={uuid.uuid4()},TimeStamp={moment}] [AuthZRequestId={uuid.uuid4()}]"
            "[FailureCategory=AuthZ-AuthorizationException] Fail to create a runspace because you have exceeded the "
            f"maximum number of connections allowed : {limit}",
            2150858819,
        )

    def _unauthorized(self, account: Account) -> Fault:
        """A user without any management role."""
        return Fault(
            f"[Server={self.name},RequestId={uuid.uuid4()}] [AuthZRequestId={uuid.uuid4()}]"
            f'[FailureCategory=AuthZ-CmdletAccessDeniedException] The user "{account.upn}" isn\'t assigned to any '
            "management roles.",
            2150858819,
        )

    def start(self) -> None:
        """Serve."""
        for listener in self.listeners.values():
            listener.start()
        self.transport.start()

    def stop(self) -> None:
        """Close all shells and stop the mail; the lab stops the listeners of all servers at once."""
        self.winrm_shells.close_all()
        self.exchange_shells.close_all()
        self.transport.stop()


def _deaf(program: Callable[[list[str]], tuple[int, str]]) -> Program:
    """A program that does not read its standard input."""
    return lambda words, given: program(words)
