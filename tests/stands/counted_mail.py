# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices that write to a lab and keep count of what they have said and have been told."""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from exchange_lab.exchange.model import AccessControlEntry, ReceiveConnector
from exchange_lab.transport.bench import ANONYMOUS, ANONYMOUS_RIGHTS, RELAY, USER_RIGHTS, USERS

START = datetime(2026, 11, 24, 3, tzinfo=UTC)
# those without a front end
ALONE = ("2007", "2010", "edge")


@dataclass
class Told:
    """What a device has said and has been told."""

    sessions: int = 0
    messages: int = 0
    inside: int = 0
    outside: int = 0
    refused_outside: int = 0
    authenticated: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    tls: Counter[str] = field(default_factory=Counter)
    hello: Counter[str] = field(default_factory=Counter)
    senders: Counter[str] = field(default_factory=Counter)
    times: list[str] = field(default_factory=list)


class Device:
    """One session of a device, which keeps count in ``told``."""

    def __init__(self, told: Told, smtp: smtplib.SMTP) -> None:
        self.told, self.smtp = told, smtp

    def say(self, command: str) -> bool:
        """Say something and count the answer; return whether it was taken."""
        self.smtp.send(command.encode() + b"\r\n")
        code, text = self.smtp.getreply()
        if code < 400:
            return True
        status = re.match(rb"([245]\.\d+\.\d+) ", text)
        self.told.refusals[f"{code} {status[1].decode()}" if status else str(code)] += 1
        return False

    def hello(self, name: str, verb: str = "EHLO") -> None:
        self.told.hello[name] += 1
        assert (self.smtp.ehlo(name) if verb == "EHLO" else self.smtp.helo(name))[0] == 250

    def sender(self, address: str) -> bool:
        self.told.senders[address.partition("@")[2]] += 1
        return self.say(f"MAIL FROM:<{address}>")

    def recipient(self, address: str, rest: str = "") -> None:
        taken = self.say(f"RCPT TO:<{address}>{rest}")
        inside = address.endswith("lab.example")
        self.told.inside += taken and inside
        self.told.outside += taken and not inside
        self.told.refused_outside += not taken and not inside

    def data(self) -> None:
        if self.say("DATA"):
            self.told.messages += self.say("Subject: page\r\n\r\nx\r\n.")

    def chunks(self) -> None:
        """A message in two pieces (RFC 3030)."""
        pieces = b"Subject: page\r\n\r\n", b"in two\r\n"
        for number, piece in enumerate(pieces):
            self.smtp.send(b"BDAT %d%s\r\n" % (len(piece), b" LAST" * number) + piece)
            assert self.smtp.getreply()[0] == 250
        self.told.messages += 1

    def secure(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        assert self.smtp.starttls(context=context)[0] == 220
        assert isinstance(self.smtp.sock, ssl.SSLSocket)
        self.told.tls[str(self.smtp.sock.version())] += 1

    def log_on(self, name: str, password: str) -> None:
        self.smtp.docmd("AUTH LOGIN")
        for answer in (name, password):
            code, _ = self.smtp.docmd(base64.b64encode(answer.encode()).decode())
        self.told.authenticated += code == 235
        if code != 235:
            self.told.refusals[f"{code} 5.7.3"] += 1


class Site:
    """A lab with three connectors that log, and devices that talk to it; each session has a second of its own."""

    def __init__(self, stand: Any, version: str) -> None:
        self.stand, self.lab, self.version = stand, stand.lab, version
        self.server = self.lab.servers[0]
        self.devices: dict[tuple[str, str], Told] = {}
        self.now, self.opened, self.passed_on = START, 0, Told()
        self.server.transport.protocol_log.clock = lambda: self.now
        self._furnish()

    def _furnish(self) -> None:
        organisation, controller = self.lab.organisation, self.lab.organisation.directory.controllers[0]
        front = {} if self.version in ALONE else {"TransportRole": "FrontendTransport"}
        for made in organisation.connectors(self.server.name):
            organisation.directory.remove(controller, made.guid)
        network, [relay, own] = self.lab.details()["network"], [self.stand.address(number) for number in (25, 10)]
        anonymous = [AccessControlEntry(ANONYMOUS, right) for right in ANONYMOUS_RIGHTS]
        users = [AccessControlEntry(USERS, right) for right in (*USER_RIGHTS, *ANONYMOUS_RIGHTS)]
        listed: list[tuple[str, str, int, Any, list[AccessControlEntry]]] = [
            ("Relay, old", relay, 25, front, [*anonymous, AccessControlEntry(ANONYMOUS, RELAY)]),
            ("Everyone", own, 25, front, [*anonymous, *users]),
        ]
        if front:
            listed.append(("Behind", own, 2525, {"TransportRole": "HubTransport"}, users))
        values = organisation.default_values(organisation.server_of(self.server.name, controller))
        for name, address, port, role, acl in listed:
            given = {
                **values,
                **role,
                "Bindings": [(address, port)],
                "RemoteIPRanges": [str(network)],
                "AuthMechanism": frozenset({"Tls", "BasicAuth"}),
                "ProtocolLoggingLevel": "Verbose",
                "TarpitInterval": timedelta(seconds=5),
            }
            organisation.directory.add(controller, ReceiveConnector(name, self.server.name, f"guid-{name}", given, acl))
        organisation.directory.replicate()
        self.server.transport.refresh()

    def session(self, number: int, host: int, talk: Callable[[Device], Any], broken: bool = False) -> None:
        """Have a device say something through an address of the server; ``broken`` ends without QUIT."""
        connector = "Relay, old" if host == 25 else "Everyone"
        told = self.devices.setdefault((connector, self.stand.address(number)), Told())
        told.sessions += 1
        self.now += timedelta(seconds=1)
        told.times.append(f"{self.now:%Y-%m-%dT%H:%M:%S}.000Z")
        source, before = (self.stand.address(number), 0), told.messages
        smtp = smtplib.SMTP(self.stand.address(host), self.lab.smtp_port(25), timeout=30, source_address=source)
        talk(Device(told, smtp))
        self.passed_on.messages += told.messages - before
        if broken:
            assert smtp.sock is not None
            smtp.sock.shutdown(socket.SHUT_RDWR)
            smtp.close()
        else:
            smtp.quit()
        self.opened += 1
        self._wait()

    def _wait(self) -> None:
        """Until the server has noted that the session is over."""
        until = time.monotonic() + 10
        proxied = self.passed_on.messages * (self.version not in ALONE)
        while time.monotonic() < until:
            lines = b"".join(bytes(each) for each in self.server.transport.protocol_log.files.values()).splitlines()
            if sum(b",-,," in line for line in lines) == self.opened + proxied:
                return
            time.sleep(0.01)
        raise AssertionError("a session has no end in the log")

    def write(self, folder: Path) -> list[Path]:
        """Write the host's log files as they lie there, below a folder."""
        paths = []
        for path, content in self.server.files.content.items():
            if "smtpreceive" in path:
                paths.append(folder.joinpath(*path.split("\\")[1:]))
                paths[-1].parent.mkdir(parents=True, exist_ok=True)
                paths[-1].write_bytes(content)
        return sorted(paths)
