# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays of receive_connector, and what a lab's connectors are afterwards."""

from __future__ import annotations

from typing import Any

from exchange_lab.lab import Lab


def play(*tasks: dict[str, Any]) -> dict[str, Any]:
    return {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": list(tasks),
    }


def task(name: str, /, **options: Any) -> dict[str, Any]:
    return {"name": name, "relayops.exchange.receive_connector": options}


def twice(name: str, /, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same task again, which must not change anything."""
    return task(name, **options), task(f"{name} again", **options)


def find(lab: Lab, name: str) -> Any:
    return next((each for each in lab.organisation.connectors("EX01") if each.name == name), None)


def ranges(lab: Lab, name: str) -> set[str]:
    return set(map(str, find(lab, name).properties["RemoteIPRanges"]))
