# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/stands/loaded_ansible: a forked run is a run of ansible-playbook like any other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from loaded_ansible import LoadedAnsible

SAYS = "{{ lookup('env', 'GREETING') }} from {{ lookup('pipe', 'pwd') }}, {{ lookup('config', 'DEFAULT_FORKS') }} forks"


@pytest.fixture
def loaded() -> Iterator[LoadedAnsible]:
    own = LoadedAnsible()
    yield own
    own.close()


def play(folder: Path, task: dict[str, object]) -> list[str]:
    """The words for a play with that task."""
    file = folder / "play.yml"
    file.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    return ["-i", "localhost,", "-c", "local", str(file)]


def test_says_and_ends_as_ansible_playbook_does(loaded: LoadedAnsible, tmp_path: Path) -> None:
    home = str(loaded.folder)
    for name, greeting, forks in (("debug", "hello", "7"), ("fail", "good-bye", "7"), ("fail", "hello", "9")):
        words = play(tmp_path, {f"ansible.builtin.{name}": {"msg": SAYS}})
        environment = os.environ | {"GREETING": greeting, "ANSIBLE_FORKS": forks, "ANSIBLE_HOME": home}
        program = Path(sys.executable).with_name("ansible-playbook")
        alone = subprocess.run([program, *words], env=environment, capture_output=True, text=True, check=False)
        code, said = loaded.run(words, environment, tmp_path, 60)
        assert f"{greeting} from {tmp_path}, {forks} forks" in said
        assert (code, sorted(said.splitlines())) == (
            alone.returncode,
            sorted((alone.stdout + alone.stderr).splitlines()),
        )


def test_a_run_that_takes_too_long_is_killed(loaded: LoadedAnsible, tmp_path: Path) -> None:
    words = play(tmp_path, {"ansible.builtin.pause": {"seconds": 60}})
    with pytest.raises(TimeoutError, match=r"took more than 3 s and said:[^$]*TASK"):
        loaded.run(words, os.environ, tmp_path, 3)
    code, _said = loaded.run(play(tmp_path, {"ansible.builtin.debug": {}}), os.environ, tmp_path, 60)
    assert code == 0
