# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/provision.yml and the role relay, by ansible-playbook over real connections to a lab."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

PROVISION = Path(__file__).resolve().parents[2] / "playbooks" / "provision.yml"


@pytest.fixture
def lab(make_lab: Callable[..., Lab]) -> Lab:
    return make_lab("2019")


@pytest.fixture
def wanted(lab: Lab, address: Callable[[Lab, int], str]) -> dict[str, Any]:
    """The role's variables of the example: a connector on an address of its own for one device."""
    return {
        "relay_name": "RelayConnector",
        "relay_address": f"{address(lab, 25)}/24",
        "relay_fqdn": "relay.example.com",
        "relay_clients": [address(lab, 77)],
    }


def diffs(played: Any) -> list[Any]:
    """Before and after of every task that shows a diff, as a real run's judging beforehand does not."""
    shown = (event for event in played.events if "result" in event and "Judge" not in event["task"])
    found = [event["result"]["diff"] for event in shown if event["result"].get("diff")]
    assert found
    return [item for diff in found for item in (diff if isinstance(diff, list) else [diff])]


def test_a_second_run_changes_nothing(lab: Lab, wanted: Any, ansible_playbook: Any, state: Any) -> None:
    first = ansible_playbook(PROVISION, inventory(lab.details(), **wanted))
    assert first.code == 0, first.output
    assert first.stats["ex01"]["changed"] > 0
    after = state(lab)
    second = ansible_playbook(PROVISION, inventory(lab.details(), **wanted))
    assert (second.code, second.stats["ex01"]["changed"]) == (0, 0), second.output
    assert state(lab) == after


@pytest.mark.parametrize("connection", ["winrm", "psrp"])
def test_only_the_client_may_relay(
    lab: Lab, wanted: Any, ansible_playbook: Any, address: Any, relays: Any, connection: str
) -> None:
    played = ansible_playbook(PROVISION, inventory(lab.details(), connection, **wanted))
    assert played.code == 0, played.output
    assert relays(lab, address(lab, 77), address(lab, 25))
    assert not relays(lab, address(lab, 78), address(lab, 25))
    assert not relays(lab, address(lab, 77), address(lab, 10))


def test_check_mode_predicts_the_diff_and_changes_nothing(
    lab: Lab, wanted: Any, ansible_playbook: Any, state: Any
) -> None:
    before = state(lab)
    checked = ansible_playbook(PROVISION, inventory(lab.details(), **wanted), "--check", "--diff")
    assert checked.code == 0, checked.output
    assert state(lab) == before
    done = ansible_playbook(PROVISION, inventory(lab.details(), **wanted), "--diff")
    assert checked.stats["ex01"]["changed"] == done.stats["ex01"]["changed"]
    assert diffs(checked) == diffs(done)


def test_absent_takes_away_what_was_made_and_nothing_else(
    lab: Lab, wanted: Any, ansible_playbook: Any, state: Any
) -> None:
    before = state(lab)
    hosts = inventory(lab.details(), **wanted)
    assert ansible_playbook(PROVISION, hosts).code == 0
    gone = ansible_playbook(PROVISION, hosts, "-e", "relay_state=absent")
    assert gone.code == 0, gone.output
    assert gone.stats["ex01"]["changed"] > 0
    assert state(lab) == before
    again = ansible_playbook(PROVISION, hosts, "-e", "relay_state=absent")
    assert (again.code, again.stats["ex01"]["changed"]) == (0, 0), again.output


def test_empty_answers_count_as_not_given(
    lab: Lab, wanted: Any, ansible_playbook: Any, address: Any, relays: Any
) -> None:
    nothing = {"relay_server": "", "relay_mode": None, "relay_port": "", "relay_fqdn": None, "relay_options": ""}
    given = wanted | nothing | {"relay_state": "", "relay_interface": None, "relay_probes": ""}
    given |= {"relay_recipients": ""}
    played = ansible_playbook(PROVISION, inventory(lab.details(), **given))
    assert played.code == 0, played.output
    assert relays(lab, address(lab, 77), address(lab, 25))


def test_without_an_address_the_connector_listens_everywhere(
    lab: Lab, wanted: Any, ansible_playbook: Any, address: Any, relays: Any, state: Any
) -> None:
    addresses = state(lab)["EX01"]["addresses"]
    text = f"{address(lab, 77)}\n{address(lab, 79)}\n"
    played = ansible_playbook(
        PROVISION, inventory(lab.details(), **wanted | {"relay_address": "", "relay_clients": text})
    )
    assert played.code == 0, played.output
    assert state(lab)["EX01"]["addresses"] == addresses
    assert [relays(lab, address(lab, device), address(lab, 10)) for device in (77, 78, 79)] == [True, False, True]


def test_the_role_begins_with_whether_a_relay_is_needed(lab: Lab, wanted: Any, ansible_playbook: Any) -> None:
    asked = {"relay_recipients": ["helpdesk@lab.example", "someone@example.net"]}
    played = ansible_playbook(PROVISION, inventory(lab.details(), **wanted, **asked), "--check")
    assert played.code == 0, played.output
    (said,) = (result["msg"] for result in played.results() if isinstance(result.get("msg"), list))
    assert said[0].startswith("helpdesk@lab.example is internal, in the accepted domain lab.example")
    assert said[1].startswith("someone@example.net is in no accepted domain")
    assert said[-1] == "A relay is needed for someone@example.net only; the other recipients need none"


