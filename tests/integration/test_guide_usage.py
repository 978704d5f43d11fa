# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide on usage says: its examples run, in one play against a lab."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import documentation
import receive_log
import yaml
from exchange_lab.inventory import inventory
from exchange_lab.windows.iis import metabase, relay_ip_list

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDE = (CHECKOUT / "docs" / "docsite" / "rst" / "guide_usage.rst").read_text()


def block(name: str) -> str:
    """The code block of that name."""
    return documentation.block("guide_usage", name)


def test_the_examples_run(relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    logs = tmp_path / "EX01" / "SmtpReceive"
    logs.mkdir(parents=True)
    receive_log.write(logs, 100_000)
    (tmp_path / "MetaBase.xml").write_text(metabase(f'RelayIpList="{relay_ip_list(["192.0.2.77/32"]).hex()}"'))
    (tmp_path / "relay-usage.json").write_text(json.dumps({"usage": []}))
    text = "\n".join(block(name) for name in ("count", "expire", "iis"))
    for there, here in (
        ("/srv/logs", str(tmp_path)),
        ("'MetaBase.xml'", f"'{tmp_path}/MetaBase.xml'"),
        ("relay-usage/ex01/relay-usage.json", f"{tmp_path}/relay-usage.json"),
        ("192.0.2", stand.address(0).rpartition(".")[0]),
    ):
        text = text.replace(there, here)
    tasks = yaml.safe_load(text)
    for task in tasks:
        if "relayops.exchange.smtp_receive_log" in task:
            task["delegate_to"] = "localhost"
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": tasks,
    }
    played = ansible_playbook(play, inventory(stand.lab.details(), "psrp"))
    assert played.code == 0, played.output
    assert played.result("Those that have written outside")["msg"]
    assert played.result("What has no place in a receive connector")["msg"] == []


def test_the_variables_are_those_of_the_role() -> None:
    spec = yaml.safe_load((CHECKOUT / "roles" / "relay_usage" / "meta" / "argument_specs.yml").read_text())
    given = set(yaml.safe_load(block("variables"))) | set(re.findall(r"relay_usage_\w+", GUIDE))
    assert given <= set(spec["argument_specs"]["main"]["options"])
