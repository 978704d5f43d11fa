# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on order, as a real client sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from exchange_lab.faults import KINDS, Faults
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

CREATE = """\
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header>
<a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/Create</a:Action>
<w:ResourceURI>{resource}</w:ResourceURI></s:Header><s:Body/></s:Envelope>"""


def run(stage: Any, listener: Any, *commands: str, **settings: Any) -> list[Any]:
    """Open a session, run Get-Echo or other commands, a pipeline each, close."""
    defaults: dict[str, Any] = {
        "port": listener.port,
        "username": "Administrator",
        "password": "pa55",
        "path": "powershell",
        "auth": "basic",
        "cert_validation": str(stage.ca_pem),
        "no_proxy": True,
        "reconnection_retries": 0,
    }
    with (
        WSMan("127.99.1.10", **defaults | settings) as connection,
        RunspacePool(connection, configuration_name="Microsoft.Exchange") as pool,
    ):
        return [thing for name in commands or ["Get-Echo"] for thing in PowerShell(pool).add_cmdlet(name).invoke()]


@pytest.mark.parametrize(
    ("kind", "error", "acted"),
    [
        ("cut_before", requests.ConnectionError, False),
        ("cut_after", requests.ConnectionError, True),
        ("unavailable", WinRMTransportError, False),
        ("truncated", requests.exceptions.RequestException, True),
        ("garbled", Exception, True),
        ("unauthorized", AuthenticationError, False),
        ("quota", WSManFaultError, False),
        ("shell_gone", WSManFaultError, False),
    ],
)
def test_command_fails(stage: Any, kind: str, error: type[Exception], acted: bool) -> None:
    listener = stage.listen("basic", secure=True)
    stage.faults.inject(kind, verb="Command")
    with pytest.raises(error):
        run(stage, listener)
    eventually(lambda: not acted or bool(stage.journal.commands))
    assert [command.name for command in stage.journal.commands] == (["Get-Echo"] if acted else [])
    assert run(stage, listener), "a fault happens once"


def test_an_answer_that_never_comes(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    stage.faults.inject("hang", verb="Receive", at=2)
    before = time.monotonic()
    # pypsrp asks again after a read timeout; what was in the lost answer does not come a second time
    with pytest.raises(WSManFaultError, match="command identifier that does not exist"):
        run(stage, listener, read_timeout=1)
    assert time.monotonic() - before < 8
    eventually(lambda: len(listener.connections) == 1)


def eventually(met: Callable[[], bool]) -> None:
    """Wait a moment for what another thread does."""
    end = time.monotonic() + 3
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_counts_from_now_on_and_in_a_row(stage: Any) -> None:
    faults = Faults()
    faults.inject("unavailable", at=2, times=2, endpoint="exchange")
    dues = [faults.due("EX01", kind, "") for kind in ("exchange", "winrm", "exchange", "exchange", "exchange")]
    assert dues == ["", "", "unavailable", "unavailable", ""]
    assert faults.as_data() == []


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="no fault 'flood'"):
        Faults().inject("flood")
    assert "flood" not in KINDS


