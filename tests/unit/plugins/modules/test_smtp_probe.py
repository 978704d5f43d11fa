# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible.module_utils import basic
from ansible_collections.relayops.exchange.plugins.modules import smtp_probe
from exchange_lab.exchange.model import AcceptedDomain, AccessControlEntry
from exchange_lab.transport.bench import ANONYMOUS, ANONYMOUS_RIGHTS, RELAY, Bench
from exchange_lab.transport.service import Transport

ANY = ["0.0.0.0-255.255.255.255"]
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    made.transport.start()
    yield made
    made.transport.stop()


@pytest.fixture
def run(bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the module against the bench; arguments of None are left out."""

    def call(source: int = 50, check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
        given = {"host": bench.at(10), "port": bench.port_of(25), "source_address": bench.at(source), **arguments}
        given = {key: value for key, value in given.items() if value is not None}
        packed = json.dumps({"ANSIBLE_MODULE_ARGS": {"_ansible_check_mode": check_mode, **given}}).encode()
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", packed)
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        # where a controller's parts are loaded as well, a module's warnings go to the display instead of its result
        warned: list[str] = []
        monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, warning: warned.append(warning))
        with pytest.raises(SystemExit):
            smtp_probe.main()
        return {**json.loads(capsys.readouterr().out), "warned": warned}

    return call


def test_allowed_and_refused(bench: Bench, run: Run) -> None:
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.connector("Relay", [bench.at(50)], (*ANONYMOUS_RIGHTS, RELAY))
    bench.changed()
    here = run(rcpt_to=["someone@outside.test"], expect="allowed")
    assert (here["verdict"], here["changed"], here["recipients"][0]["enhanced"]) == ("allowed", False, "2.1.5")
    there = run(source=51, rcpt_to=["someone@outside.test", "ada@example.com"])
    assert [(each["verdict"], each["refusal"]) for each in there["recipients"]] == [
        ("refused", "unable_to_relay"),
        ("allowed", ""),
    ]
    assert there["verdict"] == "mixed"
    assert there["source_address"] == bench.at(51)
    assert not any(line.startswith("C: DATA") for line in there["transcript"])
    assert not bench.transport.delivered


def test_check_mode_asks_as_well(bench: Bench, run: Run) -> None:
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    assert run(check_mode=True, rcpt_to="ada@example.com")["verdict"] == "allowed"


def test_expectation_not_met(bench: Bench, run: Run) -> None:
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    result = run(rcpt_to="someone@outside.test", expect="allowed")
    assert result["failed"]
    assert "expected to answer allowed" in result["msg"]
    assert "Unable to relay" in result["msg"]
    assert result["recipients"][0]["verdict"] == "refused"


def test_a_closed_server_is_closed_in_every_form(bench: Bench, run: Run) -> None:
    bench.organisation.accepted_domains = [AcceptedDomain("example", "example.com")]
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    result = run(rcpt_to="someone@outside.test", forms="all", local_domain="example.com", expect="refused")
    assert not result.get("failed"), result["msg"]
    assert result["open_forms"] == []
    assert result["doubtful_forms"] == [
        "percent_hack_local_domain",
        "bang_path_local_domain",
        "quoted_local_part_local_domain",
    ]
    assert len(result["warned"]) == 3
    assert len(result["forms"]) == 26


def test_an_open_relay_is_open_in_many_forms(bench: Bench, run: Run) -> None:
    bench.connector("Open", ANY, (*ANONYMOUS_RIGHTS, RELAY))
    bench.changed()
    result = run(rcpt_to="someone@outside.test", forms="all", expect="refused")
    assert result["failed"]
    assert {"null_sender", "source_route", "sender_is_recipient", "without_brackets"} <= set(result["open_forms"])


def test_a_relay_for_the_null_sender_alone_is_found(bench: Bench, run: Run) -> None:
    """Sender rights refuse every sender but the null one on a hub connector."""
    rights = tuple(right for right in ANONYMOUS_RIGHTS if not right.endswith("Any-Sender"))
    bench.connector("Odd", ANY, (*rights, RELAY), TransportRole="HubTransport")
    bench.changed()
    result = run(rcpt_to="someone@outside.test", forms="all", expect="refused")
    assert "null_sender" in result["msg"]
    assert result["open_forms"] == ["null_sender"]


@pytest.mark.parametrize(
    ("arguments", "failure"),
    [
        ({"port": 1}, "refused"),
        ({"host": "no-such-host.invalid"}, "unresolved"),
        ({"source_address": "198.51.100.9"}, "source_address"),
    ],
)
def test_no_connection_is_no_refusal(bench: Bench, run: Run, arguments: dict[str, Any], failure: str) -> None:
    result = run(rcpt_to="someone@outside.test", expect="refused", **arguments)
    assert (result["failed"], result["failure"]) == (True, failure)
    assert "\n" not in result["msg"]


def test_nonsense_is_refused_before_anything_is_sent(bench: Bench, run: Run) -> None:
    result = run(rcpt_to="someone@outside.test\r\nDATA")
    assert "not started" in result["msg"]
    assert result["transcript"] == []


def test_a_service_that_is_not_there_is_deferred(bench: Bench, run: Run) -> None:
    bench.connector("Net", [bench.at(60)], ANONYMOUS_RIGHTS)
    bench.changed()
    result = run(rcpt_to="someone@outside.test", expect="refused")
    assert result["failed"]
    assert result["recipients"][0]["refusal"] == "transport_inactive"


def test_tls(tmp_path: Path, run: Run, bench: Bench) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(bench.at(10)).configure_cert(context)
    bench.transport.stop()
    bench.transport = Transport("EX1", bench.organisation, bench.host, bench.port_of, certificate=context)
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.transport.start()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trusted = run(rcpt_to="ada@example.com", starttls="required", ca_path=str(tmp_path / "ca.pem"))
    assert trusted["tls"]["verified"]
    assert trusted["tls"]["names"] == [bench.at(10)]
    assert "STARTTLS" not in trusted["extensions"]
    doubted = run(rcpt_to="ada@example.com", starttls="required")
    assert (doubted["failure"], "validate_certs" in doubted["msg"]) == ("tls", True)
    anyhow = run(rcpt_to="ada@example.com", starttls="if_offered", validate_certs=False)
    assert anyhow["tls"]["sha256"] == trusted["tls"]["sha256"]


def test_rights_are_seen_at_once(bench: Bench, run: Run) -> None:
    connector = bench.connector("Default", ANY, ANONYMOUS_RIGHTS)
    bench.changed()
    assert run(rcpt_to="someone@outside.test")["verdict"] == "refused"
    connector.acl.append(AccessControlEntry(ANONYMOUS, RELAY))
    bench.changed()
    assert run(rcpt_to="someone@outside.test")["verdict"] == "allowed"


@pytest.mark.parametrize("version", ["2010", "2019"])
def test_tells_exchanges_refusals_apart_and_names_their_cause(version: str, run: Run) -> None:
    bench = Bench(version)
    role = {"TransportRole": "FrontendTransport" if version == "2019" else None}
    bench.connector("Default", ANY, ANONYMOUS_RIGHTS, **role)
    bench.connector("Closed", [bench.at(51)], **role)
    bench.connector("One", [bench.at(52)], ANONYMOUS_RIGHTS, MaxInboundConnectionPerSource=1, **role)
    bench.connector("Elsewhere", [bench.at(53)], Bindings=[("0.0.0.0", 587)], **role)
    bench.transport.start()
    try:
        place = {"host": bench.at(10), "port": bench.port_of(25), "rcpt_to": ["someone@outside.test"]}
        found = {}
        with bench.client(52):
            for source in (50, 51, 52):
                (answer,) = run(source_address=bench.at(source), **place)["recipients"]
                found[source] = answer["refusal"]
                assert answer["cause"].endswith(".")
        elsewhere = run(source_address=bench.at(50), **{**place, "port": bench.port_of(587)})
    finally:
        bench.transport.stop()
    # the wording of 2010 does not say which of the limits it was
    limit = "connection_limit" if version == "2010" else "per_source_limit"
    assert found == {50: "unable_to_relay", 51: "not_authenticated", 52: limit}
    assert elsewhere["recipients"][0]["refusal"] == "transport_inactive"
