# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own winrm and psrp connections, unmodified, against a lab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exchange_lab.inventory import inventory
from exchange_lab.wire import tls

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


def over_tls(lab: Any, kind: str, auth: str, **changed: Any) -> dict[str, Any]:
    """Variables of the first server for a connection over TLS that trusts the lab's authority."""
    server = lab.servers[0]
    common = {
        "ansible_connection": kind,
        "ansible_host": server.address,
        "ansible_port": server.winrm_tls_port,
        "ansible_user": lab.username,
        "ansible_password": lab.password,
    }
    if kind == "winrm":
        common |= {"ansible_winrm_transport": auth, "ansible_winrm_ca_trust_path": str(lab.ca_pem)}
        files = {"ansible_winrm_cert_pem": lab.client.certificate, "ansible_winrm_cert_key_pem": lab.client.key}
    else:
        common |= {"ansible_psrp_auth": auth, "ansible_psrp_ca_cert": str(lab.ca_pem)}
        files = {
            "ansible_psrp_certificate_pem": lab.client.certificate,
            "ansible_psrp_certificate_key_pem": lab.client.key,
        }
    if auth == "certificate":
        common |= {name: str(path) for name, path in files.items()}
    return common | changed


def test_authentication_kinds_over_tls(make_lab: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    lab = make_lab()
    tls.authority("other").cert_pem.write_to_path(str(tmp_path / "other.pem"))
    hosts = {
        f"{kind}_{auth}": over_tls(lab, kind, auth)
        for kind in ("winrm", "psrp")
        for auth in ("basic", "ntlm", "credssp", "certificate")
    }
    good = set(hosts)
    hosts |= {
        "winrm_wrong_ca": over_tls(lab, "winrm", "basic", ansible_winrm_ca_trust_path=str(tmp_path / "other.pem")),
        "psrp_wrong_ca": over_tls(lab, "psrp", "basic", ansible_psrp_ca_cert=str(tmp_path / "other.pem")),
        "winrm_wrong_password": over_tls(lab, "winrm", "basic", ansible_password="wrong"),
        "psrp_wrong_password": over_tls(lab, "psrp", "basic", ansible_password="wrong"),
    }
    tasks = [{"name": "say", "raw": "Write-Output -InputObject 'hello'"}]
    played = ansible_playbook(
        {"hosts": "exchange", "gather_facts": False, "tasks": tasks}, {"exchange": {"hosts": hosts}}, "--forks", "4"
    )
    stats = played.stats
    assert {name for name, counts in stats.items() if counts["ok"]} == good, played.output
    assert {name for name, counts in stats.items() if counts["unreachable"]} == set(hosts) - good
    assert played.output.count("CERTIFICATE_VERIFY_FAILED") >= 2
    assert lab.journal.open_sessions == []
