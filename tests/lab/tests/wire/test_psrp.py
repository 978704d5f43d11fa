# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pypsrp against a PSRP endpoint of the lab."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from exchange_lab.wire import tls
from pypsrp.complex_objects import PSInvocationState
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

RESOURCE = "Microsoft.Exchange"


@pytest.fixture
def pool(stage: Any) -> Iterator[RunspacePool]:
    """An open session by Basic over TLS."""
    listener = stage.listen("basic", secure=True)
    with (
        wsman(stage, listener, auth="basic") as connection,
        RunspacePool(connection, configuration_name=RESOURCE) as opened,
    ):
        yield opened


def wsman(stage: Any, listener: Any, **changed: Any) -> WSMan:
    """A client with the right password that trusts the lab."""
    settings = {
        "port": listener.port,
        "username": r"LAB\Administrator",
        "password": "pa55",
        "ssl": listener.secure is not None,
        "path": "PowerShell/",
        "auth": "negotiate",
        "cert_validation": str(stage.ca_pem),
        "no_proxy": True,
    }
    return WSMan("127.99.1.10", **(settings | changed))


def invoke(pool: RunspacePool, name: str, **parameters: Any) -> PowerShell:
    """Run one cmdlet."""
    shell = PowerShell(pool).add_cmdlet(name).add_parameters(parameters)
    shell.invoke()
    return shell


@pytest.mark.parametrize(
    ("kinds", "secure", "settings"),
    [
        (("negotiate",), False, {"auth": "negotiate"}),
        (("negotiate",), False, {"auth": "ntlm"}),
        (("negotiate",), False, {"auth": "ntlm", "username": "Administrator@lab.example"}),
        (("negotiate",), True, {"auth": "ntlm"}),
        (("negotiate",), True, {"auth": "ntlm", "encryption": "always"}),
        (("basic",), True, {"auth": "basic"}),
    ],
)
def test_authentication_kinds(stage: Any, kinds: tuple[str, ...], secure: bool, settings: dict[str, Any]) -> None:
    listener = stage.listen(*kinds, secure=secure)
    with (
        wsman(stage, listener, **settings) as connection,
        RunspacePool(connection, configuration_name=RESOURCE) as pool,
    ):
        done = invoke(pool, "Get-Echo", Value="hé 😀", Force=None)
    assert done.output[0].adapted_properties == {"Value": "hé 😀", "Force": True}
    assert str(done.output[0]) == "echoed"
    assert stage.shells.table == {}


def test_client_certificate(stage: Any) -> None:
    listener = stage.listen("certificate", secure=True)
    files = {"certificate_pem": str(stage.client.certificate), "certificate_key_pem": str(stage.client.key)}
    with wsman(stage, listener, auth="certificate", **files) as connection:
        RunspacePool(connection, configuration_name=RESOURCE).open()
    assert [shell.owner.name for shell in stage.shells.table.values()] == ["Administrator"]


def test_certificate_of_another_authority(stage: Any) -> None:
    listener = stage.listen("certificate", secure=True)
    files = {"certificate_pem": str(stage.stranger.certificate), "certificate_key_pem": str(stage.stranger.key)}
    with wsman(stage, listener, auth="certificate", **files) as connection, pytest.raises(requests.ConnectionError):
        RunspacePool(connection, configuration_name=RESOURCE).open()


def refused(stage: Any, listener: Any, error: type[Exception], **settings: Any) -> str:
    """The text of the error that opening a session gives."""
    with wsman(stage, listener, **settings) as connection, pytest.raises(error) as caught:
        RunspacePool(connection, configuration_name=RESOURCE).open()
    assert stage.shells.table == {}
    return str(caught.value)


@pytest.mark.parametrize("settings", [{"password": "wrong"}, {"username": r"LAB\\Nobody"}])
@pytest.mark.parametrize(("kind", "secure"), [("ntlm", False), ("ntlm", True), ("basic", True)])
def test_wrong_credentials(stage: Any, kind: str, secure: bool, settings: dict[str, str]) -> None:
    listener = stage.listen("negotiate", "basic", secure=secure)
    refused(stage, listener, AuthenticationError, auth=kind, **settings)
    assert {request.status for request in stage.journal.requests} == {401}


