# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protocol logs of real conversations, by the layout of each version."""

from __future__ import annotations

import csv
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from exchange_lab.exchange.model import AccessControlEntry
from exchange_lab.transport import protocol_log
from exchange_lab.transport.bench import ANONYMOUS_RIGHTS, USER_RIGHTS, USERS, Bench

VERBOSE = {"ProtocolLoggingLevel": "Verbose"}
MOMENT = datetime(2026, 11, 24, 3, 4, 5, 678000, tzinfo=UTC)
Rows = list[dict[str, str]]


@pytest.fixture
def talk() -> Iterator[Callable[..., Rows]]:
    """Has a device talk to a server of some version, and returns the log as rows."""
    benches: list[Bench] = []

    def run(version: str, *steps: Callable[[Any], Any], **properties: Any) -> Rows:
        bench = Bench(version)
        benches.append(bench)
        bench.transport.protocol_log.clock = lambda: MOMENT
        given = {**VERBOSE, **properties}
        made = bench.connector("Relay, old", ["0.0.0.0-255.255.255.255"], ANONYMOUS_RIGHTS, **given)
        made.acl.extend(AccessControlEntry(USERS, right) for right in USER_RIGHTS)
        bench.transport.start()
        with bench.client() as client:
            for step in steps:
                step(client)
        bench.transport.stop()
        return rows(bench)

    yield run
    for bench in benches:
        bench.transport.stop()


def rows(bench: Bench) -> Rows:
    text = "".join(bytes(content).decode() for content in bench.transport.protocol_log.files.values())
    lines = text.split("\r\n")
    heads = {line.removeprefix("#Fields: ") for line in lines if line.startswith("#Fields")} or {""}
    (names,) = [head.split(",") for head in heads]
    return [
        dict(zip(names, row, strict=True)) for row in csv.reader(line for line in lines if line[:1] not in ("#", ""))
    ]


def said(found: Rows) -> list[str]:
    return [f"{row['event']} {row['data']}".rstrip() for row in found if row["event"] in "<>"]


def mail(recipient: str) -> Callable[[Any], Any]:
    def send(client: Any) -> None:
        with suppress(SMTPRecipientsRefused):
            client.sendmail("copier@example.com", [recipient], "Subject: page\r\n\r\nx")

    return send


def test_a_conversation_of_2019(talk: Callable[..., Rows]) -> None:
    found = talk("2019", mail("ada@example.com"))
    assert {row["connector-id"] for row in found} == {"EX1\\Relay, old"}
    assert [row["sequence-number"] for row in found] == list(map(str, range(len(found))))
    assert found[0]["date-time"] == "2026-11-24T03:04:05.678Z"
    assert found[0]["remote-endpoint"].rpartition(":")[0].endswith(".50")
    assert (found[0]["event"], found[-1]["event"], found[-1]["context"]) == ("+", "-", "Local")
    assert found[1]["context"] == "Set Session Permissions"
    assert "SMTPSubmit" in found[1]["data"]
    assert "AnyRecipient" not in found[1]["data"]
    # newer smtplibs write the commands small
    lines = [line.replace("< mail from:", "< mail FROM:").replace("< rcpt to:", "< rcpt TO:") for line in said(found)]
    words = [line.partition(" Hello")[0] if " Hello" in line else line for line in lines]
    assert words[1:5] == [
        "< ehlo device",
        "> 250  mail.example.com",
        "< mail FROM:<copier@example.com> size=18",
        "> 250 2.1.0 Sender OK",
    ]
    assert words[5:9] == [
        "< rcpt TO:<ada@example.com>",
        "> 250 2.1.5 Recipient OK",
        "< data",
        "> 354 Start mail input; end with <CRLF>.<CRLF>",
    ]
    assert words[9].startswith("> 250 2.6.0 <")
    assert words[10:] == ["< QUIT", "> 221 2.0.0 Service closing transmission channel"]


def test_2010_logs_each_line_of_a_reply(talk: Callable[..., Rows]) -> None:
    lines = said(talk("2010", mail("ada@example.com")))
    assert sum(line.startswith("> 250-") for line in lines) > 3
    assert not any(line.startswith("> 250  ") for line in lines)


