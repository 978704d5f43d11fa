# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example project's job templates, run by ansible-runner as AWX runs them: from a private data directory with an
executable inventory, survey answers as extra variables, and the Machine credential at the password prompt."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

CHECKOUT = Path(__file__).resolve().parents[3]
EXAMPLE = CHECKOUT / "docs" / "examples" / "awx"
PROGRAMS = Path(sys.executable).parent
RUNNER = shlex.quote(str(PROGRAMS / "ansible-runner"))
# all that a project's sync has to bring of the collection
NEEDED = ("meta", "plugins", "roles", "playbooks")
# what is in the Machine credential, so that the inventory does not have it
CREDENTIAL = ("ansible_user", "ansible_password", "endpoint_username", "endpoint_password")
EXECUTABLE = "#!/usr/bin/env python3\nimport json\nprint(json.dumps(json.loads({text!r})))\n"


class Loader(yaml.SafeLoader):
    """YAML with Ansible's !unsafe."""


def text_of(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    """What is marked as !unsafe, as it is."""
    return str(loader.construct_scalar(node))


Loader.add_constructor("!unsafe", text_of)
DATA = yaml.load((EXAMPLE / "controller.yml").read_text(encoding="utf-8"), Loader=Loader)
TEMPLATES: dict[str, dict[str, Any]] = {each["name"]: each for each in DATA["controller_templates"]}


class Unsafe(str):
    """A survey's answer, in which nothing is a template."""


class Dumper(yaml.SafeDumper):
    """YAML that marks answers as AWX marks them."""


Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


@dataclass
class Job:
    """A finished job: its private data directory and number, where it ran, and what its events say."""

    folder: Path
    number: int
    ran_in: Path
    code: int
    output: str

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts" / str(self.number)

    @property
    def events(self) -> list[dict[str, Any]]:
        files = sorted(self.artifacts.glob("job_events/*.json"), key=lambda path: int(path.name.split("-")[0]))
        return [json.loads(path.read_text()) for path in files]

    @property
    def stats(self) -> dict[str, dict[str, int]]:
        """ok, changed, failures … as AWX shows them: by kind, then host."""
        return next(event["event_data"] for event in self.events if event["event"] == "playbook_on_stats")


def without_credential(hosts: Mapping[str, Any]) -> dict[str, Any]:
    """Variables of hosts without what the Machine credential holds."""
    kept: dict[str, Any] = json.loads(
        json.dumps(hosts), object_pairs_hook=lambda pairs: {key: value for key, value in pairs if key not in CREDENTIAL}
    )
    return kept


def script(hosts: Mapping[str, Any]) -> str:
    """An inventory script as AWX writes one: a program that prints the JSON of ``ansible-inventory --list``."""
    data = {"exchange": {"hosts": sorted(hosts)}, "_meta": {"hostvars": without_credential(hosts)}}
    return EXECUTABLE.format(text=json.dumps(data))


def answers(template: Mapping[str, Any], given: Mapping[str, Any], nothing: Any) -> dict[str, Any]:
    """A survey's answers: what is given, else the default; ``nothing`` for a question that was left empty."""
    asked = {each["variable"]: each["default"] for each in template["survey_spec"]["spec"]}
    assert set(given) <= set(asked)
    filled = {name: given.get(name, default) for name, default in asked.items()}
    return {name: nothing if value == "" else Unsafe(value) for name, value in filled.items()}


@dataclass
class Jobs:
    """Lays private data directories out and runs ansible-runner on them.

    With ``mesh`` jobs go as the controller's mesh sends them: to a worker elsewhere, whose events come back.
    """

    root: Path
    lab: Lab
    mesh: bool = False
    count: int = 0

    def prepare(self, name: str, given: Mapping[str, Any], nothing: Any = None, options: str = "", **only: Any) -> Path:
        """The directory of a job: ``options`` go to ansible-playbook, ``only`` may name the ``hosts`` of a slice."""
        self.count += 1
        folder, template = self.root / f"awx_{self.count}", TEMPLATES[name]
        shutil.copytree(EXAMPLE, folder / "project")
        installed = folder / "requirements_collections" / "ansible_collections" / "relayops" / "exchange"
        for part in NEEDED:
            shutil.copytree(CHECKOUT / part, installed / part, ignore=shutil.ignore_patterns("__pycache__"))
        hosts = inventory(self.lab.details())["exchange"]["hosts"]
        hosts = {name: hosts[name] for name in only.get("hosts", hosts)}
        (folder / "inventory").mkdir()
        (folder / "inventory" / "hosts").write_text(script(hosts))
        (folder / "inventory" / "hosts").chmod(0o700)
        told = {"awx_job_id": self.count, "awx_job_launch_type": "manual", "awx_user_name": "operator"}
        extra = yaml.dump(told | answers(template, given, nothing), Dumper=Dumper)
        diff = " --diff" if template.get("diff_mode") else ""
        user = shlex.quote(self.lab.username)
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": str(installed.parents[2]),
            "ANSIBLE_HOME": str(folder / "home"),
            "no_proxy": "*",
        }
        files = {
            "extravars": f"---\n{extra}",
            "cmdline": f"-u {user} --ask-pass{diff} {options}",
            "passwords": json.dumps({r"SSH password:\s*?$": self.lab.password}),
            "envvars": json.dumps(environment),
            "settings": json.dumps({"job_timeout": 100, "idle_timeout": 0, "pexpect_timeout": 5}),
        }
        (folder / "env").mkdir()
        for file, text in files.items():
            (folder / "env" / file).write_text(text)
        return folder

    def ran_in(self, folder: Path) -> Path:
        """Where a job of this directory runs: there, or in the copy that a worker unpacks."""
        return folder.with_name(folder.name.replace("awx", "worker")) if self.mesh else folder

    def start(self, name: str, folder: Path) -> subprocess.Popen[str]:
        """Start a job."""
        playbook, number = TEMPLATES[name]["playbook"], folder.name.split("_")[1]
        job = f"{shlex.quote(str(folder))} -p {playbook} -i {number}"
        command = f"{RUNNER} run {job}"
        if self.mesh:
            worker = shlex.quote(str(self.ran_in(folder)))
            command = f"{RUNNER} transmit {job} | {RUNNER} worker --private-data-dir {worker}"
            command += f" | {RUNNER} process {shlex.quote(str(folder))} -i {number}"
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "EXCHANGE_"))}
        environment["PATH"] = f"{PROGRAMS}{os.pathsep}{environment['PATH']}"
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(["bash", "-o", "pipefail", "-c", command], env=environment, **pipes)

    def finish(self, folder: Path, started: subprocess.Popen[str]) -> Job:
        """Wait for a job."""
        output, _ = started.communicate(timeout=110)
        job = Job(folder, int(folder.name.split("_")[1]), self.ran_in(folder), started.returncode, output)
        leaks = [path for path in job.artifacts.rglob("*") if path.is_file() and self.lab.password in path.read_text()]
        assert not leaks
        assert self.lab.password not in output
        return job

    def __call__(self, name: str, given: Mapping[str, Any], **how: Any) -> Job:
        """Run a job to its end; it must succeed."""
        folder = self.prepare(name, given, **how)
        job = self.finish(folder, self.start(name, folder))
        assert job.code == 0, job.output
        assert (job.artifacts / "status").read_text() == "successful"
        return job


