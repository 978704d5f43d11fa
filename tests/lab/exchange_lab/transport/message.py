# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A delivered message and the headers that Exchange puts on it and takes off it."""

from __future__ import annotations

import email
import email.message
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, formataddr, parseaddr

from exchange_lab.transport import identity as rights
from exchange_lab.transport.identity import Identity

_ORGANIZATION = "x-ms-exchange-organization-"
_FOREST = "x-ms-exchange-forest-"


@dataclass(frozen=True)
class Message:
    """A message in a sink: ``inside`` is a mailbox of the organisation, ``outside`` the rest of the world."""

    sink: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    connector: str
    client: str
    local: str
    auth_as: str
    resolved_sender: str | None

    @property
    def headers(self) -> email.message.Message:
        """The parsed header section."""
        return email.message_from_bytes(
            self.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=email.policy.compat32
        )

    def header(self, name: str) -> str | None:
        """Return the first header of that name."""
        value = self.headers.get(name)
        return None if value is None else str(value)


@dataclass(frozen=True)
class Receipt:
    """The circumstances in which a message came in."""

    fqdn: str
    client: str
    local: str
    hello: str
    identity: Identity
    granted: frozenset[str]
    tls: str = ""

    @property
    def trusted(self) -> bool:
        """Whether the message counts as internal (ms-Exch-SMTP-Accept-Authentication-Flag, or a logged-on user)."""
        return self.identity.kind == "user" or rights.AUTHENTICATION_FLAG in self.granted


def filter_headers(content: bytes, granted: frozenset[str]) -> tuple[list[tuple[str, bytes]], bytes]:
    """Apply the header firewall; return the fields that stay and the body.

    Without ms-Exch-Accept-Headers-Routing the Received and Resent-* fields go, without -Organization the
    X-MS-Exchange-Organization-* ones, without -Forest the X-MS-Exchange-Forest-* ones (header firewall).
    """
    head, separator, body = content.partition(b"\r\n\r\n")
    fields: list[tuple[str, bytes]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] = (fields[-1][0], fields[-1][1] + b"\r\n" + line)
        elif line:
            fields.append((line.partition(b":")[0].decode("latin-1").strip().lower(), line))
    return [item for item in fields if _passes(item[0], granted)], separator + body if separator else b""


def _passes(name: str, granted: frozenset[str]) -> bool:
    if name == "received" or name.startswith("resent-"):
        return rights.HEADERS_ROUTING in granted
    if name.startswith(_ORGANIZATION):
        return rights.HEADERS_ORGANIZATION in granted
    if name.startswith(_FOREST):
        return rights.HEADERS_FOREST in granted
    return True


def hops(fields: list[tuple[str, bytes]]) -> int:
    """Count the Received fields."""
    return sum(name == "received" for name, _ in fields)


def stamp(
    fields: list[tuple[str, bytes]], body: bytes, receipt: Receipt, names: Mapping[str, str]
) -> tuple[bytes, str, str | None]:
    """Put the trace and organisation fields on; return the content, AuthAs and the resolved sender or None.

    ``names`` maps an address inside to its display name. Fields that came with the message and passed the firewall
    are kept instead of stamping them anew.
    """
    kept = dict(fields)
    resolved: str | None = None
    if receipt.trusted:
        fields, resolved = _resolve(fields, names)
    own = _organization_fields(receipt)
    lines = [_received(receipt).encode()]
    lines += [raw for _, raw in fields]
    lines += [f"{name}: {value}".encode() for name, value in own if name.lower() not in kept]
    auth_as = kept.get(_ORGANIZATION + "authas", dict(own)["X-MS-Exchange-Organization-AuthAs"].encode())
    return (
        b"\r\n".join(lines) + b"\r\n" + (body.removeprefix(b"\r\n") or b"\r\n"),
        auth_as.rpartition(b": ")[2].decode(),
        resolved,
    )


def _organization_fields(receipt: Receipt) -> list[tuple[str, str]]:
    fields = [
        ("X-MS-Exchange-Organization-AuthSource", receipt.fqdn),
        ("X-MS-Exchange-Organization-AuthAs", "Internal" if receipt.trusted else "Anonymous"),
    ]
    if receipt.trusted:
        # two hexadecimal digits; which ones has no public source
        fields.append(
            ("X-MS-Exchange-Organization-AuthMechanism", "10" if receipt.identity.kind == "secured" else "07")
        )
    if rights.BYPASS_ANTI_SPAM in receipt.granted:
        return [*fields, ("X-MS-Exchange-Organization-SCL", "-1")]
    return [
        *fields,
        ("X-MS-Exchange-Organization-SCL", "0"),
        (
            "X-MS-Exchange-Organization-Antispam-Report",
            "DV:3.3.5705.600;SID:SenderIDStatus None;OrigIP:" + receipt.client,
        ),
        ("X-MS-Exchange-Organization-SenderIdResult", "None"),
    ]


def _received(receipt: Receipt) -> str:
    secure = f" (version={receipt.tls})" if receipt.tls else ""
    return (
        f"Received: from {receipt.hello} ({receipt.client}) by {receipt.fqdn}\r\n"
        f" ({receipt.local}) with Microsoft SMTP Server{secure}; {format_datetime(datetime.now(UTC))}"
    )


def _resolve(fields: list[tuple[str, bytes]], names: Mapping[str, str]) -> tuple[list[tuple[str, bytes]], str | None]:
    """Replace the From field by the display name of the mailbox it names."""
    resolved: str | None = None
    result = []
    for name, raw in fields:
        if name == "from":
            address = parseaddr(raw.partition(b":")[2].decode("utf-8", "replace"))[1]
            display = names.get(address.lower())
            if display:
                resolved, raw = display, b"From: " + formataddr((display, address)).encode()
        result.append((name, raw))
    return result, resolved
