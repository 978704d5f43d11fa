# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as Ansible runs it, also on the oldest Python that it promises."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.transport.bench import ANONYMOUS_RIGHTS, RELAY, Bench


def oldest_python() -> str:
    """A Python 3.9 that runs, or ""; what a version manager puts into PATH may be an empty promise."""
    candidates = [*map(str, Path("~/.pyenv/versions").expanduser().glob("3.9.*/bin/python")), "python3.9"]
    for candidate in filter(shutil.which, candidates):
        if subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0:
            return str(shutil.which(candidate))
    return ""


PYTHONS = {"the controller's": sys.executable, "3.9": oldest_python()}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench()
    made.connector("Default", ["0.0.0.0-255.255.255.255"], ANONYMOUS_RIGHTS)
    made.connector("Relay", [made.at(50)], (*ANONYMOUS_RIGHTS, RELAY))
    made.transport.start()
    yield made
    made.transport.stop()


def ask(bench: Bench, python: str, *options: str, **arguments: Any) -> dict[str, Any]:
    given = {"host": bench.at(10), "port": bench.port_of(25), "rcpt_to": ["someone@outside.test"], **arguments}
    ansible = Path(sys.executable).with_name("ansible")
    command = [str(ansible), "localhost", "-i", "localhost,", "-c", "local", "-m", "relayops.exchange.smtp_probe"]
    command += ["-a", json.dumps(given), "-e", f"ansible_python_interpreter={python}", *options]
    environment = {
        **os.environ,
        "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.oneline",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "{" in done.stdout, done.stdout + done.stderr
    return dict(json.loads(done.stdout[done.stdout.index("{") :]))


@pytest.mark.parametrize("python", PYTHONS)
def test_asks_on(bench: Bench, python: str) -> None:
    if not PYTHONS[python]:
        pytest.skip(f"Python {python} is not installed")
    assert ask(bench, PYTHONS[python], source_address=bench.at(50), expect="allowed")["verdict"] == "allowed"
    refused = ask(bench, PYTHONS[python], "--check", source_address=bench.at(51), forms="all", expect="refused")
    assert (refused["verdict"], refused["open_forms"]) == ("refused", [])
    failed = ask(bench, PYTHONS[python], source_address=bench.at(51), expect="allowed")
    assert "Unable to relay" in failed["msg"]
