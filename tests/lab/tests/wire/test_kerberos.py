# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos and CredSSP against a real KDC, through pypsrp and pywinrm, as a ticket's holder and with a password."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
import winrm
from exchange_lab.lab import Lab
from pypsrp.exceptions import AuthenticationError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan
from requests_credssp.exceptions import AuthenticationException, NTStatusException

UPN = "Administrator@LAB.EXAMPLE"


@pytest.fixture(autouse=True)
def nothing_left(kerberos_lab: Any) -> Iterator[None]:
    """No test leaves a shell behind."""
    kerberos_lab.lab.journal.clear()
    yield
    assert kerberos_lab.lab.journal.open_sessions == []


@pytest.fixture
def ticket(kerberos_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ticket of the administrator in this process's cache."""
    monkeypatch.setenv("KRB5CCNAME", kerberos_lab.ticket("tickets")["KRB5CCNAME"])


@pytest.fixture
def password(kerberos_lab: Any) -> dict[str, str]:
    """Name and password instead of a ticket."""
    return {"username": UPN, "password": kerberos_lab.lab.password}


def names(lab: Lab, listener: str, **settings: Any) -> list[str]:
    """The servers that Get-ExchangeServer names, or the addresses of the host, over a listener of the first server."""
    server = lab.servers[0]
    on_exchange = listener.startswith("exchange")
    defaults: dict[str, Any] = {
        "port": server.port(listener),
        "ssl": listener.endswith("tls"),
        "path": "PowerShell" if on_exchange else "wsman",
        "auth": "kerberos",
        "cert_validation": str(lab.ca_pem),
        "no_proxy": True,
    }
    settings = defaults | settings
    resource = "Microsoft.Exchange" if on_exchange else "Microsoft.PowerShell"
    with (
        WSMan(settings.pop("server", server.fqdn), **settings) as connection,
        RunspacePool(connection, configuration_name=resource) as pool,
    ):
        found = PowerShell(pool).add_cmdlet("Get-ExchangeServer" if on_exchange else "Get-NetIPAddress").invoke()
    return [each.adapted_properties["Name" if on_exchange else "IPAddress"] for each in found]


def authorizations(lab: Lab) -> list[tuple[str, int]]:
    """Authorization and status of the requests so far, those without either left out."""
    return [(each.authorization, each.status) for each in lab.journal.requests if each.authorization]


@pytest.mark.parametrize("listener", ["exchange", "exchange_tls", "winrm", "winrm_tls"])
@pytest.mark.parametrize("kind", ["ticket", "password"])
def test_pypsrp(kerberos_lab: Any, request: pytest.FixtureRequest, listener: str, kind: str) -> None:
    found = names(kerberos_lab.lab, listener, **request.getfixturevalue(kind) or {})
    assert "EX01" in found or kerberos_lab.lab.servers[0].address in found
    # the endpoint of Exchange offers Kerberos by itself, WinRM offers Negotiate first
    expected = "Kerberos" if listener.startswith("exchange") else "Negotiate"
    assert authorizations(kerberos_lab.lab) == [(expected, 200)], "one round trip, no fall back to NTLM"


@pytest.mark.parametrize("service", ["HTTP", "http", "host", "HOST", "WSMAN"])
def test_services_of_the_machine(kerberos_lab: Any, password: dict[str, str], service: str) -> None:
    assert names(kerberos_lab.lab, "exchange", negotiate_service=service, **password) == ["EX01"]


def test_an_address_with_the_name_to_ask_a_ticket_for(kerberos_lab: Any, password: dict[str, str]) -> None:
    server = kerberos_lab.lab.servers[0]
    assert names(
        kerberos_lab.lab, "exchange", server=server.address, negotiate_hostname_override=server.fqdn, **password
    )


def test_an_address_alone_has_no_service(kerberos_lab: Any, password: dict[str, str]) -> None:
    with pytest.raises(Exception, match="not found in Kerberos database"):
        names(kerberos_lab.lab, "exchange", server=kerberos_lab.lab.servers[0].address, **password)


def test_negotiate_prefers_kerberos(kerberos_lab: Any, password: dict[str, str]) -> None:
    names(kerberos_lab.lab, "winrm", auth="negotiate", **password)
    assert authorizations(kerberos_lab.lab) == [("Negotiate", 200)]


def test_unencrypted_messages_are_refused(kerberos_lab: Any, password: dict[str, str]) -> None:
    with pytest.raises(Exception, match="500"):
        names(kerberos_lab.lab, "exchange", encryption="never", **password)


def test_wrong_password_and_unknown_user(kerberos_lab: Any) -> None:
    with pytest.raises(Exception, match=r"Decrypt integrity check failed|Preauthentication failed"):
        names(kerberos_lab.lab, "exchange", username=UPN, password="wrong")
    with pytest.raises(Exception, match="not found in Kerberos database"):
        names(kerberos_lab.lab, "exchange", username="nobody@LAB.EXAMPLE", password="wrong")
    with pytest.raises(Exception, match=r"(?i)credential|cache"):
        names(kerberos_lab.lab, "exchange")


def test_a_ticket_that_has_expired(kerberos_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRB5CCNAME", kerberos_lab.ticket("expired", lifetime="1s")["KRB5CCNAME"])
    time.sleep(1.5)
    with pytest.raises(Exception, match=r"(?i)expired"):
        names(kerberos_lab.lab, "exchange")
    # pywinrm may find out only when it checks the server's answer, and then does not say why
    with pytest.raises(Exception, match=r"(?i)expired|unable to authenticate"):
        hello(kerberos_lab.lab, "winrm", "kerberos")


def test_a_ticket_for_another_server_is_refused(kerberos_lab: Any, password: dict[str, str]) -> None:
    assert kerberos_lab.lab.kerberos
    # the KDC knows this machine; the lab's servers hold no key of it
    kerberos_lab.lab.kerberos._administer("addprinc -randkey HTTP/ex99.lab.example")
    with pytest.raises(AuthenticationError):
        names(
            kerberos_lab.lab,
            "exchange",
            negotiate_hostname_override="ex99.lab.example",
            negotiate_service="HTTP",
            **password,
        )


def test_a_user_without_management_roles(kerberos_lab: Any) -> None:
    kerberos_lab.lab.add_user("Visitor", "another-1")
    with pytest.raises(Exception, match=r"Visitor@lab.example.* isn't assigned to any management roles"):
        names(kerberos_lab.lab, "exchange", username="visitor@LAB.EXAMPLE", password="another-1")


def test_the_realm_ends_with_the_lab() -> None:
    with Lab(kerberos=True) as lab:
        assert lab.kerberos
        assert lab.kerberos._process
        shell = lab.kerberos._process.pid
        assert _children(shell)
    assert not _children(shell)


def _children(shell: int) -> str:
    return subprocess.run(["ps", "--ppid", str(shell), "-o", "pid="], capture_output=True, text=True).stdout


def hello(lab: Lab, listener: str, transport: str, **settings: Any) -> bytes:
    """The output of a command over pywinrm."""
    server = lab.servers[0]
    defaults: dict[str, Any] = {"auth": (UPN, ""), "ca_trust_path": str(lab.ca_pem), "proxy": None}
    scheme = "https" if listener.endswith("tls") else "http"
    host = settings.pop("host", server.fqdn)
    session = winrm.Session(
        f"{scheme}://{host}:{server.port(listener)}/wsman", transport=transport, **defaults | settings
    )
    return bytes(session.run_cmd("echo", ["hello"]).std_out)


@pytest.mark.parametrize("listener", ["winrm", "winrm_tls"])
@pytest.mark.parametrize("encryption", ["auto", "always"])
def test_pywinrm(kerberos_lab: Any, ticket: None, listener: str, encryption: str) -> None:
    assert hello(kerberos_lab.lab, listener, "kerberos", message_encryption=encryption) == b"hello\r\n"
    assert {each for each, _ in authorizations(kerberos_lab.lab)} == {"Negotiate"}


def test_pywinrm_to_an_address(kerberos_lab: Any, ticket: None) -> None:
    server = kerberos_lab.lab.servers[0]
    assert hello(kerberos_lab.lab, "winrm", "kerberos", host=server.address, kerberos_hostname_override=server.fqdn)


def test_pywinrm_without_a_ticket(kerberos_lab: Any) -> None:
    with pytest.raises(Exception, match=r"(?i)credentials"):
        hello(kerberos_lab.lab, "winrm", "kerberos")


@pytest.mark.parametrize("listener", ["winrm", "winrm_tls"])
def test_credssp(kerberos_lab: Any, listener: str) -> None:
    lab = kerberos_lab.lab
    assert hello(lab, listener, "credssp", auth=(lab.username, lab.password)) == b"hello\r\n"
    assert names(lab, listener, auth="credssp", username=lab.username, password=lab.password)
    assert names(lab, listener, auth="credssp", username=UPN, password=lab.password)
    assert {each for each, _ in authorizations(lab)} == {"CredSSP"}


@pytest.mark.parametrize("listener", ["winrm", "winrm_tls"])
def test_credssp_with_a_wrong_password(kerberos_lab: Any, listener: str) -> None:
    lab = kerberos_lab.lab
    # SEC_E_LOGON_DENIED
    with pytest.raises(NTStatusException, match="0x8009030c"):
        hello(lab, listener, "credssp", auth=(lab.username, "wrong"))
    with pytest.raises(NTStatusException, match="0x8009030c"):
        names(lab, listener, auth="credssp", username=lab.username, password="wrong")


def test_the_endpoint_of_exchange_takes_no_credssp(kerberos_lab: Any) -> None:
    lab = kerberos_lab.lab
    with pytest.raises(AuthenticationException, match="actual: 'Kerberos, Basic"):
        names(lab, "exchange_tls", auth="credssp", username=lab.username, password=lab.password)
