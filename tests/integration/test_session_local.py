# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The snap-in on the host over winrm, psrp and ssh, where there is no endpoint; and which way ``auto`` chooses."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.lab import Lab

Play = Callable[..., Any]
MODULE = "relayops.exchange.receive_connector"


@pytest.fixture(scope="module")
def labs() -> Iterator[Callable[[str], Lab]]:
    """One lab for each version, kept for all tests."""
    known: dict[str, Lab] = {}
    with ExitStack() as stack:

        def lab(version: str) -> Lab:
            if version not in known:
                known[version] = stack.enter_context(Lab(version))
            known[version].journal.clear()
            return known[version]

        yield lab
        for each in known.values():
            assert each.journal.open_sessions == []


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Lab, str], dict[str, Any]]:
    """Variables of a host that is reached by that connection plugin; ssh is played by a program of that name."""

    def variables(lab: Lab, connection: str) -> dict[str, Any]:
        server = lab.servers[0]
        url = f"http://{server.address}:{server.winrm_port}/wsman"
        target = {"url": url, "log": str(tmp_path / "log"), "username": lab.username, "password": lab.password}
        (tmp_path / "lab.json").write_text(json.dumps(target))
        monkeypatch.setenv("SSH_STAND_IN", str(tmp_path / "lab.json"))
        program = tmp_path / "ssh"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("ssh_stand_in.py")} "$@"\n')
        program.chmod(0o755)
        own: dict[str, dict[str, Any]] = {
            "winrm": {"ansible_winrm_transport": "ntlm", "ansible_winrm_message_encryption": "always"},
            "psrp": {"ansible_psrp_auth": "ntlm", "ansible_psrp_protocol": "http"},
            "ssh": {
                "ansible_ssh_executable": str(program),
                "ansible_ssh_retries": 0,
                "ansible_shell_type": "powershell",
            },
        }
        account = {"ansible_user": lab.username, "ansible_password": lab.password, "ansible_port": server.winrm_port}
        if connection == "ssh":
            account = {"ansible_user": "Administrator"}
        return {"ansible_host": server.address, "ansible_connection": connection} | account | own[connection]

    return variables


def play(*tasks: dict[str, Any], shell: str = "local") -> dict[str, Any]:
    defaults = {"group/relayops.exchange.exchange": {"management_shell": shell}}
    return {"hosts": "all", "gather_facts": False, "module_defaults": defaults, "tasks": list(tasks)}


def messages(played: Any) -> list[str]:
    return [event["result"].get("msg", "") for event in played.events if event["kind"] in ("failed", "unreachable")]


# OpenSSH comes with Windows Server 2019, which Exchange 2007 does not run on
@pytest.mark.parametrize(("version", "connections"), [("2007", ("winrm", "psrp")), ("edge", ("winrm", "psrp", "ssh"))])
def test_a_connector_is_made_and_removed(
    labs: Callable[[str], Lab], host: Any, ansible_playbook: Play, version: str, connections: tuple[str, ...]
) -> None:
    """Over each connection at the same time, which no other connection minds."""
    lab = labs(version)
    wanted = {
        "name": "Über {{ ansible_connection }}",
        "bindings": [f"{lab.servers[0].address}:{{{{ port }}}}"],
        "remote_ip_ranges": ["192.0.2.7", "2001:db8::7"],
        "permission_groups": ["AnonymousUsers"],
        "comment": "it's \u201cquoted\u201d €",
    }
    tasks = [
        {"name": "Make", MODULE: wanted},
        {"name": "Again", MODULE: wanted},
        {"name": "Remove", MODULE: {"name": wanted["name"], "state": "absent"}},
    ]
    hosts = {
        f"ex01-{connection}": host(lab, connection) | {"port": 2525 + number}
        for number, connection in enumerate(connections)
    }
    played = ansible_playbook(play(*tasks), {"all": {"hosts": hosts}})
    assert messages(played) == []
    for name, changed in (("Make", True), ("Again", False), ("Remove", True)):
        assert [result["changed"] for result in played.results(name)] == [changed] * len(connections)
    assert {change.endpoint for change in lab.journal.sessions} == {"winrm"}
    assert {command.name for command in lab.journal.commands} >= {"New-ReceiveConnector", "Export-Clixml"}


CHOICES = {
    "2007": r"local was chosen, since \S+ runs Exchange 2007",
    "edge": "local was chosen, since EX01 is an Edge Transport server",
    "2016": r"remote was chosen, since \S+ has an endpoint",
}


def test_auto_says_what_it_chose(labs: Callable[[str], Lab], host: Any, ansible_playbook: Play) -> None:
    hosts = {}
    for version in CHOICES:
        lab = labs(version)
        session = {"port": lab.servers[0].exchange_tls_port or 443, "ca": str(lab.ca_pem)}
        hosts[f"of-{version}"] = host(lab, "winrm") | session
    options = {"endpoint_port": "{{ port }}", "endpoint_auth": "basic", "endpoint_ca_cert": "{{ ca }}"}
    tasks = [{"name": "Look", "relayops.exchange.receive_connector_info": options}]
    played = ansible_playbook(play(*tasks, shell="auto"), {"all": {"hosts": hosts}})
    assert messages(played) == []
    assert [bool(result["connectors"]) for result in played.results("Look")] == [True] * len(CHOICES)
    said = " ".join(played.output.split())
    for chosen in CHOICES.values():
        assert len(re.findall(f"management_shell: {chosen}", said)) == 1, said


def test_a_host_that_is_no_windows_host(labs: Callable[[str], Lab], ansible_playbook: Play) -> None:
    tasks = [{"name": "Look", "relayops.exchange.receive_connector_info": {}}]
    played = ansible_playbook(play(*tasks), {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}})
    (message,) = messages(played)
    assert message == (
        "Opening a shell on the host on localhost: the connection local does not reach a Windows host. Set "
        "ansible_connection to winrm, psrp or ssh, or management_shell to remote."
    )


def test_the_deadline_ends_a_call_that_does_not_come_back(
    labs: Callable[[str], Lab], host: Any, ansible_playbook: Play
) -> None:
    """Whatever the host's connection waits for: a hanging answer, and the farewell to the shell behind it.

    That shell is Ansible's connection's, which cannot close it once its own connection is broken; WinRM does in time.
    """
    lab = labs("edge")
    for verb in ("Receive", "Signal"):
        lab.faults.inject("hang", endpoint="winrm", verb=verb, times=1000)
    tasks = [{"name": "Look", "relayops.exchange.receive_connector_info": {"deadline": 1}}]
    hosts = {f"ex01-{connection}": host(lab, connection) for connection in ("winrm", "psrp", "ssh")}
    before = time.monotonic()
    played = ansible_playbook(play(*tasks), {"all": {"hosts": hosts}})
    assert time.monotonic() - before < 40
    lab.faults.clear()
    lab.servers[0].winrm_shells.close_all()
    assert len(messages(played)) == 3
    for message in messages(played):
        assert re.search(r"^The task on 127\S+: the deadline of 1 s has passed\. Raise deadline", message), message
