# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide on auditing says: its rules are those that there are, and its examples run against a lab."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sample_report
import yaml
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import RULES
from documentation import block
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_auditing.rst").read_text()


def tasks(name: str, lab: Lab) -> list[dict[str, Any]]:
    """The tasks of the code block of that name, with the lab's addresses and port."""
    network = lab.details()["network"].rpartition(".")[0]
    found: list[dict[str, Any]] = yaml.safe_load(block("guide_auditing", name).replace("192.0.2", network))
    for task in found:
        if "relayops.exchange.smtp_probe" in task:
            task["relayops.exchange.smtp_probe"]["port"] = lab.smtp_port(25)
            task["delegate_to"] = "localhost"
    return found


def test_the_rules_are_those_that_there_are() -> None:
    listed = re.findall(r"   \* - ``(\w+)``\n     - (.*)\n     - (.*)\n", GUIDE)
    assert listed == [
        (rule.name, ", ".join(rule.severities), rule.title.replace("*", "\\*")) for rule in RULES.values()
    ]


def test_the_examples_run(make_lab: Callable[..., Lab], ansible_playbook: Any, tmp_path: Path) -> None:
    lab = make_lab("2019")
    estate = sample_report.Estate(lab)
    estate.add_address(f"{estate.net}.25")
    estate.connector("EX01", "Relay copiers", ["{net}.77"], Bindings=[f"{estate.net}.25:25"])
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": [task for name in ("probe", "audit", "filter", "pipeline") for task in tasks(name, lab)],
    }
    for name in ("sarif", "junit"):
        options = play["tasks"][-1]["relayops.exchange.relay_audit"]  # type: ignore[index]
        options[name] = str(tmp_path / options[name])
    played = ansible_playbook(play, inventory(lab.details()))
    assert played.code == 0, played.output
    audited = played.result("Who may relay through any server, and who answers for it")
    assert audited["findings"] == []
    assert [row["connector"] for row in audited["clients"]] == ["Relay copiers", "Default Frontend EX01"]
    assert sorted(path.name for path in tmp_path.glob("relay.*")) == ["relay.sarif", "relay.xml"]
