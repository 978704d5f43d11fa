# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What receive_connector_info gives makes an equal connector on another server: the documented example, and more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import SETTINGS
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import connector_listing, connector_task
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

ROOT = Path(__file__).resolve().parents[2]
RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"
DEFAULTS = {"module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"}}
COPIERS = {
    "name": "Copiers of EX01",
    "bindings": ["{address}:25", "{address}:587"],
    "remote_ip_ranges": ["10.0.0.1/24", "10.1.0.0-10.1.0.200", "2001:db8::/64"],
    "fqdn": "EX01.lab.example",
    "permission_groups": "AnonymousUsers",
    "max_message_size": "20MB",
    "comment": "it's here",
    "message_rate_limit": 600,
    "connection_timeout": "00:20:00",
    "protocol_logging_level": "Verbose",
    "tls_domain_capabilities": "example.net:AcceptOorgProtocol",
    "bare_linefeed_rejection_enabled": True,
    "enabled": False,
}


def example() -> list[dict[str, Any]]:
    """The plays that the documentation of receive_connector_info shows."""
    text = (ROOT / "plugins" / "modules" / "receive_connector_info.py").read_text(encoding="utf-8")
    plays: list[dict[str, Any]] = yaml.safe_load(text.split('EXAMPLES = r"""')[1].split('"""')[0])
    return [play | DEFAULTS for play in plays]


def connectors(lab: Lab, server: str) -> dict[str, Any]:
    return {each.name: each for each in lab.organisation.connectors(server)}


def prepared(make_lab: Callable[..., Lab], ansible_playbook: Any, **options: Any) -> Lab:
    """Two servers; on the first a connector that differs from what Exchange makes by default, with a right."""
    lab = make_lab("2019", servers=2)
    address = lab.servers[0].address
    copiers = COPIERS | {"bindings": [text.format(address=address) for text in COPIERS["bindings"]]} | options
    grant = {"connector": copiers["name"], "rights": [RELAY]}
    play = {
        "hosts": "ex01",
        "gather_facts": False,
        "tasks": [
            {"relayops.exchange.receive_connector": copiers},
            {"relayops.exchange.connector_permission": grant},
        ],
    }
    made = ansible_playbook(play | DEFAULTS, inventory(lab.details()))
    assert made.code == 0, made.output
    return lab


def test_the_documented_example_copies_and_a_second_run_changes_nothing(
    make_lab: Callable[..., Lab], ansible_playbook: Any, tmp_path: Path
) -> None:
    lab = prepared(make_lab, ansible_playbook)
    there = lab.servers[1].address
    hosts = inventory(lab.details())
    plays = [play | {"hosts": "ex01"} for play in example()]
    for play in plays:
        for task in play["tasks"]:
            if "ansible.builtin.copy" in task:
                task["ansible.builtin.copy"]["dest"] = str(tmp_path / "connectors.yml")
    first, second = (ansible_playbook(plays, hosts, "-e", f"to_address={there}") for _run in range(2))
    assert first.code == 0, first.output
    made, source = connectors(lab, "EX02")["Copiers of EX02"], connectors(lab, "EX01")["Copiers of EX01"]
    expected = {
        **source.properties,
        "Fqdn": "EX02.lab.example",
        "Bindings": tuple((there, port) for _address, port in source.properties["Bindings"]),
    }
    assert {key: str(value) for key, value in made.properties.items()} == {
        key: str(value) for key, value in expected.items()
    }
    assert sorted(map(repr, made.acl)) == sorted(map(repr, source.acl))
    assert (second.code, second.stats["ex01"]["changed"]) == (0, 0), second.output
    kept = yaml.safe_load((tmp_path / "connectors.yml").read_text())
    assert {item["name"] for item in kept} == set(connectors(lab, "EX01"))


