# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import concurrent.futures
import smtplib
import socket
import ssl
import threading
import time
from email.message import EmailMessage
from typing import Any

import pytest
from exchange_lab.exchange.model import AcceptedDomain, AccessControlEntry
from exchange_lab.transport.bench import (
    ANONYMOUS,
    ANONYMOUS_RIGHTS,
    RELAY,
    SECURED,
    SECURED_RIGHTS,
    USER_RIGHTS,
    USERS,
    Bench,
    HeldAddress,
    text_of,
)

ANY = ["0.0.0.0-255.255.255.255"]


def letter(sender: str = "copier@example.com", **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "ada@example.com", "Scan"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("A page.\n..with dots\n")
    return made


def send(bench: Bench, recipient: str, source: int = 50, message: EmailMessage | None = None) -> Any:
    with bench.client(source) as client:
        client.send_message(message or letter(), "copier@example.com", [recipient])
    return bench.transport.delivered[-1]


def secure_connector(bench: Bench, name: str, ranges: list[str]) -> Any:
    made = bench.connector(name, ranges, AuthMechanism=frozenset({"ExternalAuthoritative"}))
    made.acl.extend(AccessControlEntry(SECURED, right) for right in SECURED_RIGHTS)
    return made


RELAY_REFUSALS = {
    "2007": "550 5.7.1 Unable to relay",
    "2010": "550 5.7.1 Unable to relay",
    **dict.fromkeys(
        ("2013", "2016", "2019", "se", "edge"), "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"
    ),
}


@pytest.mark.parametrize(("bench", "refusal"), RELAY_REFUSALS.items(), indirect=["bench"])
def test_the_article(bench: Bench, refusal: str) -> None:
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    assert bench.ask("someone@outside.test") == refusal
    relay = bench.connector("RelayConnector", [bench.at(50)], (*ANONYMOUS_RIGHTS,), Bindings=[(bench.at(11), 25)])
    relay.acl.append(AccessControlEntry(ANONYMOUS, RELAY))
    bench.changed()
    assert bench.ask("someone@outside.test", server=11) == "250 2.1.5 Recipient OK"
    assert bench.ask("someone@outside.test", server=10) == refusal
    assert bench.ask("someone@outside.test", source=51, server=11) == refusal


@pytest.mark.parametrize(
    ("bench", "reply"),
    [
        ("2010", "530 5.7.1 Client was not authenticated"),
        ("2019", "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM"),
    ],
    indirect=["bench"],
)
def test_without_the_right_to_submit(bench: Bench, reply: str) -> None:
    bench.connector("Default", ANY)
    bench.changed()
    assert bench.ask("ada@example.com") == reply


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        ("ada@example.com", "250"),
        ("ada@EXAMPLE.com", "250"),
        ("ada@sub.example.com", "550"),
        ("ada@corp.example.net", "250"),
        ("ada@deep.sub.corp.example.net", "250"),
        ("ada@notcorp.example.net", "550"),
        ("ada%outside.test@example.com", "250"),
        ('"ada@outside.test"@example.com', "250"),
        ("<@example.com:ada@outside.test>", "550"),
        ("outside.test!ada@example.com", "250"),
        ("ada@[127.0.0.1]", "550"),
        ("ada@outside.test@example.com", "501"),
        ("<>", "501"),
    ],
)
def test_recipients(bench: Bench, recipient: str, code: str) -> None:
    bench.organisation.accepted_domains.append(AcceptedDomain("corp", "*.corp.example.net"))
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    assert bench.ask(recipient)[:3] == code


def test_the_star_domain_relays_for_everybody_and_leads_outside(bench: Bench) -> None:
    bench.organisation.accepted_domains.append(AcceptedDomain("all", "*", "ExternalRelay"))
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    assert send(bench, "someone@outside.test").sink == "outside"
    assert send(bench, "ada@example.com").sink == "inside"


