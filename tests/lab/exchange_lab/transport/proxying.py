# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the transport service of Exchange 2013 and later logs of mail that its front end passes on.

"Front End Transport service" (Exchange documentation): it inspects no content and queues nothing, but hands sessions to
a transport service. That sees an Exchange server that has logged on, and by XPROXYFROM for whom it speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from exchange_lab.transport.doors import choose

if TYPE_CHECKING:
    from exchange_lab.transport.connection import Connection
    from exchange_lab.transport.protocol_log import SessionLog
    from exchange_lab.transport.service import Transport

_PORT = 2525


def pass_on(transport: Transport, connection: Connection, address: str, size: int, reply: str) -> None:
    """Log a message that has come through the front end where the transport service takes it, on the same server."""
    if connection.policy.door.role != "FrontendTransport":
        return
    point = (address, _PORT)
    door = choose(transport.configuration.points.get(point, ()), point, address)
    if door is not None:
        log = transport.protocol_log.session(door, point, point)
        _write(log, transport.fqdn, [*_said(transport.fqdn, connection, size, reply)])


def _write(log: SessionLog, fqdn: str, said: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    log.event("+")
    log.event("*", "None", "Set Session Permissions")
    log.sent(f"220 {fqdn} Microsoft ESMTP MAIL Service ready")
    for command, replies in said:
        log.received(command)
        for line in replies:
            log.sent(line)
        if command == "X-ANONYMOUSTLS":
            log.tls("TLSv1.2")
    log.event("-", context="Remote")


def _said(fqdn: str, connection: Connection, size: int, reply: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    hello = (f"250-{fqdn} Hello", "250 CHUNKING")
    yield f"EHLO {fqdn}", hello
    yield "X-ANONYMOUSTLS", ("220 2.0.0 SMTP server ready",)
    yield f"EHLO {fqdn}", hello
    yield "X-EXPS EXCHANGEAUTH SHA256", ("235 <authentication response>",)
    client = f"IP={connection.client} PORT={connection.port} DOMAIN={connection.hello}"
    yield f"XPROXYFROM SID=08DE {client} SEQNUM=1 PERMS=1073 AUTHSRC=Anonymous", ("250 XProxyFrom accepted",)
    yield f"MAIL FROM:<{connection.mail.sender}> SIZE={size}", ("250 2.1.0 Sender OK",)
    for recipient in connection.mail.recipients:
        yield f"RCPT TO:<{recipient}>", ("250 2.1.5 Recipient OK",)
    yield f"BDAT {size} LAST", (reply,)
    yield "QUIT", ("221 2.0.0 Service closing transmission channel",)
