# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides on the lab and on replays, and the lab's README, by their own commands, as a team has them that wants to
test its playbook: an environment of its own with the lab's wheel and the collection's artifact, not this checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import documentation
import pytest
import yaml
from documentation import CHECKOUT, block
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab
from exchange_lab.replay.recording import read
from process_watch import runs

GUIDE, README = "docs/docsite/rst/guide_lab.rst", "tests/lab/README.md"
REPLAY = "docs/docsite/rst/guide_replay.rst"
# what a user of Ansible has; the tests' own versions, since those are what is tested
ANSIBLE = ("ansible-core", "molecule", "pypsrp", "pywinrm", "netaddr")
PLAY: dict[str, Any] = {
    "name": "A play of a team",
    "hosts": "exchange",
    "gather_facts": False,
    "roles": [
        {
            "role": "relayops.exchange.relay",
            "vars": {"relay_name": "Relay", "relay_clients": ["192.0.2.77"], "relay_fqdn": "relay.example.com"},
        }
    ],
}


def command(page: str, words: str) -> str:
    """The page's command that contains these words."""
    (found,) = (one for each in documentation.blocks(page) for one, _ in each.session if words in one)
    return found


def play() -> str:
    """The team's playbook, with the guide's line in it."""
    return yaml.safe_dump([PLAY | yaml.safe_load(block("guide_lab", "module-defaults"))], sort_keys=False)


def until(so: Callable[[], bool]) -> None:
    """Wait until something is so; a minute at most."""
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end
        time.sleep(0.1)


@dataclass
class Team:
    """A virtual environment, and the path of collections that goes with it."""

    home: Path

    def types(self, line: str, folder: Path) -> str:
        """What a command prints that is typed in a folder; it must succeed."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ANSIBLE"))}
        environment |= {
            "VIRTUAL_ENV": str(self.home),
            "PATH": f"{self.home / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(self.home / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(self.home / "ansible"),
            "PIP_CONSTRAINT": str(CHECKOUT / "tests" / "requirements" / "test.txt"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "no_proxy": "*",
        }
        # into a file: what goes on in the background would keep a pipe open
        with (self.home / "said").open("w+") as said:
            done = subprocess.run(line, shell=True, cwd=folder, env=environment, stdout=said, stderr=said, check=False)
            said.seek(0)
            text = said.read()
        assert done.returncode == 0, text
        return text


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Builds and installs by the guide's first command and as the README says, from what git has of the lab."""
    made = Team(tmp_path_factory.mktemp("team"))
    venv.create(made.home, with_pip=True)
    source = made.home / "source"
    ignored = shutil.ignore_patterns("tests", ".*", "__pycache__", "build", "*.egg-info")
    shutil.copytree(CHECKOUT / "tests" / "lab", source / "tests" / "lab", ignore=ignored)
    install = command(GUIDE, "pip install")
    assert install == command(README, "pip install")
    said = made.types(install, source)
    assert "Building wheel for exchange-lab" in said
    made.types(f"pip install {' '.join(ANSIBLE)}", source)
    made.types(f"ansible-galaxy collection build {CHECKOUT} --output-path artifact", source)
    made.types("ansible-galaxy collection install artifact/*.tar.gz --offline -p ../collections", source)
    shutil.rmtree(source)
    return made


@pytest.mark.timeout(400)
def test_nothing_of_it_is_the_checkouts(team: Team, tmp_path: Path) -> None:
    files = team.types(
        "python -c 'import exchange_lab, ansible; print(exchange_lab.__file__, ansible.__file__)'", tmp_path
    )
    assert [Path(file).is_relative_to(team.home) for file in files.split()] == [True, True]
    assert "exchange-lab" in team.types("pip freeze", tmp_path)
    version = team.types("python -m exchange_lab --help; exchange-lab --help", tmp_path)
    assert version.count("--exchange") >= 2
    assert str(team.home) in team.types("ansible-galaxy collection list relayops.exchange", tmp_path)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("page", [GUIDE, README])
def test_a_lab_that_stands_until_it_is_stopped(page: str, team: Team, tmp_path: Path) -> None:
    team.types(command(page, "--details lab.json"), tmp_path)
    until(lambda: (tmp_path / "lab.json").exists() and (tmp_path / "lab.json").read_text() != "")
    details = json.loads((tmp_path / "lab.json").read_text())
    pid = int((tmp_path / "lab.pid").read_text())
    try:
        assert runs(pid)
        assert len(details["servers"]) == 2
        team.types(command(page, "--stop"), tmp_path)
        until(lambda: not runs(pid))
    finally:
        if runs(pid):
            os.kill(pid, signal.SIGTERM)


