# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SmtpReceive protocol logs, written from what is really said, in the layout of each version.

"Protocol logging" (Exchange documentation) names files, headers and fields. What stands in data and context is as in
logs that people have published: Exchange 2007 and 2010 log each line of a reply, later versions join them; a logon is
hidden; TLS, permissions and the tarpit are information (``*``). Since 2016 the hour is in a file's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Protocol

FIELDS = "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context"
_HEADER = "#Software: Microsoft Exchange Server\r\n#Version: {version}\r\n#Log-type: SMTP Receive Protocol Log\r\n"
_MOST_BYTES = 10 << 20
_RIGHTS = {
    "ms-exch-smtp-submit": "SMTPSubmit",
    "ms-exch-smtp-accept-any-recipient": "SMTPAcceptAnyRecipient",
    "ms-exch-smtp-accept-any-sender": "SMTPAcceptAnySender",
    "ms-exch-smtp-accept-authoritative-domain-sender": "SMTPAcceptAuthoritativeDomainSender",
    "ms-exch-bypass-anti-spam": "BypassAntiSpam",
    "ms-exch-bypass-message-size-limit": "BypassMessageSizeLimit",
    "ms-exch-accept-headers-routing": "AcceptRoutingHeaders",
}
_TLS = (
    "TLS protocol SP_PROT_{version}_SERVER negotiation succeeded using bulk encryption algorithm CALG_AES_256 with"
    " strength 256 bits, MAC hash algorithm CALG_SHA_384 with strength 0 bits and key exchange algorithm"
    " CALG_ECDH_EPHEM with strength 256 bits"
)
Endpoint = tuple[str, int]


class Door(Protocol):
    """What is read of a connector."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def properties(self) -> Mapping[str, object]: ...


@dataclass
class ProtocolLog:
    """The receive logs of a server, by folder ("FrontEnd", "Hub", "Edge" or "") and name in ``files``.

    ``written`` is told the folder, the name and what has been added. ``clock`` gives the time.
    """

    server: str
    year: int
    version: str = "15.0.0.0"
    edge: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    written: Callable[[str, str, bytes], None] = lambda folder, name, added: None
    files: dict[tuple[str, str], bytearray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sessions are numbered as .NET counts time, in steps of 100 ns."""
        self._numbers = count(0x08DE_0000_0000_0000)

    @property
    def classic(self) -> bool:
        """Whether this is 2007 or 2010, with one transport service."""
        return self.year < 2013

    def session(self, door: Door, local: Endpoint, remote: Endpoint) -> SessionLog:
        """Begin to log a session, if the connector is to log at all."""
        verbose = str(door.properties.get("ProtocolLoggingLevel")) == "Verbose"
        connector = f"{self.server}\\{door.name}"
        head = f"{quoted(connector)},{next(self._numbers):016X}"
        return SessionLog(self, self._folder(door), head, f"{ended(local)},{ended(remote)}", verbose)

    def _folder(self, door: Door) -> str:
        if self.classic:
            return ""
        return "Edge" if self.edge else "FrontEnd" if door.role == "FrontendTransport" else "Hub"

    def add(self, folder: str, fields: str) -> None:
        """Add a line to the newest file of a folder, or to a new one."""
        now = self.clock()
        stamp = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
        text = f"{stamp},{fields}\r\n"
        name = self._name(folder, now)
        if (folder, name) not in self.files:
            text = f"{_HEADER.format(version=self.version)}#Date: {stamp}\r\n#Fields: {FIELDS}\r\n{text}"
        added = text.encode("utf-8", "surrogateescape")
        self.files.setdefault((folder, name), bytearray()).extend(added)
        self.written(folder, name, added)

    def _name(self, folder: str, now: datetime) -> str:
        day = f"RECV{now:%Y%m%d%H}" if self.year >= 2016 else f"RECV{now:%Y%m%d}"
        for number in count(1):
            name = f"{day}-{number}.LOG"
            if len(self.files.get((folder, name), b"")) < _MOST_BYTES:
                return name
        raise AssertionError


@dataclass
class SessionLog:
    """The lines of one session; ``verbose`` is whether they are written."""

    log: ProtocolLog
    folder: str
    head: str
    ends: str
    verbose: bool
    _number: int = 0
    _reply: list[str] = field(default_factory=list)
    _secret: bool = False

    def event(self, event: str, data: str = "", context: str = "") -> None:
        """Write a line: + connect, - disconnect, > send, < receive, * information."""
        if self.verbose:
            self.log.add(
                self.folder, f"{self.head},{self._number},{self.ends},{event},{quoted(data)},{quoted(context)}"
            )
            self._number += 1

    def received(self, line: str) -> None:
        """A command."""
        self._secret = line[:4].upper() == "AUTH"
        self.event("<", " ".join(line.split()[:2]) if self._secret else line)

    def sent(self, reply: str) -> None:
        """A line of a reply."""
        if self._secret and reply[:3] in ("334", "235"):
            reply = f"{reply[:3]} <authentication response>"
        if self.log.classic:
            self.event(">", reply)
            return
        self._reply.append(reply[4:])
        if reply[3:4] != "-":
            several = len(self._reply) > 1
            self.event(">", f"{reply[:3]} {' ' * several}{' '.join(self._reply)}")
            self._reply.clear()

    def permissions(self, granted: Iterable[str]) -> None:
        """What the session may do."""
        names = set(granted)
        self.event("*", " ".join(word for right, word in _RIGHTS.items() if right in names), "Set Session Permissions")

    def tls(self, version: str) -> None:
        """Which TLS it is, ``TLSv1.2``; 2007 and 2010 do not say."""
        if not self.log.classic:
            self.event("*", "", _TLS.format(version=version.replace("v", "").replace(".", "_")))


def quoted(text: str) -> str:
    """A field of a CSV file."""
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\r\n') else text


def ended(endpoint: Endpoint) -> str:
    """An address with its port."""
    address, port = endpoint
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
