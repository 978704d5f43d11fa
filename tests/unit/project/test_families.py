# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the reliability session counts what was run, and a family that had no case fails the session."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from families import lacking, lines, summary

CHECKOUT = Path(__file__).resolve().parents[3]
SCRIPT = CHECKOUT / "tests" / "stands" / "families.py"


def report(family: str, outcome: str = "passed", when: str = "call", **told: int) -> Any:
    """A test's report as pytest makes it."""
    judged = {name: name == outcome for name in ("passed", "failed", "skipped")}
    nodeid = f"tests/somewhere/test_{family}.py::test_it[of::this]"
    return SimpleNamespace(nodeid=nodeid, when=when, user_properties=list(told.items()), **judged)


@pytest.mark.parametrize(
    ("reports", "counts"),
    [
        ([report("load"), report("load")], (2, 0, 0)),
        ([report("load", when="setup"), report("load", cases=400), report("load", when="teardown")], (400, 0, 0)),
        ([report("load", "failed", cases=400, failures=3)], (400, 3, 0)),
        ([report("load", "failed", cases=400, failures=0)], (400, 1, 0)),
        ([report("load", "failed", when="setup")], (1, 1, 0)),
        ([report("load", "skipped", when="setup"), report("load")], (1, 0, 1)),
    ],
    ids=[
        "one case a test",
        "as many as it says",
        "failures",
        "a failure that counts none",
        "before it began",
        "skipped",
    ],
)
def test_the_table_counts_cases_failures_and_skipped_tests(reports: list[Any], counts: tuple[int, ...]) -> None:
    assert summary(reports) == {"load": dict(zip(("cases", "failures", "skipped"), counts, strict=True))}


def test_a_family_is_lacking_when_it_is_not_there_or_had_no_case() -> None:
    table = summary([report("faults"), report("load", "skipped", when="setup"), report("hostile", cases=0)])
    assert lacking(table, ["faults", "load", "hostile", "writers"]) == ["load", "hostile", "writers"]
    assert [line.split()[0] for line in lines(table)] == ["faults", "hostile", "load"]


@pytest.mark.parametrize(
    ("counted", "code", "said"),
    [
        ({"load": 400, "writers": 32}, 0, ""),
        ({"load": 400}, 1, "no case of writers was run"),
        ({"load": 0, "writers": 0, "faults": 1}, 1, "no case of load, writers was run"),
        (None, 1, "was not written"),
    ],
)
def test_the_session_fails_without_a_family(
    tmp_path: Path, counted: dict[str, int] | None, code: int, said: str
) -> None:
    table = tmp_path / "table.json"
    if counted is not None:
        made = {name: {"cases": count, "failures": 0, "skipped": 0} for name, count in counted.items()}
        table.write_text(json.dumps(made))
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(table), "load", "writers"], capture_output=True, text=True, check=False
    )
    assert run.returncode == code
    assert said in run.stderr
    assert all(name in run.stdout for name in counted or ())


def test_every_file_of_the_folder_is_a_family_of_the_session() -> None:
    noxfile = CHECKOUT / "noxfile.py"
    if not noxfile.is_file():
        pytest.skip("not a git checkout")
    assigned = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse(noxfile.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name)
        if target.id in ("FAMILIES", "NIGHTLY")
    }
    listed = {
        folder: {f"test_{name}.py" for name in names.split()}
        for places in assigned.values()
        for folder, names in places.items()
    }
    there = {folder: {path.name for path in (CHECKOUT / folder).glob("test_*.py")} for folder in listed}
    assert {folder: names - there[folder] for folder, names in listed.items()} == {folder: set() for folder in listed}
    assert listed["tests/integration/reliability"] == there["tests/integration/reliability"]