def test_anonymous_and_externally_secured_side_by_side(bench: Bench) -> None:
    bench.connector("Anonymous", [bench.at(50)], (*ANONYMOUS_RIGHTS, RELAY))
    secure_connector(bench, "Secured", [bench.at(60)])
    bench.changed()
    plain, trusted = (send(bench, "someone@outside.test", source) for source in (50, 60))
    assert (plain.auth_as, trusted.auth_as) == ("Anonymous", "Internal")
    assert plain.header("X-MS-Exchange-Organization-AuthAs") == "Anonymous"
    assert plain.header("X-MS-Exchange-Organization-SCL") == "0"
    assert plain.header("X-MS-Exchange-Organization-Antispam-Report")
    assert trusted.header("X-MS-Exchange-Organization-SCL") == "-1"
    assert trusted.header("X-MS-Exchange-Organization-Antispam-Report") is None
    assert plain.header("From") == "copier@example.com"
    assert trusted.header("From") == '"Copier, Floor 3" <copier@example.com>'
    assert (plain.resolved_sender, trusted.resolved_sender) == (None, "Copier, Floor 3")
    assert plain.content.endswith(b"A page.\r\n..with dots\r\n")


@pytest.mark.parametrize(
    ("dropped", "changed"),
    [
        ("ms-Exch-Bypass-Anti-Spam", {"scl"}),
        ("ms-Exch-Bypass-Message-Size-Limit", {"size"}),
        ("ms-Exch-SMTP-Accept-Authentication-Flag", {"auth"}),
        ("ms-Exch-SMTP-Accept-Any-Recipient", {"relay"}),
        ("ms-Exch-Accept-Headers-Routing", {"received"}),
    ],
)
def test_each_right_changes_just_its_own(bench: Bench, dropped: str, changed: set[str]) -> None:
    connector = secure_connector(bench, "Secured", ANY)
    connector.properties["MaxMessageSize"] = 4000
    bench.changed()
    before = observe(bench)
    connector.acl[:] = [entry for entry in connector.acl if entry.right != dropped]
    bench.changed()
    after = observe(bench)
    assert {key for key in before if before[key] != after[key]} == changed


def observe(bench: Bench) -> dict[str, object]:
    message = send(bench, "ada@example.com", message=letter(Received="from elsewhere"))
    with bench.client() as client:
        client.ehlo()
        size = client.docmd("MAIL FROM:<copier@example.com> SIZE=5000")
    return {
        "scl": message.header("X-MS-Exchange-Organization-SCL"),
        "auth": message.auth_as,
        "size": size,
        "relay": bench.ask("someone@outside.test"),
        "received": len(message.headers.get_all("Received")),
    }


def test_header_firewall(bench: Bench) -> None:
    connector = bench.connector("Default", ANY, (*ANONYMOUS_RIGHTS,))
    bench.changed()
    forged = letter(X_MS_Exchange_Organization_AuthAs="Internal", X_MS_Exchange_Forest_X="1", Resent_From="x@y.z")
    message = send(bench, "ada@example.com", message=forged)
    assert message.header("X-MS-Exchange-Organization-AuthAs") == "Anonymous"
    assert message.header("X-MS-Exchange-Forest-X") is None
    assert message.header("Resent-From") == "x@y.z"
    for right in ("ms-Exch-Accept-Headers-Organization", "ms-Exch-Accept-Headers-Forest"):
        connector.acl.append(AccessControlEntry(ANONYMOUS, right))
    bench.changed()
    message = send(bench, "ada@example.com", message=forged)
    assert (message.auth_as, message.header("X-MS-Exchange-Forest-X")) == ("Internal", "1")


@pytest.mark.parametrize(
    ("role", "right", "sender", "code"),
    [
        ("HubTransport", "ms-Exch-SMTP-Accept-Any-Sender", "x@outside.test", "550"),
        ("HubTransport", "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender", "ada@example.com", "550"),
        ("HubTransport", "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender", "x@outside.test", "250"),
        ("HubTransport", "ms-Exch-SMTP-Accept-Any-Sender", "", "250"),
        ("FrontendTransport", "ms-Exch-SMTP-Accept-Any-Sender", "x@outside.test", "250"),
        ("FrontendTransport", "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender", "ada@example.com", "250"),
    ],
)
def test_sender_rights(bench: Bench, role: str, right: str, sender: str, code: str) -> None:
    bench.connector("Default", ANY, tuple(each for each in ANONYMOUS_RIGHTS if each != right), TransportRole=role)
    bench.changed()
    assert bench.ask("ada@example.com", sender=sender)[:3] == code


