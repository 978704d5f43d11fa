# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide on the lab: a team's own playbook and its own Molecule scenario, by the guide's lines and commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDE = (CHECKOUT / "docs" / "docsite" / "rst" / "guide_lab.rst").read_text()
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


def block(name: str) -> str:
    """The code block of that name."""
    return textwrap.dedent(re.split(r"\n(?=\S)", GUIDE.split(f":name: {name}\n")[1])[0])


def command(words: str) -> str:
    """The guide's command that contains these words."""
    (found,) = re.findall(rf"^ +\$ (exchange-lab .*{re.escape(words)}.*)$", GUIDE, re.M)
    return str(found).replace("exchange-lab", f"{sys.executable} -m exchange_lab")


def play() -> str:
    """The team's playbook, with the guide's line in it."""
    return yaml.safe_dump([PLAY | yaml.safe_load(block("module-defaults"))], sort_keys=False)


def run(line: str, folder: Path) -> str:
    """What a command of the guide prints; it must succeed."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT / "tests" / "lab"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": str(folder / "home"),
        "no_proxy": "*",
    }
    done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_playbook_of_a_team(tmp_path: Path) -> None:
    (tmp_path / "relay.yml").write_text(play())
    said = run(command("ansible-playbook"), tmp_path)
    assert re.search(r"ex01 +: ok=\d+ +changed=1 ", said), said


@pytest.mark.timeout(400)
def test_a_scenario_of_a_team(tmp_path: Path) -> None:
    """Its verify asks the lab's own servers, which are two."""
    scenario = tmp_path / "molecule" / "default"
    scenario.mkdir(parents=True)
    (scenario / "molecule.yml").write_text(block("molecule-yml"))
    (scenario / "converge.yml").write_text(play())
    question = {"name": "Ask", "relayops.exchange.receive_connector_info": {"name": "Relay"}, "register": "found"}
    proof = {"name": "There it is", "ansible.builtin.assert": {"that": "found.connectors | length == 1"}}
    verify = [{key: PLAY[key] for key in ("name", "hosts", "gather_facts")} | {"tasks": [question, proof]}]
    verify[0] |= yaml.safe_load(block("module-defaults"))
    (scenario / "verify.yml").write_text(yaml.safe_dump(verify, sort_keys=False))
    said = run(command("molecule test"), tmp_path)
    for host in ("ex01", "ex02"):
        assert re.search(rf"{host} +: ok=\d+ +changed=1 ", said), said
        assert re.search(rf"{host} +: ok=\d+ +changed=0 ", said), said
