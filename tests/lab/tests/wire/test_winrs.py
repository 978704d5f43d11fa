# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pywinrm against the WinRM endpoint of a lab."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import winrm
from exchange_lab import names
from exchange_lab.lab import REALM, Lab
from exchange_lab.wire import tls
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError, WSManFaultError


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab for all tests of this file."""
    with Lab() as started:
        yield started


def session(lab: Lab, transport: str, *, secure: bool = False, **changed: Any) -> winrm.Session:
    """A session with the right password that trusts the lab."""
    server = lab.servers[0]
    scheme, port = ("https", server.winrm_tls_port) if secure else ("http", server.winrm_port)
    settings = {"auth": (lab.username, lab.password), "ca_trust_path": str(lab.ca_pem), "proxy": None} | changed
    host = settings.pop("host", server.address)
    return winrm.Session(f"{scheme}://{host}:{port}/wsman", transport=transport, **settings)


@pytest.mark.parametrize(
    ("transport", "settings"),
    [
        ("ntlm", {}),
        ("ntlm", {"message_encryption": "always"}),
        ("ntlm", {"secure": True}),
        ("ntlm", {"secure": True, "message_encryption": "always"}),
        ("ssl", {"secure": True}),
        ("basic", {"secure": True}),
    ],
)
def test_authentication_kinds(lab: Lab, transport: str, settings: dict[str, Any]) -> None:
    done = session(lab, transport, **settings).run_ps("Write-Output -InputObject 'hé'")
    assert (done.status_code, done.std_out, done.std_err) == (0, "hé\r\n".encode("cp437"), b"")
    assert lab.journal.open_sessions == []


def test_client_certificate(lab: Lab) -> None:
    files = {"cert_pem": str(lab.client.certificate), "cert_key_pem": str(lab.client.key)}
    done = session(lab, "certificate", secure=True, **files).run_cmd("echo", ["hello"])
    assert done.std_out == b"hello\r\n"


@pytest.mark.parametrize(
    ("transport", "settings"),
    [
        ("ntlm", {"auth": ("LAB\\Administrator", "wrong")}),
        ("ntlm", {"auth": ("LAB\\Nobody", "wrong"), "secure": True}),
        ("ssl", {"auth": ("Administrator", "wrong"), "secure": True}),
        ("plaintext", {}),
    ],
)
def test_refused_credentials(lab: Lab, transport: str, settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidCredentialsError):
        session(lab, transport, **settings).run_cmd("echo")


def test_unencrypted_messages_are_refused(lab: Lab) -> None:
    with pytest.raises(WinRMTransportError) as caught:
        session(lab, "ntlm", message_encryption="never").run_cmd("echo")
    assert caught.value.code == 500


def test_authority_that_is_not_trusted(lab: Lab, tmp_path: Path) -> None:
    tls.authority("other").cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with pytest.raises(requests.exceptions.SSLError):
        session(lab, "ssl", secure=True, ca_trust_path=str(tmp_path / "other.pem")).run_cmd("echo")


def test_host_name_that_the_certificate_does_not_carry(lab: Lab, tmp_path: Path) -> None:
    server = lab.servers[0]
    (tmp_path / "hosts").write_text(f"{server.address} elsewhere.example\n")
    with names.resolved(tmp_path / "hosts"), pytest.raises(requests.exceptions.SSLError, match="Hostname mismatch"):
        session(lab, "ssl", secure=True, host="elsewhere.example").run_cmd("echo")


def test_certificates_that_stand_for_nobody(lab: Lab) -> None:
    for name, issuer in (("nobody@lab.example", None), (f"administrator@{REALM}", tls.authority("other"))):
        made = tls.issue(lab.folder, "other-client", name, issuer=issuer)
        files = {"cert_pem": str(made.certificate), "cert_key_pem": str(made.key)}
        # the one is no account's, the other's authority is not trusted, which TLS itself refuses
        with pytest.raises((InvalidCredentialsError, requests.exceptions.ConnectionError)):
            session(lab, "certificate", secure=True, **files).run_cmd("echo")


def test_commands_of_cmd(lab: Lab) -> None:
    shell = session(lab, "ntlm")
    lab.servers[0].files.content[lab.servers[0].files.key("~\\note.txt")] = b"text\r\n"
    assert shell.run_cmd("chcp", ["65001"]).std_out == b"Active code page: 65001\r\n"
    assert shell.run_cmd("type", ["~\\note.txt"]).std_out == b"text\r\n"
    assert b"Ethernet" in shell.run_cmd("netsh.exe", ["interface", "ipv4", "show", "interfaces"]).std_out
    unknown = shell.run_cmd("frobnicate")
    assert unknown.status_code == 1
    assert b"'frobnicate' is not recognized as an internal or external command" in unknown.std_err
    assert b"The command line is too long." in shell.run_cmd("echo", ["x" * 9000]).std_err


def test_error_of_an_encoded_command_is_clixml(lab: Lab) -> None:
    protocol = session(lab, "ntlm").protocol
    shell_id = protocol.open_shell()
    script = base64.b64encode("Get-Nothing".encode("utf-16-le")).decode()
    command_id = protocol.run_command(shell_id, f"powershell -encodedcommand {script}")
    output, errors, code = protocol.get_command_output(shell_id, command_id)
    protocol.cleanup_command(shell_id, command_id)
    protocol.close_shell(shell_id)
    assert (output, code) == (b"", 1)
    assert errors.startswith(b"#< CLIXML\r\n<Objs ")
    assert b'<S S="Error">The term' in errors
    assert b"_x000D__x000A_</S>" in errors


def test_script_on_standard_input(lab: Lab) -> None:
    protocol = session(lab, "ntlm").protocol
    shell_id = protocol.open_shell(codepage=65001)
    script = base64.b64encode("$input | Out-String | Invoke-Expression".encode("utf-16-le")).decode()
    command_id = protocol.run_command(shell_id, "PowerShell", ["-EncodedCommand", script], console_mode_stdin=False)
    lines = "Write-Output -InputObject 'one\u2019\u2019s'\r\n" + "".join(f"Write-Output '{n}'\r\n" for n in range(2000))
    data = lines.encode()
    protocol.send_command_input(shell_id, command_id, data[:20000])
    protocol.send_command_input(shell_id, command_id, data[20000:], end=True)
    output, errors, code = protocol.get_command_output(shell_id, command_id)
    protocol.close_shell(shell_id)
    assert (code, errors) == (0, b"")
    assert output.decode().split() == ["one\u2019s", *map(str, range(2000))]


def test_shells_and_operations_are_limited(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange_lab.wire.winrs.OPERATIONS_PER_SHELL", 1)
    protocol = session(lab, "ntlm").protocol
    shells = [protocol.open_shell() for _ in range(30)]
    with pytest.raises(WSManFaultError) as caught:
        protocol.open_shell()
    assert "maximum number of 30 concurrent shells" in str(caught.value)
    protocol.run_command(shells[0], "echo")
    with pytest.raises(WSManFaultError) as caught:
        protocol.run_command(shells[0], "echo")
    assert caught.value.wmierror_code == 0x803381A6
    for shell_id in shells:
        protocol.close_shell(shell_id)
    assert lab.journal.open_sessions == []


def test_faults_at_a_program_or_a_script(lab: Lab) -> None:
    lab.journal.clear()
    shell = session(lab, "ntlm")
    lab.faults.inject("unavailable", command="netsh.exe", endpoint="winrm")
    lab.faults.inject("unavailable", command="Get-NetIPAddress", endpoint="winrm", verb="Receive")
    assert shell.run_cmd("chcp").status_code == 0
    with pytest.raises(WinRMTransportError, match="503"):
        shell.run_cmd("netsh.exe", ["interface", "ipv4", "show", "interfaces"])
    assert shell.run_ps("Get-Nothing").status_code == 1
    with pytest.raises(WinRMTransportError, match="503"):
        shell.run_ps("Get-NetIPAddress -AddressFamily 'IPv4'")
    assert lab.faults.as_data() == []
    assert [command.name for command in lab.journal.commands] == ["Get-NetIPAddress"]
    for server in lab.servers:
        server.winrm_shells.close_all()