def test_a_user_logs_on_under_tls_and_sends_as_nobody_else(bench: Bench) -> None:
    connector = bench.connector("Client", ANY, AuthMechanism=frozenset({"Tls", "BasicAuth", "BasicAuthRequireTLS"}))
    connector.acl.extend(AccessControlEntry(USERS, right) for right in USER_RIGHTS)
    bench.changed()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with bench.client() as client:
        client.ehlo()
        assert not client.has_extn("auth")
        client.starttls(context=context)
        client.ehlo()
        assert client.esmtp_features["auth"].strip() == "LOGIN"
        assert client.docmd("MAIL FROM:<ada@example.com>")[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("ada", "wrong")
        client.docmd("AUTH", "LOGIN " + base64.b64encode(b"ada").decode())
        assert client.docmd(base64.b64encode(b"secret-of-ada").decode())[0] == 235
        code, text = client.docmd("MAIL FROM:<other@example.com>")
        assert f"{code} {text_of(text)}" == "550 5.7.60 SMTP; Client does not have permissions to send as this sender"
        assert client.docmd("MAIL FROM:<ada@example.com>")[0] == 250
        assert client.docmd("RCPT TO:<someone@outside.test>")[0] == 250


def test_size_recipients_and_hops(bench: Bench) -> None:
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS, MaxMessageSize=3000, MaxRecipientsPerMessage=2, MaxHopCount=1)
    bench.changed()
    with bench.client() as client:
        client.ehlo()
        assert client.esmtp_features["size"] == "3000"
        assert client.docmd("MAIL FROM:<a@example.com> SIZE=3001")[0] == 552
        client.docmd("MAIL FROM:<a@example.com>")
        assert [client.docmd(f"RCPT TO:<{n}@example.com>")[0] for n in range(3)] == [250, 250, 452]
        assert client.data(b"X: " + b"y" * 900 + b"\r\n\r\n" + b"z" * 3000)[0] == 552
        client.docmd("MAIL FROM:<a@example.com>")
        client.docmd("RCPT TO:<b@example.com>")
        assert client.data(b"Received: a\r\nReceived: b\r\n\r\nz")[0] == 554


def test_bdat(bench: Bench) -> None:
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    with bench.client() as client:
        client.ehlo()
        client.docmd("MAIL FROM:<a@example.com>")
        client.docmd("RCPT TO:<b@example.com>")
        client.send(b"BDAT 12\r\nSubject: x\r\n")
        assert client.getreply()[0] == 250
        client.send(b"BDAT 5 LAST\r\n\r\n.\r\n")
        assert client.getreply()[0] == 250
    assert bench.transport.delivered[-1].content.endswith(b"\r\n\r\n.\r\n")


def test_settings_show_in_the_dialogue(bench: Bench) -> None:
    connector = bench.connector(
        "Default",
        ANY,
        ANONYMOUS_RIGHTS,
        Banner="220 go away",
        PipeliningEnabled=False,
        SizeEnabled="Disabled",
        AuthMechanism=frozenset(),
        EnhancedStatusCodesEnabled=False,
    )
    bench.changed()
    with socket.create_connection((bench.at(10), bench.port_of(25))) as raw:
        assert raw.recv(100) == b"220 go away\r\n"
    with bench.client() as client:
        client.ehlo()
        assert not client.esmtp_features.keys() & {"pipelining", "size", "starttls", "enhancedstatuscodes"}
        assert client.docmd("MAIL FROM:<a@example.com>") == (250, b"Sender OK")
        assert client.docmd("STARTTLS")[0] == 500
    connector.properties.update(RequireTLS=True, AuthMechanism=frozenset({"Tls"}))
    bench.changed()
    with bench.client() as client:
        client.ehlo()
        assert client.docmd("MAIL FROM:<a@example.com>")[0] == 451


def test_connection_limits(bench: Bench) -> None:
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS, MaxInboundConnectionPerSource=2, MaxInboundConnection=3)
    bench.changed()
    held = [bench.client(source) for source in (50, 50)]
    assert "per-source limit" in bench.ask("ada@example.com", source=50)
    held.append(bench.client(51))
    assert bench.ask("ada@example.com", source=52)[:9] == "421 4.3.2"
    for client in held:
        client.quit()
    assert bench.ask("ada@example.com", source=50)[:3] == "250"


def test_rate_limit(bench: Bench) -> None:
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS, MessageRateLimit=2, MessageRateSource=frozenset({"IPAddress"}))
    bench.changed()
    replies = [bench.ask("ada@example.com")[:9] for _ in range(3)]
    assert replies[2] == "421 4.4.2"


