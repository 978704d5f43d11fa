# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook acceptance as guide_acceptance.rst tells to run it, on a server that keeps the promises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import documentation
import pytest
import yaml
from acceptance import PLAYBOOK, accepted, variables
from exchange_lab.inventory import inventory
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


@pytest.mark.timeout(300)
def test_each_of_several_hosts_has_files_of_its_own(ansible_playbook: Any, make_lab: Any, tmp_path: Path) -> None:
    """Those of the first host are not overwritten, and the failure of one server is that server's alone."""
    lab = make_lab("2019", servers=2)
    given = variables(lab, tmp_path) | {"relay_acceptance_questions": False}
    hosts = inventory(lab.details(), **given)
    hosts["exchange"]["hosts"]["ex02"]["relay_acceptance_address"] = "192.0.2.99"
    played = ansible_playbook(PLAYBOOK, hosts)
    assert (played.stats["ex01"]["failures"], played.stats["ex02"]["failures"]) == (0, 1), played.output
    hosts["exchange"]["hosts"]["ex02"]["relay_acceptance_address"] = lab.servers[1].address
    played = ansible_playbook(PLAYBOOK, hosts)
    assert played.code == 0, played.output
    for server in lab.servers:
        name = server.name.lower()
        report = json.loads((tmp_path / f"relay-acceptance-{name}.json").read_text())
        assert (report["host"], report["server"], report["outcome"]) == (name, server.name, "passed")
        assert f'<p class="soft">{server.name}, ' in (tmp_path / f"relay-acceptance-{name}.html").read_text()
        assert list(read(tmp_path / f"relay-acceptance-{name}.jsonl").hosts) == [name]
        assert len(read(tmp_path / f"relay-acceptance-{name}-anonymised.jsonl").hosts) == 1
