# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task records of its conversation with a server: enough to play the server's part, and no credentials."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

PASSWORD = "Lab-Passw0rd-that-nobody-may-see!"
Play = Callable[..., Any]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019", password=PASSWORD) as started:
        yield started


def play(recording: Path, *tasks: dict[str, Any]) -> dict[str, Any]:
    defaults = "{{ exchange_session | combine({'exchange_recording': recording}) }}"
    return {
        "hosts": "all",
        "gather_facts": False,
        "vars": {"recording": str(recording)},
        "module_defaults": {"group/relayops.exchange.exchange": defaults},
        "tasks": list(tasks),
    }


def rounds(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()[1:]]


def test_both_ways_to_a_server_are_recorded(lab: Lab, tmp_path: Path, ansible_playbook: Play) -> None:
    relay = lab.servers[0].address.rpartition(".")[0] + ".25"
    connectors = [{"name": "Copiers", "address": relay, "clients": ["192.0.2.77"], "comment": "third floor"}]
    path = tmp_path / "recording"
    tasks = (
        {"relayops.exchange.secondary_ip": {"address": f"{relay}/24"}},
        {"relayops.exchange.relay_connector": {"connectors": connectors}},
    )
    played = ansible_playbook(play(path, *tasks), inventory(lab.details()))
    assert played.stats["ex01"]["changed"] == 2, played.output
    found = rounds(path)
    assert {entry["host"] for entry in found} == {"ex01"}
    hosts = [entry for entry in found if entry["shell"] == "host"]
    assert hosts[0]["sent"]["script"].startswith("Get-NetIPAddress")
    assert hosts[0]["received"]["exit_code"] == 0
    said = [entry for entry in found if "statements" in entry["sent"]]
    new = [entry for entry in said if entry["sent"]["statements"][0][0]["cmdlet"] == "New-ReceiveConnector"]
    assert new[0]["sent"]["statements"][0][0]["parameters"]["RemoteIPRanges"] == ["192.0.2.77"]
    assert {message["type"] for message in new[0]["received"]["messages"]} >= {"PIPELINE_OUTPUT", "PIPELINE_STATE"}
    assert "Copiers" in new[0]["received"]["messages"][1]["clixml"]
    assert PASSWORD not in path.read_text()


def test_a_session_that_fails_is_recorded(lab: Lab, tmp_path: Path, ansible_playbook: Play) -> None:
    path = tmp_path / "recording"
    lab.faults.inject("unavailable", at=1, times=1, endpoint="exchange", command="Get-ExchangeServer")
    tasks = (
        {"relayops.exchange.receive_connector_info": {}},
        {"relayops.exchange.receive_connector_info": {"endpoint_password": "Wr0ng-Passw0rd"}, "ignore_errors": True},
    )
    played = ansible_playbook(play(path, *tasks), inventory(lab.details()))
    assert played.stats["ex01"]["ok"] == 2, played.output
    broken = [entry["broken"] for entry in rounds(path) if "broken" in entry]
    assert [(each["how"], each["status"]) for each in broken] == [("status", 503), ("status", 401)]
    assert "Passw0rd" not in path.read_text()


def test_a_file_that_is_none_of_its_own_is_left_alone(lab: Lab, tmp_path: Path, ansible_playbook: Play) -> None:
    path = tmp_path / "group_vars.yml"
    path.write_text("relay: true\n")
    lab.journal.clear()
    played = ansible_playbook(play(path, {"relayops.exchange.receive_connector_info": {}}), inventory(lab.details()))
    assert "is there already and is no recording. Set exchange_recording to" in played.results()[0]["msg"]
    assert path.read_text() == "relay: true\n"
    assert lab.journal.as_data()["entries"] == []
