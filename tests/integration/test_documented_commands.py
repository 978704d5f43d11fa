# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of READMEs and guides, typed as they stand in a reader's directory, with a lab as the servers.

The inventory is the page's own, or else the README's; only ``host_vars`` beside it say that the lab is meant.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import documentation
import pexpect
import pytest
import yaml
from exchange_lab.lab import Lab
from exchange_lab.windows.record import Interface

CHECKOUT = documentation.CHECKOUT
README = "README.md"
ONE_SERVER = (
    "README.md",
    "docs/docsite/rst/guide_first_relay.rst",
    "docs/docsite/rst/guide_connecting.rst",
    "docs/docsite/rst/guide_troubleshooting.rst",
    "docs/docsite/rst/guide_auditing.rst",
    "docs/docsite/rst/guide_usage.rst",
)
ACCEPTANCE = "docs/docsite/rst/guide_acceptance.rst"
MOVING = "docs/docsite/rst/guide_moving.rst"
CONTRIBUTING = "CONTRIBUTING.md"


def shown_yaml(page: str) -> dict[str, Any]:
    """The ``inventory`` and the ``play`` of roles that a page has the reader write, as far as it shows them."""
    found = [yaml.safe_load(one.text) for one in documentation.blocks(page) if one.language == "yaml"]
    plays = [one for one in found if isinstance(one, list) and "roles" in one[0]]
    inventories = [one for one in found if isinstance(one, dict) and "exchange" in one]
    return {name: some[0] for name, some in (("inventory", inventories), ("play", plays)) if some}


@dataclass
class Reader:
    """A directory with what a page has the reader write, and a terminal in it."""

    lab: Lab
    folder: Path

    def here(self, text: str) -> str:
        """The text with the lab's network for the one of the documentation."""
        return text.replace("192.0.2.0/24", self.lab.details()["network"]).replace(
            "192.0.2.", self.lab.details()["network"].rpartition(".")[0] + "."
        )

    def write(self, page: str, **variables: Any) -> None:
        """Inventory and play of a page; ``variables`` are of the hosts."""
        own = next(one for one in map(shown_yaml, (page, README)) if len(one) == 2)
        inventory, play = own["inventory"], own["play"]
        inventory["exchange"]["hosts"] = {f"ex0{n}.example.com": None for n in range(1, len(self.lab.servers) + 1)}
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
        (self.folder / "relay.yml").write_text(self.here(yaml.safe_dump(play, sort_keys=False)))
        (self.folder / "host_vars").mkdir()
        for number, host in enumerate(inventory["exchange"]["hosts"]):
            (self.folder / "host_vars" / f"{host}.yml").write_text(yaml.safe_dump(self.reached(number) | variables))

    def reached(self, number: int) -> dict[str, Any]:
        """How the lab's n-th server is reached, all but the password: that comes as the page says."""
        server = self.lab.servers[number]
        return {
            "ansible_host": server.address,
            "ansible_port": server.winrm_tls_port,
            "ansible_psrp_protocol": "https",
            "ansible_psrp_auth": "basic",
            "ansible_psrp_ca_cert": str(self.lab.ca_pem),
            "ansible_user": self.lab.username,
            # an address does not tell which server of several is meant, as a name does
            **({"exchange_session": {"server": server.name}} if number else {}),
        }

    def types(self, command: str, seconds: float = 200) -> str:
        """What a command prints, in a terminal; it asks for a password and for patience, and must succeed."""
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "RELAY_ADMIN_PASSWORD": self.lab.password,
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_NOCOLOR": "1",
            "no_proxy": "*",
        }
        said, code = pexpect.run(
            command if re.match(r"ansible\S* [^|]*$", command) else f"sh -c {json.dumps(command)}",
            cwd=str(self.folder),
            env=environment,
            timeout=seconds,
            encoding="utf-8",
            withexitstatus=True,
            dimensions=(50, 400),
            # an hour of logging ends early as Ansible's pause offers: Ctrl-C, then C
            events=[("SSH password: ", f"{self.lab.password}\n"), ("'A' = abort", "\x03"), ("Press 'C'", "C")],
        )
        assert code == 0, said
        return str(said).replace("\r\n", "\n")

    def follow(self, page: str) -> str:
        """Type all commands of a page in order, and compare what they are said to print; what has a name has a test."""
        everything = ""
        for block in (one for one in documentation.blocks(page) if not one.name):
            for command, shown in block.session:
                if not documentation.reason(command):
                    everything += (said := self.types(command))
                    lines = [" ".join(line.split()) for line in said.splitlines()]
                    assert [line for line in shown if " ".join(line.split()) not in lines] == [], said
        assert everything, page
        return everything


