# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same playbook against a recording gives the same results as against the server that was recorded.

These are the steps that guide_replay.rst describes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab
from exchange_lab.replay.recording import read

Play = Callable[..., Any]

DEFAULTS = "{{ exchange_session | combine({'exchange_recording': recording | default(none)}) }}"


def relay(state: str) -> dict[str, Any]:
    connector = {"name": "Copiers", "address": "{{ relay }}", "clients": ["192.0.2.77"], "comment": "third floor"}
    return {"relayops.exchange.relay_connector": {"connectors": [connector | {"state": state}]}}


def address(state: str) -> dict[str, Any]:
    return {"relayops.exchange.secondary_ip": {"address": "{{ relay }}/24", "state": state}}


LIFE = [address("present"), relay("present"), relay("present"), relay("absent"), address("absent")]


def play(*tasks: dict[str, Any], **variables: Any) -> dict[str, Any]:
    return {
        "hosts": "all",
        "gather_facts": False,
        "vars": variables,
        "module_defaults": {"group/relayops.exchange.exchange": DEFAULTS},
        "tasks": list(tasks),
    }


def told(played: Any) -> list[Any]:
    """What a user sees of each task."""
    kept = ("changed", "msg", "diff", "error")
    return [{name: result[name] for name in kept if name in result} for result in played.results()]


@pytest.fixture
def replayed(tmp_path: Path, ansible_playbook: Play) -> Callable[..., tuple[Any, Any]]:
    """Play on a lab, then on what was recorded of it; the connections are those of ansible."""

    def both(lab: Lab, *tasks: dict[str, Any], kind: str = "winrm", again: str = "") -> tuple[Any, Any]:
        address = lab.servers[0].address.rpartition(".")[0] + ".25"
        path = tmp_path / "recording"
        first = ansible_playbook(play(*tasks, recording=str(path), relay=address), inventory(lab.details(), kind))
        with Lab(recording=read(path)) as replay:
            second = ansible_playbook(play(*tasks, relay=address), inventory(replay.details(), again or kind))
            assert [player.missing for player in replay.players] == [[]]
            assert [player.left for player in replay.players] == [0]
        return first, second

    return both


def test_the_life_of_a_connector(replayed: Any) -> None:
    """Recorded over one connection, it is replayed over another."""
    with Lab("2019") as lab:
        first, second = replayed(lab, *LIFE, kind="psrp", again="winrm")
    assert [result["changed"] for result in first.results()] == [True, True, False, True, True], first.output
    assert told(second) == told(first)


def test_errors_and_broken_sessions(replayed: Any) -> None:
    """A refusal by Exchange, a connection cut in the middle of a write, an account that is not let in."""
    nobody = {"connector": "Client Frontend EX01", "user": "LAB\\nobody", "rights": ["ms-Exch-SMTP-Submit"]}
    tasks = [
        {"relayops.exchange.connector_permission": nobody, "ignore_errors": True},
        address("present"),
        relay("present"),
        {"relayops.exchange.receive_connector_info": {}, "ignore_errors": True},
    ]
    with Lab("2019") as lab:
        lab.faults.inject("cut_after", verb="Command", endpoint="exchange", command="New-ReceiveConnector")
        lab.faults.inject("unauthorized", verb="Create", endpoint="exchange", at=4)
        first, second = replayed(lab, *tasks)
    refused, _added, _cut, locked_out = told(first)
    assert refused["error"]["message"].startswith("User or group"), first.output
    assert "authentication of user LAB" in locked_out["msg"], first.output
    for played in (first, second):
        assert "its outcome is unknown, the connection to" in " ".join(played.output.split())
    assert told(second)[:3] == told(first)[:3]
    # it names the address that it was locked out of
    assert "authentication of user LAB" in told(second)[3]["msg"]


def test_what_was_not_recorded_is_told(replayed: Any, ansible_playbook: Play, tmp_path: Path) -> None:
    with Lab("2019") as lab:
        replayed(lab, {"relayops.exchange.receive_connector_info": {}})
    with Lab(recording=read(tmp_path / "recording")) as replay:
        other: dict[str, Any] = {"relayops.exchange.accepted_domain_info": {}}
        played = ansible_playbook(play(other, relay=""), inventory(replay.details()))
    message = played.results()[0].get("msg", "")
    assert "was asked of ex01, which is not what was recorded: Get-ExchangeServer; Get-ReceiveConnector" in message, (
        played.output
    )


def test_an_anonymised_recording_is_replayed_alike(replayed: Any, ansible_playbook: Play, tmp_path: Path) -> None:
    """With the variables that went through the same hands, also where names are sorted and ranges are compared."""
    connectors = [
        {
            "name": name,
            "address": "{{ relay }}",
            "clients": [client, "10.20.30.64/26"],
            "comment": "Ottokar, Raum Zuse",
        }
        for name, client in (("Kopierer Zentrale", "10.20.40.5-10.20.40.60"),)
    ]
    tasks = [
        address("present"),
        {"relayops.exchange.relay_connector": {"connectors": "{{ wanted }}"}},
        {"relayops.exchange.relay_connector": {"connectors": "{{ wanted }}"}},
        {"relayops.exchange.relay_audit": {}},
        {"relayops.exchange.relay_connector": {"connectors": "{{ wanted | map('combine', {'state': 'absent'}) }}"}},
    ]
    src, dest = tmp_path / "recording", tmp_path / "anonymised"
    with Lab("2019") as lab:
        inside = lab.servers[0].address.rpartition(".")[0] + ".25"
        given = {"wanted": connectors, "relay": inside}
        first = ansible_playbook(play(*tasks, recording=str(src), **given), inventory(lab.details()))
    assert [result["changed"] for result in first.results()] == [True, True, False, False, True], first.output
    module = {"src": str(src), "dest": str(dest), "keep": ["wanted"]}
    module |= {"variables": {"wanted": "{{ wanted }}", "relay": inside}}
    hide = {"relayops.exchange.recording_anonymised": module, "delegate_to": "localhost"}
    local = {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}
    # until 2.19 ansible-core looks for the variables of module_defaults whoever they are for
    made = ansible_playbook(play(hide, hide, **given) | {"module_defaults": {}}, local)
    assert [result["changed"] for result in made.results()] == [True, False], made.output
    text = dest.read_text()
    for secret in ("Kopierer", "Zentrale", "Ottokar", "Zuse", "10.20.", "EX01", "ex01", "LAB", inside):
        assert secret not in text
    with Lab(recording=read(dest)) as replay:
        second = ansible_playbook(play(*tasks), inventory(replay.details()))
        assert [player.missing for player in replay.players] == [[]], second.output
        assert [player.left for player in replay.players] == [0], second.output
    assert [result["changed"] for result in second.results()] == [True, True, False, False, True], second.output
    assert [_shape(each.get("diff")) for each in second.results()] == [
        _shape(each.get("diff")) for each in first.results()
    ]
    found, again = first.results()[3], second.results()[3]
    assert [each["rule"] for each in again["findings"]] == [each["rule"] for each in found["findings"]]


def _shape(value: Any) -> Any:
    """A value without its texts: what remains the same under pseudonyms."""
    if isinstance(value, dict):
        return [_shape(item) for item in value.values()]
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return type(value).__name__ if isinstance(value, str) else value