def test_a_backup_brings_a_lost_and_a_changed_connector_back(
    make_lab: Callable[..., Lab], ansible_playbook: Any, state: Any, tmp_path: Path
) -> None:
    lab = prepared(make_lab, ansible_playbook)
    file = tmp_path / "backup.yml"
    backup = {"content": "{{ there.connectors | to_nice_yaml }}", "dest": str(file), "mode": "0600"}
    spoil = {"name": "Default Frontend EX01", "banner": "220 spoilt", "max_hop_count": 9, "comment": "spoilt"}
    restore = {
        "name": "Restore",
        "relayops.exchange.receive_connector": {"settings": "{{ item }}"},
        "loop": "{{ lookup('ansible.builtin.file', file) | from_yaml }}",
        "loop_control": {"label": "{{ item.name }}"},
    }
    play = {
        "hosts": "ex01",
        "gather_facts": False,
        "vars": {"file": str(file)},
        "tasks": [
            {"relayops.exchange.receive_connector_info": {}, "register": "there"},
            {"ansible.builtin.copy": backup, "delegate_to": "localhost"},
            {"relayops.exchange.receive_connector": {"name": "Copiers of EX01", "state": "absent"}},
            {"relayops.exchange.receive_connector": spoil},
            restore,
            {**restore, "name": "Restore again"},
        ],
    }
    before = connectors(lab, "EX01")
    values = {name: {key: str(value) for key, value in each.properties.items()} for name, each in before.items()}
    played = ansible_playbook(play | DEFAULTS, inventory(lab.details()))
    assert played.code == 0, played.output
    assert played.result("Restore")["changed"]
    assert not played.result("Restore again")["changed"]
    after = connectors(lab, "EX01")
    assert {name: {key: str(value) for key, value in each.properties.items()} for name, each in after.items()} == values


@pytest.mark.parametrize(("source", "target"), [("2019", "2010"), ("2019", "2007"), ("2010", "2019"), ("2016", "edge")])
def test_between_versions_what_the_target_lacks_is_left_out(
    make_lab: Callable[..., Lab], in_session: Any, ansible_playbook: Any, source: str, target: str
) -> None:
    old, new = make_lab(source), make_lab(target)
    asked = {**COPIERS, "bindings": "0.0.0.0:2600", "fqdn": "relay.lab.example"}
    with in_session(old) as exchange:
        connector_task.apply(exchange, asked, check_mode=False, warn=print)
        (read,) = connector_listing.read(exchange, {"name": COPIERS["name"]}, print)["connectors"]
    task = {"name": "Copy", "relayops.exchange.receive_connector": {"settings": read}}
    play = {"hosts": "exchange", "gather_facts": False, "tasks": [task, {**task, "name": "Copy again"}]}
    played = ansible_playbook(play | DEFAULTS, inventory(new.details()))
    assert played.code == 0, played.output
    assert [played.result(name)["changed"] for name in ("Copy", "Copy again")] == [True, False]
    made = played.result("Copy")["connector"]
    shared = [key for key in SETTINGS if key in read and key in made]
    assert {key: made[key] for key in shared} == {key: read[key] for key in shared}
    lacking = {key for key in SETTINGS if key in read and read[key] is not None} - set(made)
    assert bool(lacking) == (source != "2010")
    said = " ".join(played.output.split())
    assert all(f"settings: {option} is left out" in said for option in lacking)


def test_the_playbook_copies_to_each_host(make_lab: Callable[..., Lab], ansible_playbook: Any, state: Any) -> None:
    lab = prepared(make_lab, ansible_playbook, bindings=["0.0.0.0:2600"], transport_role="HubTransport")
    there = lab.servers[1].address
    options = ["-e", "copy_from=EX01", "-e", '{"copy_connector": "Copiers of EX01"}']
    options += ["-e", f"copy_address={there} copy_transport_role=FrontendTransport"]
    playbook, hosts, before = ROOT / "playbooks" / "copy_connector.yml", inventory(lab.details()), state(lab)
    checked = ansible_playbook(playbook, hosts, *options, "--check")
    assert checked.code == 0, checked.output
    assert state(lab) == before
    first, second = (ansible_playbook(playbook, hosts, *options) for _run in range(2))
    assert first.code == 0, first.output
    made, source = connectors(lab, "EX02")["Copiers of EX02"], connectors(lab, "EX01")["Copiers of EX01"]
    assert str(made.properties["RemoteIPRanges"]) == str(source.properties["RemoteIPRanges"])
    assert [each.properties["TransportRole"] for each in (source, made)] == ["HubTransport", "FrontendTransport"]
    assert [played["connector"]["bindings"] for played in first.results("Make the same connector here")] == [
        [f"{there}:2600"]
    ]
    assert sorted(map(repr, made.acl)) == sorted(map(repr, source.acl))
    assert [second.stats[host]["changed"] for host in ("ex01", "ex02")] == [0, 0], second.output
