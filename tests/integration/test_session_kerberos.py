# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos against a real KDC: plays with a ticket cache and with a password, over pypsrp and over pywinrm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

Play = Callable[..., Any]
UPN = "Administrator@LAB.EXAMPLE"
LOOK = "relayops.exchange.receive_connector_info"
DEBUG = "relayops.exchange.exchange_debug"


@pytest.fixture(autouse=True)
def nothing_left(kerberos_lab: Any) -> Iterator[None]:
    """No test leaves a shell behind."""
    kerberos_lab.lab.journal.clear()
    yield
    assert kerberos_lab.lab.journal.open_sessions == []


def play(**tasks: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    listed = [{"name": name, module: options} for name, (module, options) in tasks.items()]
    return {"hosts": "all", "gather_facts": False, "tasks": listed}


def inventory(lab: Any, connection: str, **variables: Any) -> dict[str, Any]:
    """The server by its own name, as an inventory for Kerberos has it."""
    server = lab.lab.servers[0]
    own = {
        "psrp": {"ansible_psrp_auth": "kerberos", "ansible_psrp_protocol": "http"},
        "winrm": {"ansible_winrm_transport": "kerberos", "ansible_winrm_kinit_env_vars": ["KRB5_CONFIG", "LD_PRELOAD"]},
    }
    account = {"ansible_connection": connection, "ansible_port": server.winrm_port, "ansible_user": UPN}
    return {"all": {"hosts": {server.fqdn: account | own[connection] | variables}}}


def messages(played: Any) -> list[str]:
    return [event["result"].get("msg", "") for event in played.events if event["kind"] in ("failed", "unreachable")]


def environment(kerberos_lab: Any, kind: str) -> tuple[dict[str, str], dict[str, Any]]:
    """A child's environment, and variables of the host."""
    if kind == "ticket":
        return kerberos_lab.ticket("play"), {}
    return dict(kerberos_lab.environment), {"ansible_password": kerberos_lab.lab.password}


@pytest.mark.parametrize("kind", ["ticket", "password"])
@pytest.mark.parametrize("connection", ["psrp", "winrm"])
def test_one_inventory_for_exchange_and_for_the_host(
    kerberos_lab: Any, ansible_playbook: Play, connection: str, kind: str
) -> None:
    """Exchange's endpoint through pypsrp, then an address of the host through the connection itself."""
    variables, own = environment(kerberos_lab, kind)
    port = kerberos_lab.lab.servers[0].exchange_port
    address = kerberos_lab.lab.servers[0].address.rpartition(".")[0] + ".40/24"
    tasks = play(
        Exchange=(LOOK, {"endpoint_port": port}),
        Host=("relayops.exchange.secondary_ip", {"address": address, "endpoint_port": port}),
    )
    played = ansible_playbook(tasks, inventory(kerberos_lab, connection, **own), "-vvv", "--check", **variables)
    assert messages(played) == [], played.output
    assert played.result("Exchange")["connectors"]
    authorized = {
        (each.endpoint, each.authorization) for each in kerberos_lab.lab.journal.requests if each.authorization
    }
    assert authorized == {("exchange", "Kerberos"), ("winrm", "Negotiate")}, "Negotiate by name, no NTLM in it"
    assert kerberos_lab.lab.password not in played.output


FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "wrong password": (
        {"endpoint_password": "wrong"},
        "the Kerberos realm refused the password of Administrator@LAB.EXAMPLE. Check the password from the host's "
        "connection.",
    ),
    "unknown user": (
        {"endpoint_username": "nobody@LAB.EXAMPLE", "endpoint_password": "wrong"},
        "the Kerberos realm knows no user nobody@LAB.EXAMPLE. Check the user from the module's options: name@REALM, "
        "the realm in capitals.",
    ),
    "unknown realm": (
        {"endpoint_username": "a@NOWHERE.EXAMPLE", "endpoint_password": "wrong"},
        "no Kerberos server of the realm of a@NOWHERE.EXAMPLE answers. Check the realm (in capitals); name its servers "
        "in krb5.conf, or let DNS name them.",
    ),
    "no ticket": ({}, "there is no Kerberos ticket and no password. Run kinit, or give user and password."),
    "unknown service": (
        {"endpoint_service": "SMTP", "endpoint_password": "{{ secret }}"},
        "the Kerberos realm knows no service SMTP/ex01.lab.example. Set endpoint_host to the server's own full name, "
        "not an alias or a load balancer; rdns = false in krb5.conf.",
    ),
}


def test_what_goes_wrong_is_one_sentence(kerberos_lab: Any, ansible_playbook: Play) -> None:
    port = kerberos_lab.lab.servers[0].exchange_port
    tasks = play(**{name: (LOOK, {"endpoint_port": port} | options) for name, (options, _ignored) in FAILURES.items()})
    for task in tasks["tasks"]:
        task["ignore_errors"] = True
    hosts = inventory(kerberos_lab, "psrp", secret=kerberos_lab.lab.password)
    played = ansible_playbook(tasks, hosts, **kerberos_lab.environment)
    said = {event["task"]: event["result"].get("msg", "") for event in played.events if event["kind"] == "ignored"}
    where = "Connecting to Exchange on ex01.lab.example: "
    assert said == {name: where + expected for name, (_ignored, expected) in FAILURES.items()}


def test_exchange_debug_goes_all_the_way(kerberos_lab: Any, ansible_playbook: Play) -> None:
    tasks = play(Debug=(DEBUG, {"endpoint_port": kerberos_lab.lab.servers[0].exchange_port}))
    played = ansible_playbook(tasks, inventory(kerberos_lab, "psrp"), **kerberos_lab.ticket("debug"))
    result = played.result("Debug")
    assert messages(played) == [], played.output
    assert result["controller"]["kerberos"]["default_realm"] == "LAB.EXAMPLE"
    assert result["controller"]["kerberos"]["principal"] == UPN
    assert {step["name"]: step["verdict"] for step in result["steps"]} == dict.fromkeys(
        ["libraries", "settings", "kerberos", "name", "tcp", "authentication and endpoint", "version", "roles"],
        "passed",
    )
