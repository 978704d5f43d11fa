# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far exchange_debug gets: each step made to fail in turn, with the remedy that the user sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.lab import Lab
from exchange_lab.wire import tls

Play = Callable[..., Any]
STEPS = ["libraries", "settings", "name", "tcp", "tls", "authentication and endpoint", "version", "roles"]
PASSWORD = "Op-Passw0rd!"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as started:
        started.add_user("operator", PASSWORD, "Server Management")
        started.add_user("guest", PASSWORD)
        yield started


def host(lab: Lab) -> dict[str, Any]:
    account = {"ansible_user": lab.username, "ansible_password": lab.password}
    return account | {"ansible_host": lab.servers[0].address, "ansible_connection": "winrm"}


def options(lab: Lab, **changes: Any) -> dict[str, Any]:
    given = {"endpoint_auth": "basic", "endpoint_port": lab.servers[0].exchange_tls_port}
    return {**given, "endpoint_ca_cert": str(lab.ca_pem), **changes}


def debugged(lab: Lab, ansible_playbook: Play, tasks: dict[str, dict[str, Any]], **variables: Any) -> dict[str, Any]:
    """The result of each task by name."""
    listed = [
        {"name": name, "relayops.exchange.exchange_debug": given, "ignore_errors": True}
        for name, given in tasks.items()
    ]
    play = {"hosts": "all", "gather_facts": False, "tasks": listed}
    played = ansible_playbook(play, {"all": {"hosts": {"ex01": host(lab) | variables}}})
    assert lab.password not in played.output
    return {name: played.result(name) for name in tasks}


def test_everything_works(lab: Lab, ansible_playbook: Play) -> None:
    result = debugged(lab, ansible_playbook, {"debug": options(lab)})["debug"]
    assert {step["name"]: step["verdict"] for step in result["steps"]} == dict.fromkeys(STEPS, "passed")
    found = {step["name"]: step["found"] for step in result["steps"]}
    assert found["tcp"] == f"port {lab.servers[0].exchange_tls_port} is open"
    assert "certificate for ex01.lab.example" in found["tls"]
    assert found["version"].startswith("EX01 runs Exchange 2019 (")
    assert found["roles"] == "Active Directory Permissions, Receive Connectors"
    assert result["msg"].startswith("everything works: EX01 runs Exchange 2019")
    assert result["endpoint"]["credentials_from"] == "the host's connection"
    assert result["controller"]["libraries"]["pypsrp"]
    assert lab.journal.open_sessions == []


def test_each_step_that_fails_names_its_remedy(lab: Lab, ansible_playbook: Play, tmp_path: Path) -> None:
    strange = tmp_path / "strange.pem"
    tls.authority("strange").cert_pem.write_to_path(str(strange))
    operator = {"endpoint_username": "LAB\\operator", "endpoint_password": PASSWORD}
    cases: dict[str, tuple[dict[str, Any], str, str]] = {
        "settings": ({"endpoint_ssl": False}, "Basic authentication without TLS", "Leave endpoint_ssl at true"),
        "name": ({"endpoint_host": "nobody.invalid"}, "does not resolve", "Check the name and the controller's DNS"),
        "tcp": ({"endpoint_port": 9}, "port 9 cannot be reached: Connection refused", "Check endpoint_port"),
        "tls": ({"endpoint_ca_cert": str(strange)}, "the certificate was refused", "Set endpoint_ca_cert"),
        "authentication and endpoint": ({"endpoint_password": "wrong"}, "was refused at https://", "Check user and"),
        "version": ({"server": "EX99"}, "Exchange servers here are: EX01", ""),
        "roles": (operator, "not offered: ", '"Active Directory Permissions"'),
    }
    results = debugged(lab, ansible_playbook, {name: options(lab, **case[0]) for name, case in cases.items()})
    for name, (_ignored, found, remedy) in cases.items():
        result = results[name]
        (failed,) = (step for step in result["steps"] if step["verdict"] == "failed")
        assert failed["name"] == name
        assert found in failed["found"], failed
        assert remedy in failed["remedy"], failed
        assert found in result["msg"], result["msg"]
        assert result["msg"].startswith(f"{name}: ")
        steps = [step for step in STEPS if step != "tls" or name != "settings"]
        before = steps.index(name)
        verdicts = [step["verdict"] for step in result["steps"]]
        assert verdicts == ["passed"] * before + ["failed"] + ["not reached"] * (len(steps) - before - 1)
    assert lab.journal.open_sessions == []


def test_an_account_without_roles_does_not_get_in(lab: Lab, ansible_playbook: Play) -> None:
    guest = options(lab, endpoint_username="LAB\\guest", endpoint_password=PASSWORD)
    result = debugged(lab, ansible_playbook, {"debug": guest})["debug"]
    assert result["msg"].startswith("authentication and endpoint: ")
    assert result["msg"].count("\n") == 0


@pytest.mark.parametrize("version", ["2007", "edge"])
def test_a_host_without_an_endpoint(ansible_playbook: Play, version: str) -> None:
    with Lab(version) as lab:
        variables = {"ansible_winrm_transport": "ntlm", "ansible_port": lab.servers[0].winrm_port}
        tasks = {shell: {"management_shell": shell} for shell in ("local", "auto")}
        results = debugged(lab, ansible_playbook, tasks, **variables)
        for shell, result in results.items():
            names = ["connection", "snap-in", "version"]
            assert {step["verdict"] for step in result["steps"]} == {"passed"}, result
            first = [] if shell == "local" else ["management_shell"]
            assert [step["name"] for step in result["steps"]] == first + names
            assert result["msg"].startswith("everything works: EX01 runs Exchange")
        assert lab.journal.open_sessions == []