@pytest.mark.timeout(400)
def test_a_playbook_of_a_team(team: Team, tmp_path: Path) -> None:
    (tmp_path / "relay.yml").write_text(play())
    said = team.types(command(GUIDE, "ansible-playbook"), tmp_path)
    assert re.search(r"ex01 +: ok=\d+ +changed=1 ", said), said


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("page", "hosts"), [(GUIDE, ("ex01", "ex02")), (README, ("ex01",))])
def test_a_scenario_of_a_team(page: str, hosts: tuple[str, ...], team: Team, tmp_path: Path) -> None:
    """Its ``molecule.yml`` is the guide's three lines; its verify asks the lab's own servers."""
    lines = block("guide_lab", "molecule-yml")
    assert len(lines.splitlines()) == 3
    scenario = tmp_path / "molecule" / "default"
    scenario.mkdir(parents=True)
    (scenario / "molecule.yml").write_text(lines)
    (scenario / "converge.yml").write_text(play())
    question = {"name": "Ask", "relayops.exchange.receive_connector_info": {"name": "Relay"}, "register": "found"}
    proof = {"name": "There it is", "ansible.builtin.assert": {"that": "found.connectors | length == 1"}}
    verify = [{key: PLAY[key] for key in ("name", "hosts", "gather_facts")} | {"tasks": [question, proof]}]
    verify[0] |= yaml.safe_load(block("guide_lab", "module-defaults"))
    (scenario / "verify.yml").write_text(yaml.safe_dump(verify, sort_keys=False))
    said = team.types(command(page, "molecule test"), tmp_path)
    for host in hosts:
        assert re.search(rf"{host} +: ok=\d+ +changed=1 ", said), said
        assert re.search(rf"{host} +: ok=\d+ +changed=0 ", said), said


def test_a_lab_in_a_program(team: Team, tmp_path: Path) -> None:
    (snippet,) = (one.text for one in documentation.blocks(README) if one.language == "python")
    (tmp_path / "example.py").write_text(snippet)
    team.types("python example.py", tmp_path)


@pytest.mark.timeout(400)
def test_a_bug_on_a_server_becomes_a_test(
    team: Team,
    tmp_path: Path,
    make_lab: Callable[..., Lab],
    ansible_playbook: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Recorded, anonymised, replayed, and in the end the guide's three lines."""
    lab = make_lab("2019")
    clients = [f"{lab.details()['network'].rpartition('.')[0]}.77"]

    def here(text: str) -> str:
        return text.replace("/tmp", str(tmp_path))

    hosts = inventory(lab.details())
    session = yaml.safe_load(here(block("guide_replay", "replay-record")))["exchange"]["vars"]["exchange_session"]
    hosts["exchange"]["hosts"]["ex01"]["exchange_session"] |= session
    hosts["all"] = {"vars": {"relay_connectors": [{"name": "Kopierer", "clients": clients}]}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump(hosts))
    task = {"name": "Connectors", "relayops.exchange.relay_connector": {"connectors": "{{ relay_connectors }}"}}
    own = {"hosts": "exchange", "gather_facts": False, "tasks": [task]}
    own |= yaml.safe_load(block("guide_lab", "module-defaults"))
    (tmp_path / "relay.yml").write_text(yaml.safe_dump([own]))
    (tmp_path / "anonymise.yml").write_text(here(block("guide_replay", "replay-anonymise")))
    for name in ("relay", "anonymise"):
        team.types(f"ansible-playbook -i inventory.yml {name}.yml", tmp_path)
    said = team.types(command(REPLAY, "--replay"), tmp_path)
    assert re.search(r"ok=1 +changed=1 ", said), said
    assert "Kopierer" not in said
    for old, new in (("exchange-anonymised.jsonl", "bug.jsonl"), ("relay.yml", "bug.yml")):
        (tmp_path / old).rename(tmp_path / new)
    monkeypatch.chdir(tmp_path)
    (lines,) = (one.text for one in documentation.blocks(REPLAY) if one.language == "python")
    assert len(lines.splitlines()) == 3
    names = {"Lab": Lab, "Path": Path, "read": read, "inventory": inventory, "ansible_playbook": ansible_playbook}
    exec(compile(lines, REPLAY, "exec"), names)