@pytest.fixture
def reader(make_lab: Callable[..., Lab], tmp_path: Path) -> Iterator[Callable[..., Reader]]:
    """Readers with a lab of so many servers each."""

    def made(servers: int = 1) -> Reader:
        lab = make_lab("2019", servers=servers)
        if lab.offset:
            pytest.skip("the endpoint's port, which no command names, is not free for this user")
        return Reader(lab, tmp_path)

    return made


def connectors(lab: Lab, server: str = "EX01") -> dict[str, Any]:
    return {each.name: each for each in lab.organisation.connectors(server)}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("page", ONE_SERVER)
def test_a_page_with_one_server(page: str, reader: Callable[..., Reader]) -> None:
    here = reader()
    here.write(page)
    said = here.follow(page)
    if " relay.yml" in said or page.endswith(("README.md", "first_relay.rst")):
        assert "RelayConnector" in connectors(here.lab)
    written = {str(path.relative_to(here.folder)) for path in here.folder.glob("relay-*/**/*") if path.is_file()}
    if page.endswith("auditing.rst"):
        assert written == {f"relay-audit/relay-audit.{kind}" for kind in ("html", "md", "json")}
    if page.endswith("usage.rst"):
        assert {f"relay-usage/ex01.example.com/{name}" for name in ("clients.yml", "relay-usage.json")} <= written


@pytest.mark.timeout(400)
def test_acceptance(reader: Callable[..., Reader]) -> None:
    """With the controller alone, then with the guide's second machine."""
    here = reader()
    client, stranger, address = (str(ip_network(here.lab.details()["network"])[n]) for n in (77, 78, 25))
    here.lab.servers[0].host.add_interface(Interface(20, "Relay"), (address, 24))
    # the lab is on this machine, which has all addresses: one of them is the client's
    given = {"client": {"source_address": client}, "probe_port": here.lab.smtp_port(25), "patience": 1}
    here.write(ACCEPTANCE, **{f"relay_acceptance_{name}": value for name, value in given.items()})
    variables = here.folder / "acceptance.yml"
    text = documentation.block("guide_acceptance", "acceptance-variables").replace("/srv", str(here.folder))
    variables.write_text(here.here(text))
    before = set(connectors(here.lab))
    here.follow(ACCEPTANCE)
    report = here.folder / "acceptance" / "relay-acceptance-ex01.example.com.json"
    alone = json.loads(report.read_text())
    assert alone["outcome"] == "passed"
    assert alone["summary"]["not_seen"] > 0
    second = yaml.safe_load(documentation.block("guide_acceptance", "acceptance-stranger"))
    second["relay_acceptance_stranger"]["source_address"] = stranger
    variables.write_text(variables.read_text() + yaml.safe_dump(second))
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    (self_named := here.folder / "host_vars" / "app1.example.com.yml").write_text(yaml.safe_dump(local))
    inventory = yaml.safe_load((here.folder / "inventory.yml").read_text())
    inventory["ungrouped"] = {"hosts": {self_named.stem: None}}
    (here.folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
    here.follow(ACCEPTANCE)
    both = json.loads(report.read_text())
    assert both["outcome"] == "passed"
    assert both["summary"]["not_seen"] < alone["summary"]["not_seen"]
    assert set(connectors(here.lab)) == before
    _replayed(here, both["summary"])


def _replayed(here: Reader, summary: dict[str, int]) -> None:
    """The guide's command for the recording; the lab is this checkout's, not an installed one."""
    command = documentation.block("guide_acceptance", "acceptance-replay").removeprefix("$ ")
    lab = f"env PYTHONPATH={CHECKOUT / 'tests' / 'lab'} {sys.executable} -m exchange_lab"
    command = command.replace("exchange-lab", lab, 1).replace("/srv", str(here.folder))
    (here.folder / "replay.sh").write_text(command)
    said = here.types("sh replay.sh")
    (again,) = (here.folder / "relay-acceptance").glob("*.json")
    assert json.loads(again.read_text())["summary"] == summary, said


def test_moving(reader: Callable[..., Reader]) -> None:
    here = reader(servers=2)
    here.write(MOVING)
    copiers = {"server": "EX01", "name": "Copiers", "bindings": "0.0.0.0:2626", "remote_ip_ranges": "10.0.0.77"}
    task = {"name": "Begin", "relayops.exchange.receive_connector": copiers}
    play = {"hosts": "ex01.example.com", "gather_facts": False, "tasks": [task]}
    (here.folder / "begin.yml").write_text(yaml.safe_dump([play]))
    here.types("ansible-playbook -i inventory.yml begin.yml")
    here.follow(MOVING)
    assert list(map(str, connectors(here.lab, "EX02")["Copiers"].properties["RemoteIPRanges"])) == ["10.0.0.77"]


def test_contributing(make_lab: Callable[..., Lab]) -> None:
    """Typed in the checkout."""
    said = Reader(make_lab("2019"), CHECKOUT).follow(CONTRIBUTING)
    assert "cumtime" in said
    assert "ansible_collections.relayops.exchange.plugins" in said
