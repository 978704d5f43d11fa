# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An endpoint: a path with its WS-Management service, who may use it, and what is recorded and broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..faults import Faults
from ..journal import Journal
from ..latency import Latency
from . import spoken
from .accounts import Account, Accounts
from .authentication import Policy
from .psrp import PsrpShell
from .service import Service
from .shell import too_many_shells
from .soap import Fault, Request, fault_response

XML = "application/soap+xml;charset=UTF-8"


@dataclass
class Endpoint:
    """``kind`` is ``winrm`` or ``exchange``; ``fqdn`` the server's full name, which certificates and tickets carry."""

    kind: str
    server: str
    fqdn: str
    path: str
    policy: Policy
    accounts: Accounts
    service: Service
    journal: Journal
    faults: Faults
    latency: Callable[[], Latency]

    def serves(self, target: str) -> bool:
        """Whether the request's target is this endpoint; IIS and http.sys compare without case."""
        return urlsplit(target).path.strip("/").lower() == self.path.lower()

    def spoken(self, request: Request) -> str:
        """What the request asks to be run, or what the command that it is about was asked to."""
        shell = self.service.shells.table.get(request.shell_id)
        begun = shell.spoken(spoken.command_id_of(request)) if shell else ""
        return f"{spoken.text_of(request)}\n{begun}"

    def work(self, request: Request, account: Account, fault: str = "") -> tuple[int, bytes]:
        """HTTP status and envelope for a request."""
        try:
            if fault == "quota":
                raise too_many_shells(self.service.shells.limit)
            if fault == "shell_gone" and (shell := self.service.shells.table.get(request.shell_id)):
                self.service.shells.close(shell)
            if fault == "torrent" and isinstance(shell := self.service.shells.table.get(request.shell_id), PsrpShell):
                shell.pour(spoken.command_id_of(request))
            return 200, self.service.answer(request, account)
        except Fault as refused:
            return 500, fault_response(refused, request.message_id, self.server)
