# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the audit says of a client is what the lab's SMTP service does when that client connects and tries.

Hypothesis makes up the connectors; each is tried by SMTP conversations over sockets from several client addresses.
``RELAYOPS_LONG=1`` tries ten times as many.
"""

from __future__ import annotations

import os
import re
import smtplib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import capability as can
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import (
    AcceptedDomain,
    Connector,
    Estate,
    Server,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.partition import Cell
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.view import ServerView, server_view
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from exchange_lab.exchange import model
from exchange_lab.transport.bench import ANONYMOUS, SECURED, USERS, Bench
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as some

EXAMPLES = 3000 if os.environ.get("RELAYOPS_LONG") == "1" else 300
EVERYONE = model.Principal("Everyone", "S-1-1-0")
RIGHTS = [
    "ms-Exch-SMTP-Submit",
    "ms-Exch-SMTP-Accept-Any-Recipient",
    "ms-Exch-SMTP-Accept-Any-Sender",
    "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
    "ms-Exch-SMTP-Accept-Authentication-Flag",
    "ms-Exch-Bypass-Anti-Spam",
    "ms-Exch-Bypass-Message-Size-Limit",
    "ms-Exch-Accept-Headers-Organization",
]
HEADERS = "ms-Exch-Accept-Headers-Routing"
GROUPS: dict[str, dict[model.Principal, list[str]]] = {
    "AnonymousUsers": {ANONYMOUS: [RIGHTS[0], RIGHTS[2], RIGHTS[3], HEADERS]},
    "ExchangeUsers": {USERS: [RIGHTS[0], RIGHTS[1], RIGHTS[5], HEADERS]},
    "ExchangeServers": {SECURED: [right for right in RIGHTS if not right.endswith("Organization")] + [HEADERS]},
}
VERSIONS = {
    "2010": Version.EXCHANGE_2010,
    "2013": Version.EXCHANGE_2013,
    "2019": Version.EXCHANGE_2019,
    "edge": Version.EXCHANGE_2019,
}
SENDERS = ["<>", "<ada@example.com>", "<eve@elsewhere.test>", "<x@branch.corp.example.net>"]
RECIPIENTS = [
    "<bob@example.com>",
    "<bob@outside.test>",
    "<bob@deep.branch.corp.example.net>",
    "<bob@notcorp.example.net>",
]
LIMIT = 2000
IPV6_ANY = "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"


def pieces(network: str) -> some.SearchStrategy[str]:
    host = some.integers(20, 36)
    return some.one_of(
        host.map(lambda last: f"{network}.{last}"),
        some.tuples(host, some.sampled_from([24, 26, 28, 30, 31])).map(lambda pair: f"{network}.{pair[0]}/{pair[1]}"),
        some.tuples(host, host).map(lambda pair: f"{network}.{min(pair)}-{network}.{max(pair)}"),
        some.sampled_from([*["0.0.0.0-255.255.255.255"] * 5, f"{network}.0/24", IPV6_ANY]),
    )


def connectors(network: str) -> some.SearchStrategy[list[dict[str, Any]]]:
    entry = some.tuples(
        some.sampled_from([ANONYMOUS, ANONYMOUS, SECURED, USERS, EVERYONE]),
        some.sampled_from(RIGHTS),
        some.booleans(),
        some.booleans(),
    )
    everywhere = ["0.0.0.0"] * 8 + [f"{network}.10"] * 2 + [f"{network}.11", f"{network}.12", "::"]
    address, port = some.sampled_from(everywhere), some.sampled_from([25, 25, 25, 587])
    group = some.sampled_from(["AnonymousUsers"] * 4 + sorted(GROUPS))
    one = some.fixed_dictionaries(
        {
            "ranges": some.lists(pieces(network), min_size=0, max_size=5),
            "bindings": some.lists(some.tuples(address, port), min_size=1, max_size=3),
            "enabled": some.sampled_from([True] * 7 + [False]),
            "role": some.sampled_from(["FrontendTransport"] * 9 + ["HubTransport"]),
            "auth": some.sampled_from(
                [{"Tls"}, {"Tls", "BasicAuth"}, {"Tls", "BasicAuth"}, {"Tls", "ExternalAuthoritative"}, set()]
            ),
            "groups": some.sets(group, min_size=1, max_size=3) | some.just(set()),
            "entries": some.lists(entry, max_size=5),
        }
    )
    return some.lists(one, min_size=1, max_size=6)


def domains() -> some.SearchStrategy[list[model.AcceptedDomain]]:
    known = [
        ("example.com", "Authoritative"),
        ("*.corp.example.net", "InternalRelay"),
        ("outside.test", "ExternalRelay"),
    ]
    return some.sets(some.sampled_from([*known, *known, ("*", "ExternalRelay")])).map(
        lambda chosen: [model.AcceptedDomain(name, name, kind) for name, kind in sorted(chosen)]
    )


@pytest.fixture(scope="module")
def benches() -> Iterator[dict[str, Bench]]:
    made = {version: Bench(version) for version in VERSIONS}
    for bench in made.values():
        bench.transport.start()
    yield made
    for bench in made.values():
        bench.transport.stop()


def set_up(bench: Bench, drawn: list[dict[str, Any]], accepted: list[model.AcceptedDomain], roles: bool) -> None:
    bench.organisation.accepted_domains[:] = accepted
    bench.organisation.received.clear()
    for number, one in enumerate(drawn):
        made = bench.connector(
            f"c{number}",
            one["ranges"],
            Bindings=one["bindings"],
            Enabled=one["enabled"],
            TransportRole=one["role"] if roles else None,
            AuthMechanism=frozenset(one["auth"]),
            MaxMessageSize=LIMIT,
            MaxProtocolErrors=None,
        )
        for group in sorted(one["groups"]):
            for principal, rights in GROUPS[group].items():
                made.acl.extend(model.AccessControlEntry(principal, right, source=group) for right in rights)
        made.acl.extend(model.AccessControlEntry(*entry) for entry in one["entries"])
        made.properties["PermissionGroups"] = frozenset(one["groups"])
    bench.changed()


def audited(bench: Bench, version: str) -> tuple[Estate, ServerView]:
    """Put the lab's configuration into the words of the audit."""
    found = tuple(
        Connector(
            "EX1",
            each.name,
            f"CN={each.name}",
            each.properties["Enabled"],
            each.properties["TransportRole"] or "",
            tuple(Binding(address, port) for address, port in each.properties["Bindings"]),
            tuple(IPRange.parse(text) for text in each.properties["RemoteIPRanges"]),
            each.properties["AuthMechanism"],
            tuple(sorted(each.properties["PermissionGroups"])),
            tuple(Entry(ace.principal.name, ace.right, ace.deny, ace.inherited) for ace in each.acl),
        )
        for each in bench.organisation.received
    )
    facts = ServerFacts("EX1", "ex1.example.com", VERSIONS[version], version == "edge", "15.2.1.1", frozenset(), "")
    held = frozenset(item.address for item in bench.host.addresses)
    accepted = tuple(AcceptedDomain(each.name, each.domain, each.kind) for each in bench.organisation.accepted_domains)
    server = Server(facts, found, held)
    estate = Estate((server,), accepted, Principals(anonymous=ANONYMOUS.name), date(2026, 11, 24))
    return estate, server_view(estate, server)


