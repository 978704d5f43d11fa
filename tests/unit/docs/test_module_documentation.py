# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module documents is what it takes."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

COLLECTION = "ansible_collections.relayops.exchange.plugins"
PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
NAMES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))
ACTIONS = [name for name in NAMES if (PLUGINS / "action" / f"{name}.py").exists()]
COMPARED = ("type", "elements", "required", "default", "choices", "aliases")


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everything that ansible-doc knows of the modules."""
    command = [str(Path(sys.executable).with_name("ansible-doc")), "--json", "-t", "module"]
    environment = os.environ | {"ANSIBLE_HOME": str(tmp_path_factory.mktemp("home"))}
    names = [f"relayops.exchange.{name}" for name in NAMES]
    done = subprocess.run([*command, *names], capture_output=True, text=True, check=True, env=environment)
    return {name.rpartition(".")[2]: value for name, value in json.loads(done.stdout).items()}


def argument_spec(name: str) -> Mapping[str, Any]:
    """The argument spec of an action plugin, the session's options included."""
    plugin = importlib.import_module(f"{COLLECTION}.action.{name}").ActionModule
    own = plugin.__new__(plugin).arguments()
    base = importlib.import_module(f"{COLLECTION}.plugin_utils._shell.action").ExchangeAction
    session = importlib.import_module(f"{COLLECTION}.plugin_utils._shell.options")
    return dict(session.merged(own) if issubclass(plugin, base) else own)


def normal(options: Mapping[str, Any], nested: str) -> dict[str, Any]:
    """Options reduced to what argument spec and documentation both say, with defaults spelled out."""
    reduced: dict[str, Any] = {}
    for name, option in options.items():
        entry = {key: option.get(key) for key in COMPARED} | {"type": option.get("type") or "str"}
        entry["required"] = bool(entry["required"])
        entry["aliases"] = sorted(entry["aliases"] or [])
        entry["choices"] = sorted(map(str, entry["choices"] or []))
        if option.get(nested):
            entry["options"] = normal(option[nested], nested)
        reduced[name] = entry
    return reduced


@pytest.mark.parametrize("name", ACTIONS)
def test_documentation_and_argument_spec_agree(name: str, documented: dict[str, Any]) -> None:
    assert normal(documented[name]["doc"]["options"], "suboptions") == normal(argument_spec(name), "options")


@pytest.mark.parametrize("name", NAMES)
def test_module_is_documented_whole(name: str, documented: dict[str, Any]) -> None:
    module = documented[name]
    assert {"check_mode", "diff_mode"} <= set(module["doc"]["attributes"])
    assert module["examples"].strip()
    assert module["return"]


@pytest.mark.parametrize("name", NAMES)
def test_examples_call_the_module_by_its_full_name_with_documented_options(
    name: str, documented: dict[str, Any]
) -> None:
    tasks = [task for play in yaml.safe_load(documented[name]["examples"]) for task in play.get("tasks", [play])]
    calls = [task[f"relayops.exchange.{name}"] for task in tasks if f"relayops.exchange.{name}" in task]
    assert calls
    unknown = {option for call in calls for option in call or {}} - set(documented[name]["doc"]["options"])
    assert unknown == set()


def test_action_group_lists_every_module_with_a_session() -> None:
    runtime = yaml.safe_load((PLUGINS.parent / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    with_session = {
        name for name in ACTIONS if "relayops.exchange.session" in (PLUGINS / "modules" / f"{name}.py").read_text()
    }
    assert set(runtime["action_groups"]["exchange"]) == with_session