def test_ntlm_where_only_kerberos_is_offered(stage: Any) -> None:
    text = refused(stage, stage.listen("kerberos", "basic"), ValueError, auth="ntlm")
    assert "responded with the auth protocol 'Kerberos'" in text


def test_authority_that_is_not_trusted(stage: Any, tmp_path: Any) -> None:
    other = tmp_path / "other.pem"
    tls.authority("other").cert_pem.write_to_path(str(other))
    listener = stage.listen("basic", secure=True)
    text = refused(stage, listener, requests.exceptions.SSLError, auth="basic", cert_validation=str(other))
    assert "CERTIFICATE_VERIFY_FAILED" in text


def test_host_name_that_the_certificate_does_not_carry(stage: Any) -> None:
    stage.credentials = tls.issue(stage.credentials.key.parent, "elsewhere", "ex99.lab.example")
    listener = stage.listen("basic", secure=True)
    assert "127.99.1.10" in refused(stage, listener, requests.exceptions.SSLError, auth="basic")


def test_unencrypted_messages_are_refused(stage: Any) -> None:
    text = refused(stage, stage.listen("negotiate"), WinRMTransportError, auth="ntlm", encryption="never")
    assert "500" in text


def test_basic_without_tls_is_refused_unless_allowed(stage: Any) -> None:
    refused(stage, stage.listen("basic"), AuthenticationError, auth="basic", encryption="never")
    listener = stage.listen("basic", unencrypted=True)
    with (
        wsman(stage, listener, auth="basic", encryption="never") as connection,
        RunspacePool(connection, configuration_name=RESOURCE) as pool,
    ):
        assert str(invoke(pool, "Get-Echo").output[0]) == "echoed"