def accepts(estate: Estate, recipient: str) -> str:
    """The kind of the accepted domain of a recipient, by a second reading of what Get-AcceptedDomain documents."""
    domain = recipient.strip("<>").rpartition("@")[2]
    for each in sorted(estate.domains, key=lambda each: -len(each.domain)):
        tail = each.domain.removeprefix("*.")
        if each.domain in (domain, "*") or (each.domain.startswith("*.") and f".{domain}".endswith(f".{tail}")):
            return each.kind
    return ""


def predicted(estate: Estate, view: ServerView, endpoint: Binding, client: str, sender: str, recipient: str) -> int:
    """The reply code to RCPT, or to what fails before, that follows from the audit."""
    wildcard = Binding("0.0.0.0", endpoint.port)
    for point, _cells in view.served:
        if endpoint in point.endpoints and point.contested:
            return 421
    named = any(endpoint in point.endpoints for point, _cells in view.served)
    if not named and any(wildcard in point.endpoints and point.contested for point, _cells in view.served):
        return 421
    cell = view.serving(endpoint if named else wildcard, IPRange.parse(client))
    if cell is None:
        return 421
    may = view.access[cell.connector].get(can.ANYONE)
    if may is None:
        return 530
    inside = accepts(estate, sender) == "Authoritative"
    if sender != "<>" and can.ANY_SENDER not in may and (inside or can.FOREIGN_SENDER not in may):
        return 550
    return 250 if accepts(estate, recipient) or can.RELAY in may else 550


def listening(view: ServerView, endpoint: Binding) -> bool:
    wildcard = Binding("0.0.0.0", endpoint.port)
    return any(endpoint in point.endpoints or wildcard in point.endpoints for point, _cells in view.served)


def code(bench: Bench, client: smtplib.SMTP, sender: str, recipient: str) -> int:
    client.docmd("RSET")
    reply = client.docmd(f"MAIL FROM:{sender}")[0]
    return client.docmd(f"RCPT TO:{recipient}")[0] if reply == 250 else reply


