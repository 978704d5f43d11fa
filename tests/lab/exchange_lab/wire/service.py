# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WS-Management service of an endpoint: envelopes in, shells worked, envelopes out (MS-WSMV 3.1.4)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from .accounts import Account
from .shell import DONE, Shell, Shells
from .soap import NAMES, SHELL, Fault, Request, response

Opener = Callable[[Request, Account], Shell]


def not_in_catalog(resource_uri: str) -> Fault:
    """No such resource (text and code as in pypsrp issue 41)."""
    return Fault(
        f"The WS-Management service cannot process the request. The resource URI ({resource_uri}) was not found in the "
        "WS-Management catalog. The catalog contains the metadata that describes resources, or logical endpoints.",
        2150858811,
        "w:InvalidResourceURI",
        sender=True,
    )


# seconds (New-PSSessionOption, IdleTimeout; the upper one is MaxIdleTimeoutMs of a session configuration)
SHORTEST_IDLE, LONGEST_IDLE = 60.0, 43200.0


def _bytes_of(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "")
    except binascii.Error:
        raise Fault("A stream in the message is not valid base64.", 2150858817, sender=True) from None


@dataclass
class Service:
    """What answers on an endpoint: ``openers`` by resource URI make the shells that ``shells`` holds."""

    openers: Mapping[str, Opener]
    shells: Shells

    def answer(self, request: Request, account: Account) -> bytes:
        """The response envelope; raises Fault."""
        handler = {
            "Create": self._create,
            "Command": self._command,
            "Send": self._send,
            "Receive": self._receive,
            "Signal": self._signal,
            "Delete": self._delete,
        }.get(request.verb)
        if handler is None:
            raise Fault(f"The action {request.action} is not supported.", 2150858754, "a:ActionNotSupported")
        return response(request, handler(request, account))

    def _create(self, request: Request, account: Account) -> str:
        opener = self.openers.get(request.resource_uri)
        if opener is None:
            raise not_in_catalog(request.resource_uri)
        shell = opener(request, account)
        shell.idle_limit = self._idle_limit(request)
        self.shells.open(shell)
        uri = escape(shell.resource_uri)
        return (
            "<x:ResourceCreated><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>"
            f"<a:ReferenceParameters><w:ResourceURI>{uri}</w:ResourceURI><w:SelectorSet>"
            f'<w:Selector Name="ShellId">{shell.id}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
            f"</x:ResourceCreated><rsp:Shell><rsp:ShellId>{shell.id}</rsp:ShellId><rsp:ResourceUri>{uri}"
            f"</rsp:ResourceUri><rsp:Owner>{escape(account.down_level)}</rsp:Owner>"
            f"<rsp:IdleTimeOut>PT{shell.idle_limit:.3f}S</rsp:IdleTimeOut></rsp:Shell>"
        )

    def _idle_limit(self, request: Request) -> float:
        """The seconds that the client asks for, within bounds (New-PSSessionOption, IdleTimeout); raises Fault."""
        text = request.body.findtext("rsp:Shell/rsp:IdleTimeOut", "", NAMES)
        if not text:
            return self.shells.idle_limit
        seconds = float(text.removeprefix("PT").removesuffix("S"))
        if not SHORTEST_IDLE <= seconds <= LONGEST_IDLE:
            raise Fault(f"The IdleTimeOut value {text} is outside the allowed range.", 2150858753, sender=True)
        return seconds

    def _shell(self, request: Request, account: Account) -> Shell:
        return self.shells.find(request.shell_id, account)

    def _command(self, request: Request, account: Account) -> str:
        command_id = self._shell(request, account).command(request)
        return f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>"

    def _send(self, request: Request, account: Account) -> str:
        shell = self._shell(request, account)
        for stream in request.body.iterfind("rsp:Send/rsp:Stream", NAMES):
            end = stream.get("End", "false").lower() == "true"
            shell.send(stream.get("Name", ""), _bytes_of(stream.text), stream.get("CommandId", "").upper(), end)
        return "<rsp:SendResponse/>"

    def _receive(self, request: Request, account: Account) -> str:
        wanted = request.body.find("rsp:Receive/rsp:DesiredStream", NAMES)
        command_id = wanted.get("CommandId", "").upper() if wanted is not None else ""
        received = self._shell(request, account).receive(command_id, request)
        identity = f' CommandId="{command_id}"' if command_id else ""
        parts = [
            f'<rsp:Stream Name="{name}"{identity}>{base64.b64encode(data).decode()}</rsp:Stream>'
            for name, data in received.pieces
        ]
        if command_id:
            if received.state == DONE:
                parts += (f'<rsp:Stream Name="{name}"{identity} End="true"/>' for name in _ended(received.pieces))
            parts.append(f'<rsp:CommandState{identity} State="{received.state}">')
            if received.exit_code is not None:
                parts.append(f"<rsp:ExitCode>{received.exit_code}</rsp:ExitCode>")
            parts.append("</rsp:CommandState>")
        return f"<rsp:ReceiveResponse>{''.join(parts)}</rsp:ReceiveResponse>"

    def _signal(self, request: Request, account: Account) -> str:
        signal = request.body.find("rsp:Signal", NAMES)
        if signal is None:
            raise Fault("The Signal message names no command.", 2150858817, sender=True)
        code = signal.findtext("rsp:Code", "", NAMES)
        self._shell(request, account).signal(code.removeprefix(f"{SHELL}/signal/"), signal.get("CommandId", "").upper())
        return "<rsp:SignalResponse/>"

    def _delete(self, request: Request, account: Account) -> str:
        self.shells.close(self._shell(request, account))
        return ""


def _ended(pieces: list[tuple[str, bytes]]) -> list[str]:
    return sorted({name for name, _ in pieces})
