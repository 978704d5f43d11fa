# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an eavesdropper sees of each kind of authentication: no password, no command, no answer."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import winrm
from eavesdropper import Wire, readable
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

UPN = "Administrator@LAB.EXAMPLE"


@pytest.fixture
def wires(kerberos_lab: Any) -> Iterator[dict[str, Wire]]:
    """A wire before each listener."""
    server = kerberos_lab.lab.servers[0]
    made = {name: Wire(server.address, listener.port) for name, listener in server.listeners.items()}
    yield made
    for wire in made.values():
        wire.close()


def exchange(kerberos_lab: Any, port: int, **settings: Any) -> str:
    """The answer of Get-ExchangeServer over pypsrp."""
    lab = kerberos_lab.lab
    defaults = {"path": "PowerShell", "cert_validation": str(lab.ca_pem), "no_proxy": True}
    with (
        WSMan(lab.servers[0].fqdn, port=port, **defaults | settings) as connection,
        RunspacePool(connection, configuration_name="Microsoft.Exchange") as pool,
    ):
        return str(PowerShell(pool).add_cmdlet("Get-ExchangeServer").invoke()[0].adapted_properties["Name"])


@pytest.mark.parametrize(
    ("listener", "kind"), [("exchange", "kerberos"), ("exchange_tls", "kerberos"), ("exchange_tls", "basic")]
)
def test_exchange(kerberos_lab: Any, wires: dict[str, Wire], listener: str, kind: str) -> None:
    lab, wire = kerberos_lab.lab, wires[listener]
    user = UPN if kind == "kerberos" else lab.username
    settings = {"auth": kind, "username": user, "password": lab.password, "ssl": listener == "exchange_tls"}
    assert exchange(kerberos_lab, wire.port, **settings) == "EX01"
    assert len(wire.seen) > 5000
    assert readable(bytes(wire.seen), lab.password, "Get-ExchangeServer", "creationXml", "Exchange Server") == []


@pytest.mark.parametrize(
    ("listener", "kind"),
    [
        ("winrm", "ntlm"),
        ("winrm", "kerberos"),
        ("winrm", "credssp"),
        ("winrm_tls", "ntlm"),
        ("winrm_tls", "basic"),
        ("winrm_tls", "credssp"),
        ("winrm_tls", "certificate"),
    ],
)
def test_host(
    kerberos_lab: Any, wires: dict[str, Wire], listener: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, wire = kerberos_lab.lab, wires[listener]
    monkeypatch.setenv("KRB5CCNAME", kerberos_lab.ticket("plain-text")["KRB5CCNAME"])
    settings: dict[str, Any] = {"auth": (UPN, "") if kind == "kerberos" else (lab.username, lab.password)}
    if kind == "certificate":
        settings |= {"cert_pem": str(lab.client.certificate), "cert_key_pem": str(lab.client.key)}
    scheme = "https" if listener == "winrm_tls" else "http"
    session = winrm.Session(
        f"{scheme}://{lab.servers[0].fqdn}:{wire.port}/wsman",
        transport=kind,
        ca_trust_path=str(lab.ca_pem),
        proxy=None,
        **settings,
    )
    assert session.run_ps("Write-Output -InputObject 'a word'").std_out == b"a word\r\n"
    assert len(wire.seen) > 2000
    assert readable(bytes(wire.seen), lab.password, "Write-Output", "a word", "CommandLine") == []


def test_the_search_finds_what_is_there() -> None:
    seen = (
        b"Authorization: Basic "
        + base64.b64encode(b"user:pa55word")
        + b"\r\n"
        + base64.b64encode("Get-Thing".encode("utf-16-le"))
    )
    assert readable(seen, "pa55word", "Get-Thing", "Authorization", "absent") == [
        "pa55word",
        "Get-Thing",
        "Authorization",
    ]