def test_a_probe_that_is_answered_otherwise_fails_the_play(
    lab: Lab, wanted: Any, ansible_playbook: Any, address: Any
) -> None:
    probe = {"source_address": address(lab, 78), "port": lab.smtp_port(25), "rcpt_to": "a@example.net"}
    played = ansible_playbook(PROVISION, inventory(lab.details(), **wanted, relay_probes=[probe], relay_patience=1))
    assert played.code != 0
    assert "expect" in played.output


# what is given, the value that the error names, and what it says to do
BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "client": ({"relay_clients": ["192.0.2.300"]}, "'192.0.2.300'", "Write it as 192.0.2.77"),
    "range": ({"relay_clients": ["192.0.2.9-192.0.2.3"]}, "'192.0.2.9-192.0.2.3'", "Write it as 192.0.2.77"),
    "address": ({"relay_address": "not an address"}, "'not an address'", "Write it as 192.0.2.25"),
    "parameter": ({"relay_options": {"max_mesage_size": "5MB"}}, "max_mesage_size", "Did you mean max_message_size?"),
    "wrong password": ({"ansible_password": "wrong"}, "LAB\\Administrator", "Check"),
    "no password": ({"ansible_password": ""}, "password", "Set|Give|Check"),
    "server": ({"ansible_host": "127.0.0.254"}, "127.0.0.254", "Check endpoint_port"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_nothing_is_written(
    lab: Lab, wanted: Any, ansible_playbook: Any, state: Any, case: str
) -> None:
    before = state(lab)
    changed, named, remedy = BAD[case]
    hosts = inventory(lab.details(), **wanted)
    host = hosts["exchange"]["hosts"]["ex01"]
    host.update(changed)
    if "ansible_password" in changed or "ansible_host" in changed:
        # the session then takes them from the host's connection
        del host["exchange_session"]["endpoint_password"], host["exchange_session"]["endpoint_host"]
        if "ansible_password" in changed:
            del host["exchange_session"]["endpoint_username"]
    played = ansible_playbook(PROVISION, hosts)
    assert played.code != 0
    message = [result["msg"] for result in played.results() if result.get("msg")][-1].strip()
    assert named in message
    assert re.search(rf"\bex01\b|{re.escape(host['ansible_host'])}", message), message
    assert re.search(remedy, message), message
    assert "\n" not in message
    assert state(lab) == before


def test_an_address_that_the_host_does_not_have_is_refused_with_the_remedy(
    lab: Lab, ansible_playbook: Any, address: Any, state: Any
) -> None:
    before = state(lab)
    task = {"name": "Relay", "bindings": f"{address(lab, 99)}:25", "remote_ip_ranges": address(lab, 77)}
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": [{"relayops.exchange.receive_connector": task}],
    }
    played = ansible_playbook(play, inventory(lab.details()))
    assert played.code != 0
    message = played.results()[-1]["msg"]
    assert address(lab, 99) in message
    assert re.search(r"\bEX01\b", message, re.I), message
    assert "secondary_ip" in message
    assert "\n" not in message
    assert state(lab) == before


@pytest.mark.parametrize(
    "given", [{}, {"relay_clients": ""}, {"relay_clients": None}], ids=["misspelt", "empty", "null"]
)
def test_clients_that_are_forgotten_take_nobody_off(
    given: dict[str, Any], relay_stand: Any, ansible_playbook: Any, state: Any
) -> None:
    stand = relay_stand()
    stand.apply([{"name": "Relay", "address": 25, "clients": [77]}])
    before = state(stand.lab)
    named = {"relay_name": "Relay", "relay_address": f"{stand.address(26)}/24", "relay_clientz": [stand.address(78)]}
    played = ansible_playbook(PROVISION, inventory(stand.lab.details(), **named, **given))
    assert (played.code, state(stand.lab)) == (2, before), played.output
    said = " ".join(played.output.split())
    assert "Setting the relay connector Relay on ex01: relay_clients is not given. Set it" in said


def test_an_empty_list_takes_everybody_off(
    lab: Lab, wanted: Any, ansible_playbook: Any, address: Any, relays: Any
) -> None:
    for clients, able in ((wanted["relay_clients"], True), ([], False)):
        played = ansible_playbook(PROVISION, inventory(lab.details(), **wanted | {"relay_clients": clients}))
        assert played.code == 0, played.output
        assert relays(lab, address(lab, 77), address(lab, 25)) is able


@pytest.mark.parametrize("options", [(), ("--check", "--diff")], ids=["run", "check"])
def test_a_client_is_added_to_no_connector_that_is_not_there(
    options: tuple[str, ...], relay_stand: Any, ansible_playbook: Any, state: Any
) -> None:
    stand = relay_stand()
    stand.apply([{"name": "Relay", "address": 25, "clients": [77]}])
    before = state(stand.lab)
    playbook = PROVISION.with_name("add_client.yml")
    given = {"client_connector": "Rellay", "client_addresses": stand.address(78)}
    played = ansible_playbook(playbook, inventory(stand.lab.details(), **given), *options)
    assert (played.code, state(stand.lab)) == (2, before), played.output
    assert "EX01 has no receive connector Rellay. Set client_connector" in " ".join(played.output.split())
    found = ansible_playbook(playbook, inventory(stand.lab.details(), **given | {"client_connector": "relay"}))
    assert found.code == 0, found.output
    (connector,) = (each for each in stand.lab.organisation.connectors("EX01") if each.name == "Relay")
    assert sorted(map(str, connector.properties["RemoteIPRanges"])) == [stand.address(77), stand.address(78)]