def changed(job: Job) -> int:
    return sum(job.stats["changed"].values())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mesh", [False, True], ids=["run", "transmit-worker-process"])
def test_each_job_template(
    mesh: bool, make_lab: Callable[..., Lab], tmp_path: Path, address: Any, relays: Any, state: Any
) -> None:
    lab = make_lab("2019")
    run = Jobs(tmp_path, lab, mesh)
    before = state(lab)
    own = address(lab, 25)

    def may_relay() -> list[int]:
        return [number for number in (77, 78, 79, 80) if relays(lab, address(lab, number), own)]

    wanted = {"relay_clients": f"{address(lab, 77)}\n{address(lab, 78)}\n", "relay_address": f"{own}/24"}
    assert changed(run("Relay - provision", wanted)) > 0
    assert may_relay() == [77, 78]
    added = {"client_addresses": address(lab, 79)}
    assert changed(run("Relay - add a client", added, nothing="")) == 1
    assert may_relay() == [77, 78, 79]

    audit = run("Relay - audit", {})
    report = json.loads((audit.ran_in / "project" / "relay-audit" / "relay-audit.json").read_text())
    assert "RelayConnector" in json.dumps(report["access"])

    retired = {"decommission_addresses": f"{address(lab, 78)}\n{address(lab, 79)}"}
    dry = run("Relay - remove a client", retired, options="--check")
    assert (changed(dry), may_relay()) == (1, [77, 78, 79])
    assert changed(run("Relay - remove a client", retired)) == 1
    assert may_relay() == [77]

    run("Relay - provision", wanted | {"relay_state": "absent"}, nothing="")
    assert state(lab) == before


@pytest.mark.timeout(300)
def test_three_slices_over_twelve_servers(
    make_lab: Callable[..., Lab], tmp_path: Path, address: Any, relays: Any
) -> None:
    lab = make_lab("2019", servers=12)
    run = Jobs(tmp_path, lab)
    hosts = sorted(inventory(lab.details())["exchange"]["hosts"])
    wanted = {"relay_clients": address(lab, 77)}
    # as AWX deals hosts out: every third, from the first, the second, the third on
    slices = [
        run.prepare("Relay - provision", wanted, hosts=hosts[first::3], options="--forks=4") for first in range(3)
    ]
    started = [run.start("Relay - provision", folder) for folder in slices]
    jobs = [run.finish(folder, process) for folder, process in zip(slices, started, strict=True)]
    assert [job.code for job in jobs] == [0, 0, 0], "\n".join(job.output for job in jobs)
    assert [sorted(job.stats["changed"]) for job in jobs] == [hosts[first::3] for first in range(3)]
    assert all(
        "RelayConnector" in {each.name for each in lab.organisation.connectors(server.name)} for server in lab.servers
    )
    for server in lab.servers:
        assert relays(lab, address(lab, 77), server.address)
        assert not relays(lab, address(lab, 78), server.address)
