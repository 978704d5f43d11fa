# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook acceptance as guide_acceptance.rst tells to run it, on a server that keeps the promises."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import documentation
import pytest
import yaml
from acceptance import PLAYBOOK, accepted
from exchange_lab.replay.recording import read
from exchange_lab.switches import Switches

GUIDE = PLAYBOOK.parents[1] / "docs" / "docsite" / "rst" / "guide_acceptance.rst"
README = PLAYBOOK.parents[1] / "roles" / "relay_acceptance" / "README.md"


def example() -> dict[str, Any]:
    """The variables of the guide's first example."""
    return dict(yaml.safe_load(documentation.block("guide_acceptance", "acceptance-variables")))


def test_the_readme_has_the_example_of_the_guide() -> None:
    (shown,) = documentation.blocks("roles/relay_acceptance/README.md")
    (play,) = yaml.safe_load(shown.text)
    assert play["roles"][0]["vars"] == example()


def test_the_guide_describes_each_key_of_the_report() -> None:
    tables = yaml.safe_load((README.parent / "vars" / "main.yml").read_text())
    text = GUIDE.read_text().split("The report\n---")[1]
    assert [key for key in tables["__relay_acceptance_report"] if f"``{key}``" not in text] == []


@pytest.mark.timeout(300)
def test_every_promise_is_seen_and_nothing_is_left(
    relay_stand: Callable[..., Any], ansible_playbook: Any, state: Any, tmp_path: Path
) -> None:
    lab = relay_stand().lab
    before = state(lab)
    assert set(example()) == {f"relay_acceptance_{name}" for name in ("address", "recipient", "folder")}
    raw, anonymised = (tmp_path / f"relay-acceptance-ex01{name}.jsonl" for name in ("", "-anonymised"))
    run = accepted(lab, ansible_playbook, tmp_path)
    assert run.played.code == 0, run.played.output
    assert run.report["outcome"] == "passed"
    assert run.report["summary"] == {"passed": 34, "failed": 0, "not_seen": 0}
    assert state(lab) == before
    assert lab.journal.open_sessions == []
    assert {each["name"] for each in run.report["answers"]} == set(Switches.choices())
    written = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert set(written) == {raw.name, anonymised.name, "relay-acceptance-ex01.json", "relay-acceptance-ex01.html"}
    assert [name for name, text in written.items() if lab.password in text] == []
    assert "EX01" in written[raw.name]
    assert not re.search(r"ex01|lab\.example", written[anonymised.name], re.IGNORECASE)
    assert raw.stat().st_mode & 0o77 == anonymised.stat().st_mode & 0o77 == 0
    assert len(read(anonymised).hosts) == 1