def test_first_request_of_a_handshake(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    stage.faults.inject("cut_before", at=1)
    with pytest.raises(requests.ConnectionError):
        run(stage, listener)


def test_at_the_cmdlet_of_that_name(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    stage.faults.inject("cut_after", command="get-failure", at=2)
    with pytest.raises(requests.ConnectionError):
        run(stage, listener, "Get-Echo", "Get-Failure", "Get-Echo")
    # its first request is the one that starts it, its second the one that fetches its output
    assert [each.verb for each in stage.journal.requests if each.status == 0] == ["Receive"]
    assert [command.name for command in stage.journal.commands] == ["Get-Echo", "Get-Failure"]


def test_at_the_second_start_of_a_cmdlet(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    stage.faults.inject("cut_before", command="Get-Echo", verb="Command", at=2)
    with pytest.raises(requests.ConnectionError):
        run(stage, listener, "Get-Echo", "Get-Failure", "Get-Echo")
    assert [command.name for command in stage.journal.commands] == ["Get-Echo", "Get-Failure"]


def test_a_name_within_a_longer_one_is_not_meant(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    stage.faults.inject("cut_before", command="Get-Fail")
    stage.faults.inject("cut_before", command="Echo")
    assert run(stage, listener, "Get-Echo", "Get-Failure")


def test_at_every_request_of_a_run(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    run(stage, listener)
    verbs = [request.verb for request in stage.journal.requests]
    assert verbs == ["Create", "Receive", "Command", "Receive", "Delete"]
    for at, verb in enumerate(verbs, 1):
        stage.journal.clear()
        stage.faults.inject("cut_before", at)
        with pytest.raises(requests.ConnectionError):
            run(stage, listener)
        # pypsrp says good-bye all the same
        assert [request.verb for request in stage.journal.requests if request.status == 0] == [verb]
        stage.shells.close_all()
    stage.faults.inject("cut_before", len(verbs) + 1)
    assert run(stage, listener), "beyond the last request nothing happens"


@pytest.mark.parametrize("kind", ["ntlm", "basic"])
def test_authentication_that_has_expired(stage: Any, kind: str) -> None:
    listener = stage.listen("negotiate", "basic", secure=kind == "basic")
    settings = {"auth": kind, "ssl": kind == "basic", "username": r"LAB\Administrator"}
    stage.faults.inject("unauthorized", verb="Command", times=3)
    with pytest.raises((AuthenticationError, WinRMTransportError)):
        run(stage, listener, **settings)
    assert stage.journal.commands == []
    stage.faults.clear()
    assert run(stage, listener, **settings)


def test_shells_and_requests_are_counted(stage: Any) -> None:
    listener = stage.listen("negotiate")
    run(stage, listener, auth="ntlm", ssl=False, username=r"LAB\Administrator")
    counts = stage.journal.counts()
    # three more than without a handshake, whose last step carries the first message's place
    assert counts["requests"] == counts["requests_exchange"] == 8
    assert counts["commands"] == 1


@pytest.mark.parametrize(("kind", "text"), [("bomb", b"<!ENTITY a12"), ("nested", b"<x><x><x>")])
def test_hostile_documents(stage: Any, kind: str, text: bytes) -> None:
    listener = stage.listen("basic", secure=True)
    stage.faults.inject(kind, verb="Command")
    answers: list[bytes] = []
    keep = {"response": lambda response, **_: answers.append(response.content)}
    with WSMan(
        "127.99.1.10",
        port=listener.port,
        path="powershell",
        auth="basic",
        username="Administrator",
        password="pa55",
        cert_validation=str(stage.ca_pem),
        no_proxy=True,
    ) as connection:
        pool = RunspacePool(connection, configuration_name="Microsoft.Exchange")
        pool.open()
        connection.transport.session.hooks.update(keep)
        # lxml, expat and pypsrp give up in their own words; what matters is what they were sent
        with pytest.raises(Exception):  # noqa: B017, PT011
            PowerShell(pool).add_cmdlet("Get-Echo").invoke()
    assert text in answers[0]


def test_an_endless_answer_ends_with_the_client(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    stage.faults.inject("endless", verb="Create")
    url = f"https://127.99.1.10:{listener.port}/powershell"
    create = CREATE.format(resource="http://schemas.microsoft.com/powershell/Microsoft.Exchange")
    with requests.post(
        url, create, auth=("Administrator", "pa55"), verify=str(stage.ca_pem), stream=True, timeout=10
    ) as answer:
        seen = sum(len(piece) for piece, _ in zip(answer.iter_content(65536), range(50), strict=False))
    assert seen > 1_000_000
    eventually(lambda: not listener.connections)


def test_a_request_is_held_until_it_is_released(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    hold = stage.faults.inject("hold", command="Get-Echo", verb="Command")
    found: list[Any] = []
    client = threading.Thread(target=lambda: found.extend(run(stage, listener)), daemon=True)
    client.start()
    assert hold.reached()
    assert stage.faults.held == 1
    assert stage.journal.commands == []
    assert run(stage, listener), "others go on meanwhile"
    hold.release()
    client.join(10)
    assert len(found) == 1
    assert stage.faults.held == 0


def test_clearing_releases_what_is_held(stage: Any) -> None:
    listener = stage.listen("basic", secure=True)
    hold = stage.faults.inject("hold", at=3)
    client = threading.Thread(target=run, args=(stage, listener), daemon=True)
    client.start()
    assert hold.reached()
    stage.faults.clear()
    client.join(10)
    assert not client.is_alive()
