# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook acceptance against a lab: what it is told, and what it reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

PLAYBOOK = Path(__file__).resolve().parents[2] / "playbooks" / "acceptance.yml"
NAME = "Relayops acceptance"


@dataclass
class AcceptanceRun:
    """A run of the playbook and its report."""

    played: Any
    report: Mapping[str, Any]

    def having(self, outcome: str) -> list[str]:
        """The names of the promises with that outcome."""
        return [each["name"] for each in self.report["promises"] if each["outcome"] == outcome]


def variables(lab: Lab, folder: Path) -> dict[str, Any]:
    """The role's variables: the server's own address, a device as client and another as stranger."""
    client, stranger = (str(ip_network(lab.details()["network"])[number]) for number in (77, 78))
    return {
        "relay_acceptance_address": lab.servers[0].address,
        "relay_acceptance_recipient": "someone@example.net",
        "relay_acceptance_probe_port": lab.smtp_port(25),
        "relay_acceptance_client": {"source_address": client},
        "relay_acceptance_stranger": {"source_address": stranger},
        "relay_acceptance_full_trust": True,
        "relay_acceptance_patience": 1,
        "relay_acceptance_folder": str(folder),
    }


def accepted(lab: Lab, ansible_playbook: Any, folder: Path, **changed: Any) -> AcceptanceRun:
    """Run the playbook on the first server of a lab; ``changed`` are variables of the role without its name."""
    given = variables(lab, folder) | {f"relay_acceptance_{name}": value for name, value in changed.items()}
    played = ansible_playbook(PLAYBOOK, inventory(lab.details(), **given))
    file = folder / "relay-acceptance-ex01.json"
    return AcceptanceRun(played, json.loads(file.read_text()) if file.exists() else {})


def own_connectors(lab: Lab) -> list[str]:
    """The connectors of acceptance runs that the lab has."""
    return [each.name for each in lab.organisation.connectors("EX01") if each.name.startswith(NAME)]
