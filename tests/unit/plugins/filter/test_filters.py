# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters as templates call them, their documentation as ansible-doc shows it, and every example of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
    command = [str(Path(sys.executable).with_name("ansible-doc")), "--json", "-t", "filter"]
    environment = os.environ | {"ANSIBLE_HOME": str(tmp_path_factory.mktemp("home"))}
    names = [f"relayops.exchange.{name}" for name in NAMES]
    done = subprocess.run([*command, *names], capture_output=True, text=True, check=True, env=environment)
    return {name.rpartition(".")[2]: value for name, value in json.loads(done.stdout).items()}


def test_every_filter_is_documented(documented: dict[str, Any]) -> None:
    assert sorted(documented) == NAMES == sorted(path.stem for path in FILTERS.glob("*.py"))
    for name in NAMES:
        assert documented[name]["doc"]["options"]
        assert documented[name]["return"]


@pytest.mark.parametrize("name", NAMES)
def test_positional_options_are_the_parameters(name: str, documented: dict[str, Any]) -> None:
    function = function_of(name)
    parameters = function.__code__.co_varnames[1 : function.__code__.co_argcount]
    documentation = documented[name]["doc"]
    assert documentation["positional"].replace(" ", "").split(",") == ["_input", *parameters]
    defaults = dict(zip(reversed(parameters), reversed(function.__defaults__ or ()), strict=False))
    assert {key: documentation["options"][key].get("default") for key in parameters} == {
        key: defaults.get(key) for key in parameters
    }


@pytest.mark.parametrize("name", NAMES)
def test_examples_run(name: str, documented: dict[str, Any], tmp_path: Path) -> None:
    tasks = [task for task in yaml.safe_load(documented[name]["examples"]) if "ansible.builtin" in "".join(task)]
    assert tasks
    given = {key: value for key, value in GIVEN[name].items() if key not in ("groups", "hostvars")}
    if "groups" in GIVEN[name]:
        (tmp_path / "hosts").write_text("[exchange]\nex01 ansible_connection=local\n")
        tasks.insert(0, {"ansible.builtin.set_fact": {"audit": RESULT}})
    else:
        (tmp_path / "hosts").write_text("ex01 ansible_connection=local\n")
    play = [{"hosts": "ex01", "gather_facts": False, "vars": given, "tasks": tasks}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(play))
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
