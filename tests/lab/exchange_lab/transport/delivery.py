# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished message on its way to the sinks: the last checks, the headers, one copy for each sink."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from exchange_lab.transport import wording as say
from exchange_lab.transport.message import Message, Receipt, filter_headers, hops, stamp

if TYPE_CHECKING:
    from exchange_lab.transport.connection import Connection


def deliver(connection: Connection, content: bytes, fqdn: str, names: Mapping[str, str]) -> list[Message] | str:
    """Return the delivered copies, or the reply that refuses the message."""
    policy = connection.policy
    if b"\n" in content.replace(b"\r\n", b"") and policy.door.flag("BareLinefeedRejectionEnabled"):
        return say.BARE_LINEFEED
    if policy.oversized(len(content)):
        return say.TOO_BIG
    fields, body = filter_headers(content, policy.granted)
    limit = policy.door.number("MaxHopCount")
    if limit is not None and hops(fields) > limit:
        return say.HOPS_EXCEEDED
    receipt = Receipt(
        fqdn,
        connection.client,
        connection.point[0],
        connection.hello,
        policy.identity,
        policy.granted,
        connection.tls_version,
    )
    stamped, auth_as, resolved = stamp(fields, body, receipt, names)
    copies = []
    for sink in ("inside", "outside"):
        recipients = tuple(str(path) for path in connection.mail.recipients if policy.sink(path) == sink)
        if recipients:
            sender, where = str(connection.mail.sender), (policy.door.name, connection.client, connection.point[0])
            copies.append(Message(sink, sender, recipients, stamped, *where, auth_as, resolved))
    return copies
