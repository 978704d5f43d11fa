# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real mail to every version of the lab, and what smtp_receive_log reads of it in the version's own files.

What is expected is what the devices have said and have been told, which they count themselves.
"""

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

import pytest
import receive_log_module
from exchange_lab.exchange.model import AccessControlEntry, ReceiveConnector
from exchange_lab.exchange.versions import PROFILES
from exchange_lab.transport.bench import ANONYMOUS, ANONYMOUS_RIGHTS, RELAY, USER_RIGHTS, USERS

START = datetime(2026, 11, 24, 3, tzinfo=UTC)
CLASSIC = ("2007", "2010")
# by version: the folders below TransportRoles\Logs, the files of that hour, and the second line of their headers
FOLDERS = {"2007": [""], "2010": [""], "edge": ["edge"]}
BOTH = ["frontend", "hub"]
HEADERS = {"2007": "8.0.0.0", "2010": "14.0.0.0"}
FIELDS = "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context"
INSIDE, OUTSIDE = "ada@lab.example", "someone@fabrikam.example"


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
        front = {} if self.version in FOLDERS else {"TransportRole": "FrontendTransport"}
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
        proxied = self.passed_on.messages * (self.version not in FOLDERS)
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


def converse(site: Site) -> None:
    """Mail as it is in practice."""

    def copier(device: Device) -> None:
        device.hello("Copier-77")
        device.sender("copier@lab.example")
        device.recipient(INSIDE)
        device.recipient(OUTSIDE, " NOTIFY=NEVER")
        device.data()

    def again(device: Device) -> None:
        device.hello("copier-77", "HELO")
        device.sender("")
        device.recipient(OUTSIDE)
        device.data()
        device.sender("copier@sub.lab.example")
        device.recipient('"bob, jr"@fabrikam.example')
        device.chunks()

    def refused(device: Device) -> None:
        device.hello("door.lab.example")
        device.say("NONSENSE")
        device.sender("door@adatum.example")
        for recipient in (OUTSIDE, INSIDE, OUTSIDE):
            device.recipient(recipient)
        device.data()

    def user(password: str) -> Callable[[Device], None]:
        def talk(device: Device) -> None:
            device.hello("laptop")
            device.secure()
            device.hello("laptop")
            device.log_on(site.lab.username, password)
            device.sender(f"{site.lab.username.rpartition(chr(92))[2].lower()}@lab.example")
            device.recipient(OUTSIDE)
            device.data()

        return talk

    def breaking(device: Device) -> None:
        device.hello("broken")
        device.sender("broken@lab.example")
        device.recipient(OUTSIDE)

    site.session(77, 25, copier)
    site.session(60, 10, refused)
    site.session(63, 10, user(site.lab.password))
    site.session(64, 10, user("not-the-password"))
    site.session(61, 25, lambda _device: None)
    site.session(62, 25, breaking, broken=True)
    site.session(77, 25, again)
    site.session(60, 10, refused)


def described(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in row if name not in ("server", "connector", "client", "proxied")}


def expected(told: Told, version: str) -> dict[str, Any]:
    tls = Counter({"unknown": told.tls.total()}) if version in CLASSIC else told.tls
    return {
        "sessions": told.sessions,
        "messages": told.messages,
        "recipients_inside": told.inside,
        "recipients_outside": told.outside,
        "refused_outside": told.refused_outside,
        "refusals": dict(told.refusals),
        "tls": {name: count for name, count in tls.items() if count},
        "authenticated": told.authenticated,
        "helo_names": dict(Counter(name.lower() for name in told.hello.elements())),
        "sender_domains": dict(told.senders),
        "first_seen": told.times[0],
        "last_seen": told.times[-1],
    }


@pytest.mark.parametrize("version", PROFILES)
def test_what_is_counted_is_what_was_said(
    version: str, relay_stand: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    site = Site(relay_stand(exchange=version, whole=True), version)
    converse(site)
    paths = site.write(tmp_path)
    folders = FOLDERS.get(version, BOTH)
    name = "recv20261124-1.log" if version in ("2007", "2010", "2013") else "recv2026112403-1.log"
    layout = [Path("transportroles/logs", folder, "protocollog/smtpreceive", name) for folder in folders]
    assert [Path(*path.parts[path.parts.index("transportroles") :]) for path in paths] == layout
    for path in paths:
        software, of_version, kind, _date, fields, *_lines = path.read_text().splitlines()
        assert (software, of_version, kind, fields) == (
            "#Software: Microsoft Exchange Server",
            f"#Version: {HEADERS.get(version, '15.0.0.0')}",
            "#Log-type: SMTP Receive Protocol Log",
            f"#Fields: {FIELDS}",
        )
    result = receive_log_module.run(
        monkeypatch, capsys, paths=[str(tmp_path)], patterns=["recv*"], accepted_domains=["*.lab.example"]
    )
    assert (result["files"], result["problems"], result["warned"]) == (len(folders), [], [])
    skipped = result["lines_skipped"]
    assert sum(skipped.values()) == skipped["headers"] == 5 * len(folders)
    assert result["lines"] == sum(path.read_bytes().count(b"\n") for path in paths)
    rows = {(row["connector"], row["client"]): row for row in result["usage"]}
    assert {row["server"] for row in result["usage"]} == {site.server.name.upper()}
    behind = rows.pop(("Behind", site.server.address), None)
    assert {place: described(row) for place, row in rows.items()} == {
        place: expected(told, version) for place, told in site.devices.items()
    }
    assert not any(row["proxied"] for row in rows.values())
    # the mix has had something of everything, or it would show nothing
    whole = [*site.devices.values()]
    assert sum(told.messages for told in whole) == 6
    assert (sum(told.authenticated for told in whole), sum(told.refused_outside for told in whole)) == (1, 5)
    assert sum(told.inside for told in whole) == 3
    assert sum(told.outside for told in whole) == 5
    if folders == BOTH:
        assert behind is not None
        assert (behind["sessions"], behind["messages"], behind["proxied"], behind["authenticated"]) == (6, 6, 6, 6)
        assert (behind["recipients_inside"], behind["recipients_outside"]) == (3, 4)
    else:
        assert behind is None
