# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide through modes shows what a lab does, and its example does what the page says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mode_headers
import yaml
from documentation import block
from exchange_lab.inventory import inventory


def test_the_headers_are_those_of_a_lab() -> None:
    page = mode_headers.PAGE.read_text(encoding="utf-8")
    assert page == mode_headers.current(page), (
        "run PYTHONPATH=build/collections:tests/lab python tests/authoring/mode_headers.py"
    )


def test_denying_one_right_changes_just_that(relay_stand: Callable[..., Any], ansible_playbook: Any) -> None:
    stand = relay_stand((77,))
    stand.apply([{"name": "Cluster", "clients": [77], "mode": "externally_secured", "acknowledge_trust": True}])
    trusted = stand.message(77, 10)
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": yaml.safe_load(block("guide_modes", "modes-deny")),
    }
    assert ansible_playbook(play, inventory(stand.lab.details())).code == 0
    filtered = stand.message(77, 10)
    changed = {name for name in {**trusted, **filtered} if trusted.get(name) != filtered.get(name)} - {"Received"}
    organization = "X-MS-Exchange-Organization-"
    assert changed == {f"{organization}{name}" for name in ("SCL", "Antispam-Report", "SenderIdResult")}
