# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.report import report


def finding(severity: str, server: str = "EX01") -> dict[str, Any]:
    return {"rule": "open_relay", "severity": severity, "server": server, "message": "Everybody may relay."}


def row(connector: str) -> dict[str, Any]:
    return {"server": "EX01", "connector": connector, "endpoints": ["192.0.2.25:25", "192.0.2.26:25"]}


def client(name: str, *endpoints: str) -> dict[str, Any]:
    return {"server": "EX01", "connector": "Relay", "name": name, "endpoints": list(endpoints)}


def test_what_several_saw_is_there_once_and_the_gravest_comes_first() -> None:
    domain, other = {"domain": "example.com"}, {"domain": "example.net"}
    one = {"findings": [finding("low")], "accepted_domains": [domain], "generated": "2026-11-24"}
    two = {"findings": [finding("critical", "EX02")], "accepted_domains": [other, domain], "generated": "2026-11-23"}
    joined = report([one, two], "high")
    assert joined["accepted_domains"] == [domain, other]
    assert [each["severity"] for each in joined["findings"]] == ["critical", "low"]
    assert (joined["grave"], joined["generated"]) == ([finding("critical", "EX02")], "2026-11-24")
    assert joined["summary"] == {"critical": 1, "high": 0, "medium": 0, "low": 1, "info": 0}


def test_rows_name_the_registered_clients_that_they_serve() -> None:
    clients = [client("copier", "192.0.2.25:25"), client("door", "192.0.2.99:25"), client("copier", "192.0.2.25:25")]
    joined = report([{"findings": [], "access": [row("Relay"), row("Default")], "clients": clients}])
    assert [each["clients"] for each in joined["access"]] == [["copier"], []]


def test_thousands_of_clients_are_joined_at_once() -> None:
    clients = [client(f"device {number}", "192.0.2.25:25") for number in range(10_000)]
    start = time.process_time()
    joined = report([{"findings": [], "access": [row("Relay")], "clients": clients}] * 3)
    assert len(joined["access"][0]["clients"]) == len(joined["clients"]) == 10_000
    assert time.process_time() - start < 5


def test_what_hides_is_shown_to_people_and_kept_for_programs() -> None:
    hidden = {**finding("low"), "message": "\x1b[2J\u202egnp.exe\nnext", "fixes": [{"task": {"na\u200bme": ["\x9b"]}}]}
    shown = {
        **finding("low"),
        "message": "\ufffd[2J\ufffdgnp.exe\nnext",
        "fixes": [{"task": {"na\ufffdme": ["\ufffd"]}}],
    }
    assert report([{"findings": [hidden]}])["findings"] == [hidden]
    assert report([{"findings": [hidden]}], visible=True)["findings"] == [shown]


def test_a_severity_that_is_none() -> None:
    with pytest.raises(ValueError, match="'serious' is no severity"):
        report([], "serious")
