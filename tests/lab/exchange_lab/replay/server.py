# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of the lab whose endpoints, and mail where it was probed, answer out of a recording."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import partial

from ..server import LabServer
from ..wire.accounts import Account
from ..wire.psrp import PsrpShell
from ..wire.shell import Shell
from ..wire.soap import Fault, Request
from ..wire.winrs import CmdShell, Machine, PowerShellProcess
from .mail import Mail
from .player import NotRecorded, Player
from .shells import HostRunspace, ReplayShell, process

# WSManFault code of what has no code of its own (E_FAIL)
NOT_RECORDED = 2147500037


@dataclass
class ReplayServer(LabServer):
    """``inventory_name`` is what the host was called when it was recorded; the mail is the lab's own without probes."""

    player: Player = None  # type: ignore[assignment]
    mail: Mail | None = field(default=None, init=False)

    def start(self) -> None:
        """Serve; where probes were recorded, the mail is theirs."""
        if not self.player.has_mail:
            super().start()
            return
        for listener in self.listeners.values():
            listener.start()
        self.mail = Mail(self.address, self.transport.port_of(25), self.player)
        self.mail.start()

    def stop(self) -> None:
        """Close all shells and stop the mail."""
        super().stop()
        if self.mail:
            self.mail.stop()

    @property
    def inventory_name(self) -> str:
        """The host's name in the inventory."""
        return self.player.host

    @property
    def exchange_tls_port(self) -> int | None:
        """The port of the endpoint; none where nothing was said to it."""
        return super().exchange_tls_port if self.player.has_endpoint else None

    def _cmd(self, request: Request, account: Account) -> Shell:
        def powershell(account: Account, stopping: threading.Event) -> PowerShellProcess:
            return process(self.player)

        return CmdShell(request, account, Machine(powershell, {}, self.files, self._pipeline))

    def _powershell(self, request: Request, account: Account) -> Shell:
        return PsrpShell(request, account, lambda stopping: HostRunspace(self.player), self._pipeline)

    def _exchange(self, request: Request, account: Account) -> Shell:
        try:
            conversation = self.player.open()
        except NotRecorded as missing:
            raise Fault(str(missing), NOT_RECORDED) from None
        return ReplayShell(request, account, conversation, partial(self._pipeline, endpoint="exchange"))