def test_a_refusal_waits_in_the_tarpit(talk: Callable[..., Rows]) -> None:
    found = talk("2019", mail("someone@outside.test"), TarpitInterval=timedelta(seconds=5))
    place = next(number for number, row in enumerate(found) if row["data"].startswith("550 5.7.54"))
    assert found[place - 1]["data"] == "Tarpit for '0.00:00:05'"


def test_tls_and_a_logon(talk: Callable[..., Rows]) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def secure(client: Any) -> None:
        client.starttls(context=context)
        client.login("ada", "secret-of-ada")

    properties = {"AuthMechanism": frozenset({"Tls", "BasicAuth"})}
    found = talk("2019", secure, **properties)
    text = str(found)
    assert "secret-of-ada" not in text
    assert "c2VjcmV0LW9mLWFkYQ" not in text
    assert any(row["context"].startswith("TLS protocol SP_PROT_TLS1_3_SERVER negotiation succeeded") for row in found)
    assert "> 334 <authentication response>" in said(found)
    assert "> 235 <authentication response>" in said(found)
    assert not any("SP_PROT" in row["context"] for row in talk("2010", lambda client: client.starttls(context=context)))


def test_a_connector_that_does_not_log(talk: Callable[..., Rows]) -> None:
    assert talk("2019", mail("ada@example.com"), ProtocolLoggingLevel="None") == []


@pytest.mark.parametrize(
    ("version", "role", "file"),
    [
        ("2007", None, ("", "RECV20261124-1.LOG")),
        ("2010", None, ("", "RECV20261124-1.LOG")),
        ("2013", "FrontendTransport", ("FrontEnd", "RECV20261124-1.LOG")),
        ("2016", "HubTransport", ("Hub", "RECV2026112403-1.LOG")),
        ("se", "FrontendTransport", ("FrontEnd", "RECV2026112403-1.LOG")),
    ],
)
def test_where_each_version_writes(version: str, role: str | None, file: tuple[str, str]) -> None:
    bench = Bench(version)
    bench.transport.protocol_log.clock = lambda: MOMENT
    bench.connector("Relay", ["0.0.0.0-255.255.255.255"], ANONYMOUS_RIGHTS, TransportRole=role, **VERBOSE)
    bench.transport.start()
    bench.ask("ada@example.com")
    bench.transport.stop()
    assert list(bench.transport.protocol_log.files) == [file]


def test_a_file_that_is_full_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_log, "_MOST_BYTES", 400)
    bench = Bench("2013")
    bench.connector("Relay", ["0.0.0.0-255.255.255.255"], ANONYMOUS_RIGHTS, **VERBOSE)
    bench.transport.start()
    bench.ask("ada@example.com")
    bench.transport.stop()
    names = [name for _, name in bench.transport.protocol_log.files]
    assert [name.rpartition("-")[2] for name in names] == [f"{number}.LOG" for number in range(1, len(names) + 1)]
    assert len(names) > 2


@pytest.mark.parametrize("level", ["Verbose", "None"])
def test_what_the_front_end_passes_on_is_in_the_log_of_the_transport_service_too(level: str) -> None:
    bench = Bench("2019")
    everyone = ["0.0.0.0-255.255.255.255"]
    bench.connector("Default Frontend EX1", everyone, ANONYMOUS_RIGHTS, **VERBOSE)
    hub = {"TransportRole": "HubTransport", "Bindings": [("0.0.0.0", 2525)], "ProtocolLoggingLevel": level}
    bench.connector("Default EX1", everyone, USER_RIGHTS, **hub)
    bench.transport.start()
    bench.ask("ada@example.com")
    with bench.client() as client:
        mail("ada@example.com")(client)
    bench.transport.stop()
    hub_rows = [row for row in rows(bench) if row["connector-id"] == "EX1\\Default EX1"]
    if level == "None":
        assert hub_rows == []
        return
    assert {row["remote-endpoint"].rpartition(":")[0] for row in hub_rows} == {bench.at(10)}
    (spoken,) = [line for line in said(hub_rows) if "XPROXYFROM" in line]
    assert f" IP={bench.at(50)} " in spoken
    assert "DOMAIN=device " in spoken
    assert "< RCPT TO:<ada@example.com>" in said(hub_rows)
    # asking alone sends no message, so that one session is all
    assert sum(row["event"] == "+" for row in hub_rows) == 1
