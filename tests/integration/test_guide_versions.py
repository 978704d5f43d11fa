# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide on versions says: its table agrees with the parameters, its examples and refusals with plays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import documentation
import pytest
import yaml
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import RIGHTS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import Version
from exchange_lab.inventory import inventory

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_versions.rst").read_text()


def block(name: str) -> str:
    """The code block of that name."""
    return documentation.block("guide_versions", name).strip()


def listed(since: str) -> set[str]:
    """The options in the table's row of that version."""
    (row,) = re.findall(
        rf"   \* - {since}\n     - (.*?)(?=\n   \* - |\n\n)", GUIDE.split("Options by version")[1], re.S
    )
    return set(re.findall(r"``(\w+)``", row))


@pytest.mark.parametrize("version", [Version.EXCHANGE_2010, Version.EXCHANGE_2013, Version.EXCHANGE_2016])
def test_the_options_of_a_version(version: Version) -> None:
    assert listed(str(int(version))) == {each.option for each in PARAMETERS.values() if each.since is version}


def test_the_rights_of_a_release() -> None:
    found = re.findall(r"``(ms-Exch-\S+)`` with Exchange (20\d\d)", " ".join(GUIDE.split()))
    wanted = [(right.name, str(int(right.since))) for right in RIGHTS.values() if right.since > Version.EXCHANGE_2007]
    assert sorted(found) == sorted(wanted)


def test_the_options_of_the_first_service_pack() -> None:
    assert listed("2007 SP1") == {each.option for each in PARAMETERS.values() if each.service_pack}


def test_one_task_serves_every_version_and_the_option_is_refused_in_the_guides_words(
    make_lab: Any, ansible_playbook: Any
) -> None:
    lab = make_lab("2010")
    hosts = inventory(lab.details())
    (task,) = yaml.safe_load(block("task-versions").replace("192.0.2.25", lab.servers[0].address))
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": [task],
    }
    refused = ansible_playbook(play, hosts, "-e", "relay_transport_role=FrontendTransport")
    assert [event["result"]["msg"] for event in refused.events if event["kind"] == "failed"] == [block("refusal")]
    assert not [command for command in lab.journal.commands if not command.name.startswith("Get-")]
    played = ansible_playbook(play, hosts)
    assert played.code == 0, played.output
    assert "Relay of the copiers" in [each.name for each in lab.organisation.connectors("EX01")]
    assert lab.journal.open_sessions == []


def test_the_edge_group_takes_the_local_shell(make_lab: Any, ansible_playbook: Any) -> None:
    edge, mailbox = make_lab("edge"), make_lab("2016")
    hosts = yaml.safe_load(block("inventory-versions"))
    groups = hosts["exchange"]["children"]
    for group, host, lab in (("mailbox", "ex01.example.com", mailbox), ("edge", "edge01.example.com", edge)):
        (variables,) = inventory(lab.details())["exchange"]["hosts"].values()
        if group == "edge":
            variables.pop("exchange_session")
        groups[group]["hosts"][host] = variables
    task = {"name": "Look", "relayops.exchange.receive_connector_info": {}}
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": [task],
    }
    played = ansible_playbook(play, hosts)
    assert played.code == 0, played.output
    assert all(result["connectors"] for result in played.results("Look"))
    assert {change.endpoint for change in edge.journal.sessions} == {"winrm"}
    assert {change.endpoint for change in mailbox.journal.sessions} == {"exchange"}


def test_what_a_role_lacks_is_named_in_the_play(make_lab: Any, ansible_playbook: Any) -> None:
    lab = make_lab("2019")
    lab.add_user("operator", "Op-Passw0rd!", "Server Management")
    hosts = inventory(lab.details())
    session = hosts["exchange"]["hosts"]["ex01"]["exchange_session"]
    session |= {"endpoint_username": "LAB\\operator", "endpoint_password": "Op-Passw0rd!"}
    name = "Default Frontend EX01"
    grant = {"connector": name, "rights": ["ms-Exch-SMTP-Accept-Exch50"]}
    tasks = [
        {"name": "Change", "relayops.exchange.receive_connector": {"name": name, "comment": "seen"}},
        {"name": "Grant", "relayops.exchange.connector_permission": grant, "ignore_errors": True},
    ]
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": tasks,
    }
    played = ansible_playbook(play, hosts)
    assert played.result("Change")["changed"], played.output
    message = played.result("Grant")["msg"]
    assert "Active Directory Permissions" in message
    assert "Server Management can create a connector but not grant the right" in message
