# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play whose write got no answer reads the state again, and writes only what is still missing."""

from __future__ import annotations

from typing import Any

import pytest
from exchange_lab.inventory import inventory


@pytest.mark.parametrize(("kind", "writes"), [("cut_before", 1), ("cut_after", 1), ("truncated", 1)])
def test_the_state_is_read_again(make_lab: Any, ansible_playbook: Any, kind: str, writes: int) -> None:
    lab = make_lab("2019")
    change = {"name": "Default Frontend EX01", "comment": "seen"}
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": [{"name": "Set", "relayops.exchange.receive_connector": change}],
    }
    lab.faults.inject(kind, endpoint="exchange", verb="Command", command="Set-ReceiveConnector")
    played = ansible_playbook(play, inventory(lab.details()))
    assert played.code == 0, played.output
    assert played.result("Set")["changed"]
    said = " ".join(played.output.split())
    assert "its outcome is unknown" in said
    assert "The state was read again before going on" in said
    assert [command.name for command in lab.journal.commands].count("Set-ReceiveConnector") == writes
    (connector,) = (each for each in lab.organisation.connectors("EX01") if each.name == "Default Frontend EX01")
    assert str(connector.properties["Comment"]) == "seen"
    assert lab.journal.open_sessions == []
