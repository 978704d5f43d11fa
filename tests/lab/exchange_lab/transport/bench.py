# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport alone on settable connectors, for tests that need no shell, and a client with a source address."""

from __future__ import annotations

import itertools
import os
import smtplib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from exchange_lab.exchange.model import AcceptedDomain, AccessControlEntry, Mailbox, Principal, ReceiveConnector
from exchange_lab.transport.identity import Account
from exchange_lab.transport.service import Transport

ANONYMOUS = Principal("NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG", "S-1-5-7")
USERS = Principal("NT AUTHORITY\\Authenticated Users", "S-1-5-11")
SECURED = Principal("MS Exchange\\Externally Secured Servers", "S-1-9-1419165041-1139599005-3936102811-1022490595-23")
ANONYMOUS_RIGHTS = (
    "ms-Exch-SMTP-Submit",
    "ms-Exch-Accept-Headers-Routing",
    "ms-Exch-SMTP-Accept-Any-Sender",
    "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
)
USER_RIGHTS = (
    "ms-Exch-SMTP-Submit",
    "ms-Exch-Accept-Headers-Routing",
    "ms-Exch-Bypass-Anti-Spam",
    "ms-Exch-SMTP-Accept-Any-Recipient",
)
SECURED_RIGHTS = (
    *ANONYMOUS_RIGHTS,
    "ms-Exch-Bypass-Anti-Spam",
    "ms-Exch-Bypass-Message-Size-Limit",
    "ms-Exch-SMTP-Accept-Any-Recipient",
    "ms-Exch-SMTP-Accept-Authentication-Flag",
)
RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"
_networks = itertools.count(os.getpid() % 200)


@dataclass
class HeldAddress:
    address: str


@dataclass
class Host:
    addresses: list[HeldAddress]
    duplicates: set[str] = field(default_factory=set)
    callbacks: list[Callable[[], None]] = field(default_factory=list)

    def usable(self, address: str) -> bool:
        return address not in self.duplicates

    def on_change(self, callback: Callable[[], None]) -> None:
        self.callbacks.append(callback)


@dataclass
class Organisation:
    version: str = "2019"
    accepted_domains: list[AcceptedDomain] = field(default_factory=lambda: [AcceptedDomain("example", "example.com")])
    mailboxes: list[Mailbox] = field(default_factory=lambda: [Mailbox("copier@example.com", "Copier, Floor 3")])
    received: list[ReceiveConnector] = field(default_factory=list)
    callbacks: list[Callable[[], None]] = field(default_factory=list)

    def connectors(self, server: str) -> list[ReceiveConnector]:
        return [each for each in self.received if each.server == server]

    def on_change(self, callback: Callable[[], None], _server: str) -> None:
        self.callbacks.append(callback)


@dataclass
class Journal:
    entries: list[dict[str, Any]] = field(default_factory=list)

    def note(self, kind: str, **facts: Any) -> None:
        self.entries.append(facts)


class Bench:
    """A transport on a loopback network of its own: ``.10`` and ``.11`` are the server, the rest are devices."""

    def __init__(self, version: str = "2019") -> None:
        self.network = f"127.77.{next(_networks) % 250}"
        self.host = Host([HeldAddress(self.at(10)), HeldAddress(self.at(11))])
        self.organisation = Organisation(version)
        self.journal = Journal()
        self.ports: dict[int, int] = {}
        self.transport = Transport("EX1", self.organisation, self.host, self.port_of, self.journal, log_on=log_on)

    def at(self, last: int) -> str:
        return f"{self.network}.{last}"

    def port_of(self, port: int) -> int:
        if port not in self.ports:
            with socket.socket() as probe:
                probe.bind((self.at(10), 0))
                self.ports[port] = int(probe.getsockname()[1])
        return self.ports[port]

    def connector(
        self, name: str, ranges: list[str], rights: tuple[str, ...] = (), **properties: Any
    ) -> ReceiveConnector:
        values: dict[str, Any] = {
            "Bindings": [("0.0.0.0", 25)],
            "RemoteIPRanges": ranges,
            "Enabled": True,
            "AuthMechanism": frozenset({"Tls"}),
            "TransportRole": "FrontendTransport",
            "Fqdn": "mail.example.com",
            "MaxMessageSize": 37748736,
            "MaxProtocolErrors": 5,
            **properties,
        }
        acl = [AccessControlEntry(ANONYMOUS, right) for right in rights]
        made = ReceiveConnector(name, "EX1", f"guid-{name}", values, acl)
        self.organisation.received.append(made)
        return made

    def changed(self) -> None:
        for callback in [*self.organisation.callbacks, *self.host.callbacks]:
            callback()

    def client(self, source: int = 50, server: int = 10, port: int = 25, timeout: float = 10) -> smtplib.SMTP:
        return smtplib.SMTP(
            self.at(server),
            self.port_of(port),
            local_hostname="device",
            timeout=timeout,
            source_address=(self.at(source), 0),
        )

    def ask(self, recipient: str, source: int = 50, sender: str = "copier@example.com", **where: Any) -> str:
        """Return the reply to RCPT, or to the first command before it that was refused."""
        try:
            client = self.client(source, **where)
        except smtplib.SMTPConnectError as error:
            return f"{error.smtp_code} {text_of(error.smtp_error)}"
        with client:
            client.ehlo()
            for command in (
                f"MAIL FROM:<{sender}>",
                f"RCPT TO:{recipient}" if "<" in recipient else f"RCPT TO:<{recipient}>",
            ):
                code, text = client.docmd(command)
                if code != 250:
                    break
            return f"{code} {text_of(text)}"


def text_of(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def log_on(name: str, password: str) -> Account | None:
    """The one account of the bench."""
    return Account("EXAMPLE\\ada", "ada@example.com") if (name, password) == ("ada", "secret-of-ada") else None
