# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own winrm and psrp connections with Kerberos: a ticket, and a password that Ansible gets a ticket with."""

from __future__ import annotations

from typing import Any

import pytest

USER = "Administrator@LAB.EXAMPLE"
# what Ansible's kinit needs to find a krb5.conf elsewhere than in /etc
KINIT = {"ansible_winrm_kinit_env_vars": ["KRB5_CONFIG"]}


def variables(lab: Any, kind: str, *, password: bool) -> dict[str, Any]:
    """Variables of the first server, by its full name."""
    server = lab.servers[0]
    found: dict[str, Any] = {
        "ansible_connection": kind,
        "ansible_host": server.fqdn,
        "ansible_port": server.winrm_port,
    }
    if kind == "winrm":
        found |= {"ansible_winrm_scheme": "http", "ansible_winrm_transport": "kerberos"}
        # without a password the winrm connection takes the cache, but still wants to know whose ticket it is
        found |= (
            KINIT if password else {"ansible_winrm_kinit_mode": "manual", "ansible_user": "Administrator@LAB.EXAMPLE"}
        )
    else:
        found |= {"ansible_psrp_protocol": "http", "ansible_psrp_auth": "kerberos"}
    if password:
        found |= {"ansible_user": USER, "ansible_password": lab.password}
    return found


@pytest.mark.parametrize("password", [False, True], ids=["ticket", "password"])
@pytest.mark.parametrize("kind", ["winrm", "psrp"])
def test_raw_task(kerberos_lab: Any, ansible_playbook: Any, kind: str, password: bool) -> None:
    lab = kerberos_lab.lab
    lab.journal.clear()
    environment = dict(kerberos_lab.environment) if password else kerberos_lab.ticket(f"{kind}-tickets")
    tasks = [{"name": "say", "raw": "Write-Output -InputObject 'hello'"}]
    inventory = {"exchange": {"hosts": {"ex01": variables(lab, kind, password=password)}}}
    played = ansible_playbook({"hosts": "exchange", "gather_facts": False, "tasks": tasks}, inventory, **environment)
    assert played.code == 0, played.output
    assert played.result("say")["stdout"].strip() == "hello"
    assert {request.authorization for request in lab.journal.requests} - {""} == {"Negotiate"}
    assert lab.journal.open_sessions == []
