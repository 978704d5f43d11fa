# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook acceptance on a server that keeps the promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

PLAYBOOK = Path(__file__).resolve().parents[2] / "playbooks" / "acceptance.yml"


def test_every_promise_is_seen_and_nothing_is_left(
    relay_stand: Callable[..., Any], ansible_playbook: Any, address: Any, state: Any, tmp_path: Path
) -> None:
    lab: Lab = relay_stand().lab
    before = state(lab)
    wanted = {
        "relay_acceptance_address": lab.servers[0].address,
        "relay_acceptance_recipient": "someone@fabrikam.example",
        "relay_acceptance_probe_port": lab.smtp_port(25),
        "relay_acceptance_client": {"source_address": address(lab, 77)},
        "relay_acceptance_stranger": {"source_address": address(lab, 78)},
        "relay_acceptance_full_trust": True,
        "relay_acceptance_folder": str(tmp_path),
    }
    played = ansible_playbook(PLAYBOOK, inventory(lab.details(), **wanted))
    report = json.loads((tmp_path / "relay-acceptance-ex01.json").read_text())
    assert [each for each in report["promises"] if each["outcome"] != "passed"] == [], played.output
    assert played.code == 0, played.output
    assert state(lab) == before
    assert lab.journal.open_sessions == []
