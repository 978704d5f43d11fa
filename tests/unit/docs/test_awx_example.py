# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example AWX project: surveys that AWX takes, playbooks that exist, names that AWX allows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "awx"
PLAYBOOKS = EXAMPLE.parents[2] / "playbooks"
# the types of answers by type of question, as AWX's survey view checks the default (awx/api/views, _validate_spec_data)
TYPES = {
    "text": str,
    "textarea": str,
    "password": str,
    "integer": int,
    "float": (float, int),
    "multiplechoice": str,
    "multiselect": str,
}


class Loader(yaml.SafeLoader):
    """YAML with Ansible's !unsafe."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
DATA: dict[str, Any] = yaml.load((EXAMPLE / "controller.yml").read_text(encoding="utf-8"), Loader=Loader)
TEMPLATES = {template["name"]: template for template in DATA["controller_templates"]}
QUESTIONS = [
    pytest.param(question, id=f"{name}: {question['variable']}")
    for name, template in TEMPLATES.items()
    for question in template["survey_spec"]["spec"]
]


@pytest.mark.parametrize("name", TEMPLATES)
def test_survey_has_name_description_and_unique_variables(name: str) -> None:
    survey = TEMPLATES[name]["survey_spec"]
    assert {"name", "description", "spec"} == set(survey)
    variables = [question["variable"] for question in survey["spec"]]
    assert variables
    assert len(variables) == len(set(variables))


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_passes_the_rules_of_awx(question: dict[str, Any]) -> None:
    assert question["type"] in TYPES
    assert all(isinstance(question[key], str) for key in ("question_name", "question_description", "variable"))
    assert isinstance(question["required"], bool)
    assert question.get("default", "") == "" or isinstance(question["default"], TYPES[question["type"]])
    assert all(isinstance(question.get(key), int | None) for key in ("min", "max"))
    assert "$encrypted$" not in str(question.get("default", "")) or question["type"] == "password"


@pytest.mark.parametrize("question", [item for item in QUESTIONS if item.values[0]["type"].startswith("multi")])
def test_choices_hold_a_default(question: dict[str, Any]) -> None:
    assert question["choices"]
    assert question["default"] in question["choices"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_optional_text_may_be_empty(question: dict[str, Any]) -> None:
    assert question["required"] or not question.get("min")


@pytest.mark.parametrize("name", TEMPLATES)
def test_playbook_of_a_template_imports_one_of_the_collection(name: str) -> None:
    plays = yaml.safe_load((EXAMPLE / TEMPLATES[name]["playbook"]).read_text(encoding="utf-8"))
    namespace, _ignored, playbook = plays[0]["ansible.builtin.import_playbook"].rpartition(".")
    assert len(plays) == 1
    assert namespace == "relayops.exchange"
    assert (PLAYBOOKS / f"{playbook}.yml").is_file()


@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_is_a_variable_of_the_collection(question: dict[str, Any]) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in PLAYBOOKS.glob("*.yml"))
    specs = "".join(
        p.read_text(encoding="utf-8") for p in (PLAYBOOKS.parent / "roles").glob("*/meta/argument_specs.yml")
    )
    assert re.search(rf"\b{question['variable']}\b", text + specs)


@pytest.mark.parametrize("kind", DATA["controller_credential_types"], ids=lambda kind: kind["name"])
def test_credential_type_injects_by_environment_only(kind: dict[str, Any]) -> None:
    assert set(kind["injectors"]) == {"env"}
    fields = {field["id"] for field in kind["inputs"]["fields"]}
    for name, value in kind["injectors"]["env"].items():
        assert name.startswith("EXCHANGE_")
        assert set(re.findall(r"{{ (\w+) }}", value)) <= fields
    assert set(kind["inputs"]["required"]) <= fields
    assert all(re.fullmatch(r"[a-zA-Z_]+[a-zA-Z0-9_]*", field) for field in fields)
