# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles: argument specs, defaults, tasks and READMEs say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import role_readme
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
NAMES = sorted(path.name for path in ROLES.iterdir() if (path / "tasks").is_dir())


def options(role: str) -> dict[str, Any]:
    return dict(role_readme.spec(role)["options"])


def tasks_text(role: str) -> str:
    """Tasks, and the role's own variables that they use."""
    files = (path for folder in ("tasks", "vars") for path in sorted((ROLES / role / folder).glob("*.yml")))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("role", NAMES)
def test_defaults_are_those_of_the_spec(role: str) -> None:
    defaults = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text(encoding="utf-8")) or {}
    assert defaults == {name: option["default"] for name, option in options(role).items() if "default" in option}


@pytest.mark.parametrize("role", NAMES)
def test_every_variable_carries_the_name_of_the_role(role: str) -> None:
    assert [name for name in options(role) if not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("role", NAMES)
def test_tasks_use_every_documented_variable_and_no_other(role: str) -> None:
    key = re.compile(r"^ +([a-z_]+):", re.MULTILINE)
    # what a task sets for others to read is no option; an option that is handed on is read behind some key
    set_here = set(key.findall(tasks_text(role))) - set(options(role))
    text = re.sub(r"relayops\.exchange\.\w+", "", key.sub("", tasks_text(role)))
    names = set(re.findall(rf"\b_*{role}_[a-z_0-9]+", text))
    used = {name for name in names if not name.startswith("__") and name not in set_here}
    assert used == set(options(role))


@pytest.mark.parametrize("role", NAMES)
def test_json_is_written_as_text(role: str) -> None:
    """Before ansible-core 2.19 a text that looks like JSON becomes data again, and is written without its lines."""
    written = [line.strip() for line in tasks_text(role).splitlines() if "content:" in line and "json" in line]
    assert [line for line in written if not line.endswith('| string }}"')] == []


@pytest.mark.parametrize("role", NAMES)
def test_readme_shows_the_options_of_the_spec(role: str) -> None:
    text = (ROLES / role / "README.md").read_text(encoding="utf-8")
    assert text == role_readme.current(role), "run python tests/authoring/role_readme.py"


@pytest.mark.parametrize("role", NAMES)
def test_readme_fits_a_screen_besides_its_options(role: str) -> None:
    text = (ROLES / role / "README.md").read_text(encoding="utf-8")
    prose = text.partition(role_readme.BEGIN)[0] + text.partition(role_readme.END)[2]
    assert len(prose.splitlines()) <= 45


@pytest.mark.parametrize("role", NAMES)
def test_main_tasks_are_short(role: str) -> None:
    assert len((ROLES / role / "tasks" / "main.yml").read_text(encoding="utf-8").splitlines()) <= 30


@pytest.mark.parametrize("role", NAMES)
def test_role_says_what_check_mode_and_diff_do(role: str) -> None:
    assert {"check_mode", "diff_mode"} <= set(role_readme.spec(role)["attributes"])


@pytest.mark.parametrize("role", NAMES)
@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_given_passes_validation(role: str, nothing: str | None) -> None:
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    spec = {name: {k: v for k, v in option.items() if k != "description"} for name, option in options(role).items()}
    given = {name: nothing for name, option in spec.items() if not option.get("required")}
    required = {name: "x" for name, option in spec.items() if option.get("required")}
    assert ArgumentSpecValidator(spec).validate(given | required).error_messages == []
