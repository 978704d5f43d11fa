# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as a process and as a package: started, used, stopped, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import winrm
from exchange_lab.control import Control, ControlClient
from exchange_lab.faults import KINDS

SOURCES = Path(__file__).resolve().parents[2]
MODULE = [sys.executable, "-m", "exchange_lab"]


@dataclass
class Process:
    """A lab in a process of its own."""

    process: subprocess.Popen[str]
    details: dict[str, Any]
    files: list[Path]

    @property
    def folder(self) -> Path:
        """Where it keeps its files."""
        return Path(self.details["ca_pem"]).parent

    def gone(self) -> bool:
        """Whether it has ended well and left no file and no listener."""
        code = self.process.wait(20)
        left = [path for path in (*self.files, self.folder) if path.exists()]
        server = self.details["servers"][0]
        return (code, left) == (0, []) and not answers(server["address"], server["winrm_port"])


def answers(address: str, port: int) -> bool:
    """Whether somebody listens there."""
    with suppress(OSError), socket.create_connection((address, port), timeout=2):
        return True
    return False


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start labs by command line; whatever still runs in the end is killed."""
    made: list[subprocess.Popen[str]] = []

    def begin(*words: str, command: list[str] | None = None, path: Path = SOURCES) -> Process:
        number = len(made)
        files = [tmp_path / f"lab{number}.json", tmp_path / f"lab{number}.pid"]
        line = [*(command or MODULE), "--details", str(files[0]), "--pid-file", str(files[1]), *words]
        process = subprocess.Popen(line, env=os.environ | {"PYTHONPATH": str(path)}, cwd=tmp_path, text=True)
        made.append(process)
        end = time.monotonic() + 30
        while not files[0].exists():
            assert process.poll() is None, "the lab has ended"
            assert time.monotonic() < end, "the lab does not start"
            time.sleep(0.05)
        return Process(process, json.loads(files[0].read_text()), files)

    yield begin
    for process in made:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def hello(details: dict[str, Any]) -> str:
    """The host's name for itself, asked over WinRM."""
    server = details["servers"][0]
    session = winrm.Session(
        f"http://{server['address']}:{server['winrm_port']}/wsman",
        auth=(details["username"], details["password"]),
        transport="ntlm",
        ca_trust_path=details["ca_pem"],
        proxy=None,
    )
    return session.run_cmd("echo", [details["exchange"]]).std_out.decode().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_at_a_signal(start: Start, number: signal.Signals) -> None:
    lab = start()
    assert int(lab.files[1].read_text()) == lab.process.pid == lab.details["pid"]
    assert hello(lab.details) == "2019"
    lab.process.send_signal(number)
    assert lab.gone()


def test_two_side_by_side_and_stopped_by_pid_file(start: Start) -> None:
    labs = [start("--exchange", "2016", "--servers", "2"), start("--exchange", "2010")]
    assert labs[0].details["network"] != labs[1].details["network"]
    assert [hello(lab.details) for lab in labs] == ["2016", "2010"]
    ControlClient(labs[0].details["control"]).post("/command", name="Get-ReceiveConnector")
    counts = [ControlClient(lab.details["control"]).get("/counts") for lab in labs]
    assert [each["sessions_opened"] for each in counts] == [1, 1]
    stopped = subprocess.run([*MODULE, "--stop", str(labs[0].files[1])], env=_environment(), timeout=30, check=False)
    assert stopped.returncode == 0
    assert labs[0].gone()
    assert hello(labs[1].details) == "2010", "the other one goes on"
    labs[1].process.terminate()
    assert labs[1].gone()


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(SOURCES)}