def test_protocol_errors_end_the_session(bench: Bench) -> None:
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS, MaxProtocolErrors=2)
    bench.changed()
    with bench.client() as client:
        assert [client.docmd("FOO")[0] for _ in range(3)] == [500, 500, 421]


def test_nobody_for_this_client_and_contested_points(bench: Bench) -> None:
    connector = bench.connector("Net", [bench.at(50)], ANONYMOUS_RIGHTS)
    bench.changed()
    assert bench.ask("ada@example.com", source=51) == "421 4.3.2 Service not available"
    bench.connector("Hub", ANY, ANONYMOUS_RIGHTS, TransportRole="HubTransport")
    bench.changed()
    assert bench.ask("ada@example.com") == "421 4.3.2 Service not available"
    connector.properties["Enabled"] = False
    bench.changed()
    assert bench.ask("ada@example.com")[:3] == "250"


def test_listeners_follow_connectors_and_addresses(bench: Bench) -> None:
    connector = bench.connector("Default", ANY, ANONYMOUS_RIGHTS, Bindings=[("0.0.0.0", 25), (bench.at(12), 587)])
    bench.changed()
    assert bench.transport.endpoints == [(bench.at(10), 25), (bench.at(11), 25)]
    bench.host.addresses.append(HeldAddress(bench.at(12)))
    bench.host.duplicates.add(bench.at(11))
    bench.changed()
    assert bench.transport.endpoints == [(bench.at(10), 25), (bench.at(12), 25), (bench.at(12), 587)]
    with pytest.raises(ConnectionRefusedError):
        bench.client(server=11)
    held = bench.client(server=12)
    bench.host.addresses.pop()
    bench.changed()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        held.noop()
    connector.properties["Enabled"] = False
    bench.changed()
    assert bench.transport.endpoints == []


def test_a_point_that_cannot_be_opened_is_a_recorded_failure(bench: Bench) -> None:
    bench.host.addresses.append(HeldAddress("198.51.100.7"))
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    assert list(bench.transport.failures) == [("198.51.100.7", 25)]
    assert bench.ask("ada@example.com")[:3] == "250"


def test_ipv6(bench: Bench) -> None:
    bench.host.addresses.append(HeldAddress("::1"))
    bench.connector("Default", ["::1"], ANONYMOUS_RIGHTS, Bindings=[("::", 25)])
    bench.changed()
    with smtplib.SMTP("::1", bench.port_of(25)) as client:
        assert client.ehlo()[0] == 250


def test_two_hundred_at_once(bench: Bench) -> None:
    bench.connector("Relay", ANY, (*ANONYMOUS_RIGHTS, RELAY))
    bench.changed()
    start = time.monotonic()
    barrier = threading.Barrier(200)

    def one(number: int) -> None:
        barrier.wait()
        send(bench, "someone@outside.test", source=20 + number)

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        list(pool.map(one, range(200)))
    assert len(bench.transport.delivered) == 200
    assert len({message.client for message in bench.transport.delivered}) == 200
    assert time.monotonic() - start < 15
    # a client is done before the server has noticed that it left
    deadline = time.monotonic() + 5
    while +bench.transport.connections.total and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not +bench.transport.connections.total


def test_the_tarpit_is_noted_not_slept(bench: Bench) -> None:
    from datetime import timedelta

    bench.connector("Default", ANY, ANONYMOUS_RIGHTS, TarpitInterval=timedelta(seconds=5))
    bench.changed()
    start = time.monotonic()
    bench.ask("someone@outside.test")
    assert time.monotonic() - start < 5
    assert [entry["seconds"] for entry in bench.journal.entries if entry["event"] == "tarpit"] == [5.0]


def test_changes_under_fire(bench: Bench) -> None:
    connector = bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    stop = threading.Event()

    def toggle() -> None:
        while not stop.is_set():
            connector.acl.append(AccessControlEntry(ANONYMOUS, RELAY))
            bench.changed()
            connector.acl.pop()
            bench.changed()

    threads = [threading.Thread(target=toggle) for _ in range(3)]
    for thread in threads:
        thread.start()
    replies = {bench.ask("someone@outside.test", source=20 + number)[:3] for number in range(60)}
    stop.set()
    for thread in threads:
        thread.join()
    assert replies <= {"250", "550"}
