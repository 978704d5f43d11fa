# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module relay_audit in plays: every version, several servers in one session, files for CI systems, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sample_report
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

AUDIT = "relayops.exchange.relay_audit"
RELAY, DEVICE, STRANGER = 25, 77, 78


@pytest.fixture
def audit(ansible_playbook: Any) -> Callable[..., Any]:
    """Run these tasks on the first server alone, in the lab's session."""

    def run(lab: Lab, *tasks: dict[str, Any], **options: Any) -> Any:
        play = {
            "hosts": "ex01",
            "gather_facts": False,
            "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
            "tasks": list(tasks) or [{"name": "audit", AUDIT: options}],
        }
        return ansible_playbook(play, inventory(lab.details()))

    return run


@pytest.mark.parametrize(
    ("version", "language"),
    [("2007", "de"), ("2010", "en"), ("2013", "de"), ("2016", "fr"), ("se", "en"), ("edge", "de")],
)
def test_says_who_may_relay_on_every_version(
    make_lab: Callable[..., Lab], audit: Any, relays: Any, address: Any, version: str, language: str
) -> None:
    lab = make_lab(version, language=language)
    estate = sample_report.Estate(lab)
    estate.add_address(address(lab, RELAY))
    has_roles = version in ("2013", "2016", "se")
    more = {"TransportRole": "FrontendTransport" if has_roles else None}
    estate.connector("EX01", "Relay copiers", [f"{{net}}.{DEVICE}"], Bindings=[f"{address(lab, RELAY)}:25"], **more)

    played = audit(lab, clients=[address(lab, DEVICE)])
    assert played.code == 0, played.output
    result = played.result("audit")
    (row,) = (row for row in result["access"] if row["connector"] == "Relay copiers")
    assert row["ranges"] == [address(lab, DEVICE)]
    assert "relay" in row["may"]["anyone"]
    assert relays(lab, address(lab, DEVICE), address(lab, RELAY))
    assert not relays(lab, address(lab, STRANGER), address(lab, RELAY))
    others = [row for row in result["access"] if row["connector"] != "Relay copiers"]
    assert not any("relay" in row["may"].get("anyone", {}) for row in others)
    assert [each for each in result["findings"] if each["severity"] in ("critical", "high")] == []
    assert result["clients"][0]["connector"] == "Relay copiers"
    assert lab.journal.open_sessions == []


def test_one_session_reads_all_servers(make_lab: Callable[..., Lab], audit: Any) -> None:
    lab = make_lab("2019", servers=3)
    lab.journal.clear()
    played = audit(lab, servers=["*"])
    assert played.code == 0, played.output
    result = played.result("audit")
    assert [server["name"] for server in result["servers"]] == ["EX01", "EX02", "EX03"]
    assert {row["server"] for row in result["access"]} == {"EX01", "EX02", "EX03"}
    assert len([change for change in lab.journal.sessions if change.opened]) == 1
    # an Exchange server in a relay range is found whether it is audited itself or not
    sample_report.Estate(lab).connector("EX01", "Relay", [lab.servers[1].address])
    (found,) = audit(lab).result("audit")["findings"]
    assert (found["rule"], found["evidence"]) == (
        "exchange_server_in_range",
        [f"addresses: {lab.servers[1].address} (EX02)"],
    )
    two = audit(lab, servers=["ex02", "EX03.lab.example", "EX02"]).result("audit")
    assert [server["name"] for server in two["servers"]] == ["EX02", "EX03"]


def test_fails_from_a_severity_on_and_writes_for_ci_systems(
    make_lab: Callable[..., Lab], audit: Any, tmp_path: Path
) -> None:
    lab = make_lab("2019")
    sample_report.Estate(lab).connector("EX01", "Wide", ["10.0.0.0/16"])
    before = tmp_path / "before.json"
    files = {"sarif": str(tmp_path / "relay.sarif"), "junit": str(tmp_path / "relay.xml")}
    keep = {
        "ansible.builtin.copy": {"content": "{{ first | to_json }}", "dest": str(before)},
        "delegate_to": "localhost",
    }
    played = audit(
        lab,
        {"name": "pass", AUDIT: {"fail_on": "high", **files}, "register": "first"},
        keep,
        {"name": "fail", AUDIT: {"fail_on": "medium", "previous": str(before)}, "ignore_errors": True},
        {"name": "wrong file", AUDIT: {"previous": str(tmp_path / "relay.xml")}, "ignore_errors": True},
        {"name": "no folder", AUDIT: {"sarif": str(tmp_path / "no" / "relay.sarif")}, "ignore_errors": True},
        {"name": "wrong client", AUDIT: {"clients": [{"name": "copier"}]}, "ignore_errors": True},
        {"name": "no server", AUDIT: {"servers": ["EX09"]}, "ignore_errors": True},
        {"name": "empty", AUDIT: {name: "" for name in ("servers", "clients", "fail_on", "previous", "sarif")}},
    )
    assert played.code == 0, played.output
    assert not played.result("pass")["changed"]
    failed = played.result("fail")
    assert failed["msg"].startswith(
        "1 finding of severity medium or graver, the gravest: EX01\\Wide lets more than one"
    )
    assert failed["changes"]["findings_new"] == failed["changes"]["access"] == []
    assert failed["summary"]["medium"] == 1
    messages = {name: played.result(name)["msg"] for name in ("wrong file", "no folder", "wrong client", "no server")}
    assert "is not a report of this module" in messages["wrong file"]
    assert "cannot be written, there is no folder" in messages["no folder"]
    assert "clients[0] needs an address" in messages["wrong client"]
    assert "EX09" in messages["no server"]
    assert json.loads((tmp_path / "relay.sarif").read_text())["version"] == "2.1.0"
    assert ElementTree.parse(tmp_path / "relay.xml").getroot().get("failures") == "0"


def test_a_missing_role_is_named(make_lab: Callable[..., Lab], audit: Any) -> None:
    lab = make_lab("2019")
    lab.organisation.assign(lab.username, "Server Management")
    played = audit(lab)
    assert played.code != 0
    assert "role" in played.result("audit")["msg"]