def test_stop_without_a_lab(tmp_path: Path) -> None:
    stale = tmp_path / "stale.pid"
    process = subprocess.Popen(["true"])
    process.wait(10)
    stale.write_text(f"{process.pid}\n")
    for file in (stale, tmp_path / "none.pid"):
        done = subprocess.run([*MODULE, "--stop", str(file)], env=_environment(), timeout=30, check=False)
        assert done.returncode == 0
        assert not file.exists()


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--network", "10.0.0.0/24"], 2, "has to be a /24 of 127.0.0.0/8"),
        (["--switch", "no_such=1"], 2, "no switch in 'no_such=1'"),
        (["--servers", "0"], 2, "one server at least"),
        (["--exchange", "2003"], 2, "invalid choice"),
    ],
)
def test_bad_options(words: list[str], code: int, text: str) -> None:
    done = subprocess.run(
        [*MODULE, *words], env=_environment(), timeout=30, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_a_network_that_is_taken(start: Start) -> None:
    lab = start()
    words = [*MODULE, "--network", lab.details["network"]]
    done = subprocess.run(words, env=_environment(), timeout=30, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_kerberos_ends_with_its_lab_even_when_killed(start: Start, kerberos_lab: Any) -> None:
    lab = start("--kerberos")
    config = Path(lab.details["krb5_config"]).read_text()
    address, _, port = config.partition(" kdc = ")[2].split()[0].rpartition(":")
    assert answers(address, int(port))
    lab.process.kill()
    lab.process.wait(10)
    end = time.monotonic() + 5
    while answers(address, int(port)):
        assert time.monotonic() < end
        time.sleep(0.05)
    shutil.rmtree(lab.folder)


def test_a_command_finds_the_lab_and_the_lab_ends_with_it(tmp_path: Path) -> None:
    copy = f'cp "$EXCHANGE_LAB_INVENTORY" {tmp_path}/seen.json; exit 3'
    line = [*MODULE, "--connection", "psrp", "--", "sh", "-c", copy]
    done = subprocess.run(line, env=os.environ | {"PYTHONPATH": str(SOURCES)}, timeout=100, check=False)
    assert done.returncode == 3
    seen = json.loads((tmp_path / "seen.json").read_text())["exchange"]
    assert seen["hosts"]["ex01"]["ansible_connection"] == "psrp"
    assert not Path(seen["vars"]["lab"]["ca_pem"]).exists()
    assert not answers(seen["hosts"]["ex01"]["ansible_host"], seen["hosts"]["ex01"]["ansible_port"])


def test_a_signal_ends_the_command_and_the_lab(start: Start) -> None:
    lab = start("--", "sleep", "60")
    lab.process.terminate()
    assert lab.process.wait(20) == 128 + signal.SIGTERM
    assert not [path for path in (*lab.files, lab.folder) if path.exists()]


def test_a_command_that_there_is_not(tmp_path: Path) -> None:
    line = [*MODULE, "--inventory", str(tmp_path / "lab.yml"), "--", "no-such-command"]
    environment = os.environ | {"PYTHONPATH": str(SOURCES)}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (
        127,
        "exchange_lab: no-such-command cannot be run: No such file or directory\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_installed_with_pip(start: Start, tmp_path: Path) -> None:
    """Built away from the checkout, which a build would litter; the console commands are the module."""
    source, target = tmp_path / "source", tmp_path / "installed"
    shutil.copytree(SOURCES, source, ignore=shutil.ignore_patterns("tests", ".*", "__pycache__"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *options, str(source)]
    subprocess.run(pip, timeout=100, check=True, capture_output=True)
    for name in ("exchange-lab", "exchange_lab"):
        lab = start(command=[sys.executable, str(target / "bin" / name)], path=target)
        assert hello(lab.details) == "2019"
        lab.process.terminate()
        assert lab.gone()


def test_the_readme_names_what_there_is(make_lab: Any) -> None:
    readme = (SOURCES / "README.md").read_text()
    control = Control(make_lab())
    words = [*KINDS, *(path for path in (*control.reads, *control.writes) if path.count("/") == 1), "--stop"]
    assert [word for word in words if word not in readme] == []
