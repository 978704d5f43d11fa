# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks that the guide for those who come from other tools shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from documentation import block
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab


def tasks(name: str) -> list[dict[str, Any]]:
    """The tasks of a code block."""
    found: list[dict[str, Any]] = yaml.safe_load(block("guide_moving", name))
    return found


def test_the_tasks_copy_and_add(make_lab: Callable[..., Lab], ansible_playbook: Any, tmp_path: Path) -> None:
    lab = make_lab("2019", servers=2)
    (tmp_path / "addresses.txt").write_text("10.0.0.77\n10.0.0.128/25\n\n10.0.0.64/29\n")
    copiers = {
        "name": "Copiers",
        "transport_role": "HubTransport",
        "bindings": "0.0.0.0:2626",
        "remote_ip_ranges": "10.0.0.64(255.255.255.248)",
        "max_hop_count": 17,
    }
    (add,) = tasks("moving-add")
    add["relayops.exchange.receive_connector"]["remote_ip_ranges"] = {
        "add": "{{ lookup('ansible.builtin.file', '%s') }}" % (tmp_path / "addresses.txt")
    }
    play = {
        "hosts": "ex01",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": [
            {"name": "Begin", "relayops.exchange.receive_connector": copiers},
            add,
            {**add, "name": "Add again"},
            *tasks("moving-copy"),
        ],
    }
    played = ansible_playbook(play, inventory(lab.details()))
    assert played.code == 0, played.output
    assert [result["changed"] for result in played.results()] == [True, True, False, False, True]
    made = {each.name: each.properties for each in lab.organisation.connectors("EX02")}["Copiers"]
    assert {str(item) for item in made["RemoteIPRanges"]} == {"10.0.0.64/29", "10.0.0.77", "10.0.0.128/25"}
    assert (str(made["TransportRole"]), made["MaxHopCount"]) == ("FrontendTransport", 17)
    assert list(map(str, played.results()[-1]["connector"]["bindings"])) == ["0.0.0.0:25"]