def test_the_two_share_no_code() -> None:
    """What the lab decides with knows nothing of the collection, and the collection nothing of the lab."""
    root = Path(__file__).resolve().parents[2]
    for folder, other in (("tests/lab/exchange_lab", "ansible_collections"), ("plugins", "exchange_lab")):
        sources = sorted((root / folder).rglob("*.py"))
        assert sources
        assert [
            source for source in sources if re.search(rf"^\s*(from|import) {other}", source.read_text(), re.M)
        ] == []


@pytest.mark.timeout(600)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=some.data())
def test_agrees_with_the_transport(benches: dict[str, Bench], data: some.DataObject) -> None:
    version = data.draw(some.sampled_from(sorted(VERSIONS)))
    bench = benches[version]
    drawn = data.draw(connectors(bench.network))
    set_up(bench, drawn, data.draw(domains()), version in ("2013", "2019"))
    estate, view = audited(bench, version)
    for last, port in ((10, 25), (11, 25), (data.draw(some.integers(10, 11)), 587)):
        endpoint, source = Binding(bench.at(last), port), data.draw(some.integers(20, 36))
        if listening(view, endpoint):
            compare(bench, estate, view, endpoint, source)
            continue
        event("nothing listens")
        with pytest.raises(ConnectionRefusedError):
            bench.client(source, server=last, port=port)


def compare(bench: Bench, estate: Estate, view: ServerView, endpoint: Binding, source: int) -> None:
    address, last = bench.at(source), int(endpoint.address.rpartition(".")[2])
    if predicted(estate, view, endpoint, address, "<>", RECIPIENTS[0]) == 421:
        event("nobody serves the client")
        with pytest.raises(smtplib.SMTPConnectError):
            bench.client(source, server=last, port=endpoint.port)
        return
    client = bench.client(source, server=last, port=endpoint.port)
    with client:
        client.ehlo()
        for sender in SENDERS:
            for recipient in RECIPIENTS:
                real = code(bench, client, sender, recipient)
                event(f"answer {real}")
                assert real == predicted(estate, view, endpoint, address, sender, recipient), (sender, recipient)
        deliver(bench, view, endpoint, address, client)
    sign_in(bench, estate, view, endpoint, source)


def sign_in(bench: Bench, estate: Estate, view: ServerView, endpoint: Binding, source: int) -> None:
    """Ask again as a user who has signed in, as the null sender, whose right nobody checks."""
    cell = serving(view, endpoint, bench.at(source))
    assert cell is not None
    if "BasicAuth" not in cell.connector.auth:
        return
    with bench.client(source, server=int(endpoint.address.rpartition(".")[2]), port=endpoint.port) as client:
        client.login("ada", "secret-of-ada")
        may = view.access[cell.connector].get(can.USERS)
        for recipient in RECIPIENTS:
            real = code(bench, client, "<>", recipient)
            allowed = may is not None and (bool(accepts(estate, recipient)) or can.RELAY in may)
            event(f"answer {real} to a user")
            assert real == (530 if may is None else 250 if allowed else 550), recipient


def serving(view: ServerView, endpoint: Binding, address: str) -> Cell | None:
    named = any(endpoint in point.endpoints for point, _cells in view.served)
    return view.serving(endpoint if named else Binding("0.0.0.0", endpoint.port), IPRange.parse(address))


def deliver(bench: Bench, view: ServerView, endpoint: Binding, address: str, client: smtplib.SMTP) -> None:
    """Send one message as the null sender and compare what is bypassed and believed."""
    cell = serving(view, endpoint, address)
    assert cell is not None
    may = view.access[cell.connector].get(can.ANYONE, {})
    if code(bench, client, "<>", RECIPIENTS[0]) != 250:
        return
    forged = b"X-MS-Exchange-Organization-SCL: 7\r\n"
    assert client.data(b"Subject: x\r\n" + forged + b"\r\nbody")[0] == 250
    message = bench.transport.delivered[-1]
    assert message.connector == cell.connector.name
    believed = message.header("X-MS-Exchange-Organization-SCL") == "7"
    assert believed == (can.ORGANIZATION_HEADERS in may)
    bypassed = message.header("X-MS-Exchange-Organization-Antispam-Report") is None
    assert bypassed == (can.BYPASS_ANTI_SPAM in may)
    assert (message.auth_as == "Internal") == (can.INTERNAL_IDENTITY in may)
    client.docmd("RSET")
    size = client.docmd(f"MAIL FROM:<> SIZE={LIMIT + 1}")[0]
    assert (size == 250) == (can.BYPASS_SIZE_LIMIT in may)
