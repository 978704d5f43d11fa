# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters as templates call them, their documentation as ansible-doc shows it, and every example of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from exchange_lab.windows.iis import metabase
from loaded_ansible import LOADED

FILTERS = Path(__file__).resolve().parents[4] / "plugins" / "filter"
NAMES = sorted(path.stem for path in FILTERS.glob("*.yml"))
RELAY = {"name": "Relay copiers", "bindings": ["192.0.2.25:25"], "remote_ip_ranges": ["192.0.2.77"]}
RESULT = {"findings": [], "servers": [{"name": "EX01"}]}
GIVEN: dict[str, dict[str, Any]] = {
    "audit_report": {"groups": {"exchange": ["ex01"]}, "hostvars": {"ex01": {"audit": RESULT}}},
    "connector_for": {"read": {"connectors": [RELAY]}},
    "iis_relay_list": {"metabase": metabase('RelayIpList=""')},
    "ip_ranges": {},
    "relay_usage": {"log": {"usage": [], "connectors": []}, "audit": RESULT},
}


def function_of(name: str) -> Callable[..., Any]:
    module = import_module(f"ansible_collections.relayops.exchange.plugins.filter.{name}")
    found: Callable[..., Any] = module.FilterModule().filters()[name]
    return found


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    words = ["-i", str(tmp_path / "hosts"), str(tmp_path / "play.yml")]
    code, said = LOADED.run(words, os.environ | {"ANSIBLE_HOME": str(LOADED.folder / "home")}, tmp_path, 100)
    assert code == 0, said


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("ip_ranges", (["never"],), "ip_ranges: 'never' is not an IP address or range"),
        ("connector_for", ("x", "192.0.2.1"), "connector_for: a list of connectors is needed"),
        ("audit_report", (5,), "audit_report: a list of results of relay_audit is needed"),
        ("audit_report", ([{"findings": [{}]}],), "audit_report: a list of results of relay_audit is needed"),
        ("audit_report", ([], "bad"), "audit_report: 'bad' is no severity"),
    ],
)
def test_failures_name_the_filter(name: str, arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(AnsibleError, match=words):
        function_of(name)(*arguments)
