# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of an SMTP session on aiosmtpd: admission, greeting, command loop, limits, end."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from aiosmtpd.smtp import SMTP, TLSSetupException

from exchange_lab.transport import wording as say
from exchange_lab.transport.doors import Door, Endpoint
from exchange_lab.transport.identity import Account
from exchange_lab.transport.paths import Path
from exchange_lab.transport.policy import Policy, first_identity
from exchange_lab.transport.protocol_log import ProtocolLog, SessionLog

if TYPE_CHECKING:
    from exchange_lab.transport.domains import AcceptedDomains
    from exchange_lab.transport.limits import Connections, Submissions

_ENHANCED = re.compile(r"^(\d{3}[ -])[245]\.\d+\.\d+ ")
_LONGEST_LINE = 1 << 20
# what aiosmtpd answers to STARTTLS
_READY = "220 Ready to start TLS"


class Service(Protocol):
    """What a session asks of the transport; all of it on the transport's own thread."""

    words: say.Wording
    fqdn: str
    connections: Connections
    submissions: Submissions
    certificate: ssl.SSLContext
    protocol_log: ProtocolLog

    @property
    def domains(self) -> AcceptedDomains: ...

    def admit(self, point: Endpoint, client: str) -> Door | str: ...
    def log_on(self, name: str, password: str) -> Account | None: ...
    def deliver(self, connection: Connection, content: bytes) -> str: ...
    def note(self, event: str, **facts: Any) -> None: ...
    def joined(self, connection: Connection) -> None: ...
    def left(self, connection: Connection) -> None: ...


@dataclass
class Envelope:
    """The mail transaction under way."""

    sender: Path | None = None
    recipients: list[Path] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)


class Connection(SMTP):
    """A session with one client on one listening point, served by one connector from beginning to end."""

    verbs: ClassVar[Mapping[str, Callable[[Any, str], Awaitable[None]]]] = {}

    line_length_limit = _LONGEST_LINE

    def __init__(self, service: Service, point: Endpoint, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(service, hostname="localhost", loop=loop, tls_context=service.certificate)
        self.service = service
        self.point = point
        self.client = ""
        self.hello = ""
        self.errors = 0
        self.door: Door | None = None
        self.policy: Policy
        self.mail = Envelope()
        self.log: SessionLog | None = None
        self._ended = "Remote"

    @property
    def secure(self) -> bool:
        """Whether TLS is on."""
        return self._tls_protocol is not None

    @property
    def tls_version(self) -> str:
        """Return the TLS version, or ""."""
        return str(self.transport.get_extra_info("ssl_object").version()) if self.secure and self.transport else ""

    @property
    def port(self) -> int:
        """The client's port."""
        return int(self._writer.get_extra_info("peername")[1])

    def connection_lost(self, error: Exception | None) -> None:
        """Give the connection's place back."""
        self.logged("-", context=self._ended)
        self.log = None
        if self.door is not None:
            self.service.connections.leave(self.door, self.client)
            self.door = None
        self.service.left(self)
        super().connection_lost(error)

    def eof_received(self) -> bool:
        """Close once the client has hung up; the session would stay open until it times out."""
        super().eof_received()
        return False

    def _timeout_cb(self) -> None:
        if self.transport is not None:
            self._writer.write(say.TIMED_OUT.encode() + b"\r\n")
        super()._timeout_cb()  # type: ignore[no-untyped-call]

    async def push(self, status: Any) -> None:
        """Send a reply, without its enhanced code where the connector has that switched off."""
        if status == _READY:
            status = say.TLS_READY
        if isinstance(status, str) and self.door is not None and not self.door.flag("EnhancedStatusCodesEnabled", True):
            status = _ENHANCED.sub(r"\1", status)
        if self.log is not None:
            self.log.sent(status if isinstance(status, str) else bytes(status).decode("ascii", "replace"))
        await super().push(status)

    def logged(self, event: str, data: str = "", context: str = "") -> None:
        """Write a line of the protocol log, where the connector has one."""
        if self.log is not None:
            self.log.event(event, data, context)

    async def hang_up(self, reply: str) -> None:
        """Say a last word and close."""
        self._ended = "Local"
        await self.push(reply)
        if self.transport is not None:
            self.transport.close()

    async def _handle_client(self) -> None:
        self.client = str(self._writer.get_extra_info("peername")[0])
        self.service.joined(self)
        door = self.service.admit(self.point, self.client)
        if isinstance(door, str):
            self.service.note("refused", client=self.client, local=self.point, reply=door)
            return await self.hang_up(door)
        self.door = door
        self.service.connections.enter(door, self.client)
        self._timeout_duration = door.seconds("ConnectionInactivityTimeout", 300)
        self.policy = Policy.of(door, first_identity(door), self.service.domains, self.service.words)
        self.log = self.service.protocol_log.session(door, self.point, (self.client, self.port))
        self.log.event("+")
        self.log.permissions(self.policy.granted)
        await self.push(_banner(door, self.service.fqdn))
        await self._converse()

    async def _converse(self) -> None:
        while self.transport is not None:
            try:
                line = await self._reader.readuntil(b"\n")
                self._reset_timeout()
                await self._command(line.rstrip(b"\r\n").decode("utf-8", "surrogateescape"))
            except (asyncio.LimitOverrunError, asyncio.IncompleteReadError, ConnectionError, TLSSetupException):
                if self.transport is not None:
                    self.transport.close()
                return

    async def _command(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        if self.log is not None:
            self.log.received(line)
        method = self.verbs.get(verb.upper())
        if method is None:
            return await self.protocol_error(say.UNKNOWN_COMMAND)
        if verb.upper() in ("MAIL", "RCPT", "DATA", "BDAT", "AUTH") and not self.hello:
            return await self.protocol_error(say.HELLO_FIRST)
        await method(self, rest.strip())

    async def protocol_error(self, reply: str) -> None:
        """Answer a command that breaks the protocol; MaxProtocolErrors of them end the session."""
        self.errors += 1
        limit = self.door.number("MaxProtocolErrors") if self.door else None
        if limit is not None and self.errors > limit:
            return await self.hang_up(say.TOO_MANY_ERRORS)
        await self.refuse(reply)

    async def refuse(self, reply: str) -> None:
        """Answer with a refusal; the tarpit's delay is only noted."""
        seconds = self.door.seconds("TarpitInterval", 0) if self.door else 0
        self.service.note(
            "tarpit" if seconds else "refused", client=self.client, local=self.point, reply=reply, seconds=seconds
        )
        if seconds:
            self.logged("*", f"Tarpit for '0.{timedelta(seconds=seconds)!s:0>8}'")
        await self.push(reply)


def _banner(door: Door, fqdn: str) -> str:
    custom = str(door.properties.get("Banner") or "")
    return custom or f"220 {door.properties.get('Fqdn') or fqdn} Microsoft ESMTP MAIL Service ready at {formatdate()}"