def test_wrong_path_and_wrong_resource(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    assert "404" in refused(stage, listener, WinRMTransportError, auth="basic", path="wsman")
    with wsman(stage, listener, auth="basic") as connection, pytest.raises(WSManFaultError) as caught:
        RunspacePool(connection, configuration_name="Microsoft.PowerShell").open()
    assert caught.value.code == 2150858811


def test_scripts_are_refused(pool: RunspacePool) -> None:
    shell = PowerShell(pool).add_script("Get-Echo")
    shell.invoke()
    assert shell.state == PSInvocationState.FAILED
    assert shell.had_errors
    assert shell.streams.error[0].fq_error == "ScriptsNotAllowed"


def test_error_records(pool: RunspacePool) -> None:
    done = invoke(pool, "Get-Failure")
    first, second = done.streams.error
    assert [str(first), str(second)] == ["not so good", "not good"]
    assert second.fq_error == "SecondException,Get-Failure"
    assert second.message == "InvalidData: (x:String) [Get-Failure], SecondException"
    assert second.target_name == "x"
    assert [str(warning.message) for warning in done.streams.warning] == ["look out"]
    assert done.output == ["between"]
    assert done.state == PSInvocationState.FAILED
    assert invoke(pool, "Get-Nothing").streams.error[0].fq_error == "CommandNotFoundException"
    stopped = invoke(pool, "Get-Failure", ErrorAction="Stop").streams.error[0]
    assert str(stopped).startswith("The running command stopped because the preference variable")


def test_values_of_every_kind(pool: RunspacePool) -> None:
    value = {"Add": ["a", "b"], "Remove": "c", "Number": 5, "Flag": True, "Nothing": None}
    (echoed,) = invoke(pool, "Get-Echo", Value=value, Name=["x", "_x0041_\n"]).output
    assert echoed.adapted_properties["Value"] == value
    assert echoed.adapted_properties["Name"] == ["x", "_x0041_\n"]


def test_several_statements_and_a_pipe(stage: Any, pool: RunspacePool) -> None:
    before = len(stage.journal.requests)
    shell = PowerShell(pool).add_cmdlet("Get-Echo").add_parameter("Value", 1).add_statement()
    shell.add_cmdlet("Get-Nothing").add_statement()
    shell.add_cmdlet("Get-Echo").add_parameter("Value", 2)
    shell.invoke()
    assert [thing.adapted_properties["Value"] for thing in shell.output] == [1, 2]
    assert [error.fq_error for error in shell.streams.error] == ["CommandNotFoundException"]
    assert shell.state == PSInvocationState.COMPLETED
    assert [request.verb for request in stage.journal.requests[before:]] == ["Command", "Receive"]


def test_big_payloads_both_ways(stage: Any) -> None:
    listener = stage.listen("negotiate")
    with (
        wsman(stage, listener, auth="ntlm") as connection,
        RunspacePool(connection, configuration_name=RESOURCE) as pool,
    ):
        (echoed,) = invoke(pool, "Get-Echo", Value=["y" * 1000] * 1500).output
        many = invoke(pool, "Get-Many", Count=3000, Text="z" * 300).output
    assert echoed.adapted_properties["Value"] == ["y" * 1000] * 1500
    assert [thing.adapted_properties["Number"] for thing in many] == list(range(3000))


def test_operation_timeout_then_output(stage: Any, pool: RunspacePool) -> None:
    shell = PowerShell(pool).add_cmdlet("Wait-Release")
    shell.begin_invoke()
    shell.poll_invoke(timeout=1)
    assert shell.output == ["waiting"]
    with pytest.raises(WSManFaultError) as caught:
        pool._receive(shell.id, timeout=1)
    assert caught.value.code == 2150858793
    stage.release.set()
    assert shell.end_invoke() == ["waiting", "done"]


def test_stop_ends_a_pipeline_and_leaves_the_session(stage: Any, pool: RunspacePool) -> None:
    shell = PowerShell(pool).add_cmdlet("Wait-Release")
    shell.begin_invoke()
    shell.poll_invoke(timeout=1)
    shell.stop()
    assert not [thread for thread in _settled("pipeline") if thread.is_alive()]
    assert str(invoke(pool, "Get-Echo").output[0]) == "echoed"


def _settled(name: str) -> list[threading.Thread]:
    """Threads of that name that are still there after a moment."""
    for _ in range(100):
        left = [thread for thread in threading.enumerate() if thread.name == name]
        if not left:
            return []
        time.sleep(0.02)
    return left


def test_leaked_shells_are_counted_and_limited(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    for _ in range(5):
        RunspacePool(wsman(stage, listener, auth="basic"), configuration_name=RESOURCE).open()
    assert len(stage.shells.table) == 5
    with pytest.raises(WSManFaultError) as caught:
        RunspacePool(wsman(stage, listener, auth="basic"), configuration_name=RESOURCE).open()
    assert caught.value.code == 2150859173
    assert "maximum number of 5 concurrent shells" in str(caught.value)


def test_idle_shells_expire(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    with wsman(stage, listener, auth="basic") as connection:
        pool = RunspacePool(connection, configuration_name=RESOURCE)
        pool.open()
        stage.shells.idle_limit = -1.0
        with pytest.raises(WSManFaultError) as caught:
            invoke(pool, "Get-Echo")
    assert caught.value.code == 2150858843
    assert stage.shells.table == {}


def test_commands_of_a_shell_are_limited(pool: RunspacePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange_lab.wire.psrp.COMMANDS_PER_SHELL", 2)
    first = invoke(pool, "Get-Echo")
    invoke(pool, "Get-Echo")
    with pytest.raises(WSManFaultError, match="maximum number of concurrent commands per shell"):
        invoke(pool, "Get-Echo")
    first.close()
    assert invoke(pool, "Get-Echo").output


def test_another_users_shell_is_not_there(stage: Any) -> None:
    stage.accounts.add("LAB", "Other", "pa55", "lab.example")
    listener = stage.listen("basic", secure=True)
    with wsman(stage, listener, auth="basic") as connection:
        pool = RunspacePool(connection, configuration_name=RESOURCE)
        pool.open()
        connection.transport.session.auth = ("Other", "pa55")
        with pytest.raises(WSManFaultError) as caught:
            invoke(pool, "Get-Echo")
    assert caught.value.code == 2150858843


def test_concurrent_sessions(stage: Any) -> None:
    listener = stage.listen("negotiate")
    seen: list[int] = []

    def work(number: int) -> None:
        with (
            wsman(stage, listener, auth="ntlm") as connection,
            RunspacePool(connection, configuration_name=RESOURCE) as pool,
        ):
            for _ in range(3):
                seen.append(invoke(pool, "Get-Echo", Value=number).output[0].adapted_properties["Value"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(seen) == sorted(list(range(5)) * 3)
    assert stage.shells.table == {}
