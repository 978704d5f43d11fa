# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own winrm and psrp connections, unmodified, against a lab."""

from __future__ import annotations

from typing import Any

import pytest
from exchange_lab.inventory import inventory

RAW = {
    "addresses": "Get-NetIPAddress -AddressFamily 'IPv4' | Select-Object -Property 'IPAddress' | ConvertTo-Json",
    "unknown": "Get-Nothing",
    "stopped": "Get-NetIPAddress -IPAddress '192.0.2.1' -ErrorAction 'Stop'",
    "exit": "Get-NetIPAddress | Out-Null; exit 3",
    "program": "& 'netsh.exe' 'interface' 'ipv4' 'show' 'interfaces'",
    "script": "$x = 1; Get-NetIPAddress",
}


@pytest.mark.parametrize("kind", ["winrm", "psrp"])
def test_raw_tasks(kind: str, make_lab: Any, ansible_playbook: Any) -> None:
    lab = make_lab()
    tasks = [{"name": name, "raw": line, "ignore_errors": True} for name, line in RAW.items()]
    played = ansible_playbook(
        {"hosts": "exchange", "gather_facts": False, "tasks": tasks}, inventory(lab.details(), kind)
    )
    assert played.code == 0, played.output
    assert lab.servers[0].address in played.result("addresses")["stdout"]
    # over psrp an error that does not end the script leaves no trace in the exit code
    assert played.result("unknown")["rc"] == (1 if kind == "winrm" else 0)
    assert played.result("stopped")["rc"] == 1
    assert "MSFT_NetIPAddress objects found" in " ".join(played.result("stopped")["stderr"].split())
    assert "The term 'Get-Nothing' is not recognized" in " ".join(played.result("unknown")["stderr"].split())
    assert played.result("exit")["rc"] == 3
    assert "Loopback Pseudo-Interface 1" in played.result("program")["stdout"]
    assert "UnexpectedToken" in played.result("script")["stderr"]
    assert lab.journal.open_sessions == []
