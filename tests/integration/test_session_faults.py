# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Broken connections, busy servers and deadlines: reads are repeated, writes never blindly, no shell is left behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Backoff, Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError, UnknownOutcome
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings
from exchange_lab.lab import Lab
from exchange_lab.latency import Latency

READ = (Command("Get-ExchangeServer"),)
WRITE = (Command("Set-ReceiveConnector", {"Identity": "EX01\\Default EX01", "Comment": "seen"}),)
Open = Callable[..., RemoteSession]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019", exchange_auth=["negotiate", "basic"]) as started:
        yield started


@pytest.fixture(params=["basic", "ntlm"])
def opened(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Sessions over TLS, and with encrypted messages, whose keys a broken connection takes along."""
    server, sessions = lab.servers[0], []
    secure = request.param == "basic"
    options = {
        "endpoint_host": server.address,
        "endpoint_port": server.exchange_tls_port if secure else server.exchange_port,
        "endpoint_auth": request.param,
        "endpoint_ssl": secure,
        "endpoint_username": lab.username,
        "endpoint_password": lab.password,
        "endpoint_ca_cert": str(lab.ca_pem),
        "operation_timeout": 1,
        "read_timeout": 2,
    }
    lab.journal.clear()
    lab.faults.clear()
    lab.latency = Latency()

    def make(seconds: float = 30, **changes: Any) -> RemoteSession:
        made = settings({**options, **changes}, None, {})
        sessions.append(RemoteSession(made, Deadline(seconds), Backoff(0.01)))
        return sessions[-1]

    yield make
    lab.faults.clear()
    for session in sessions:
        session.close()
    assert lab.journal.open_sessions == []


BREAKS = ["cut_before", "cut_after", "unavailable", "truncated", "garbled", "hang", "shell_gone"]


IMPATIENT = {"hang": {"read_timeout": 1}}


def each(kinds: list[str], verbs: list[str], without: tuple[str, str]) -> list[tuple[str, str]]:
    """Every break at every request but one: a shell that is not there yet cannot be taken away, and so on."""
    return [(kind, verb) for kind in kinds for verb in verbs if (kind, verb) != without]


@pytest.mark.parametrize(
    ("kind", "verb"), each([*BREAKS, "quota"], ["Create", "Command", "Receive"], ("shell_gone", "Create"))
)
def test_a_read_is_repeated_whatever_breaks(lab: Lab, opened: Open, kind: str, verb: str) -> None:
    lab.faults.inject(kind, endpoint="exchange", verb=verb)
    outcomes = opened(**IMPATIENT.get(kind, {})).run(READ)
    assert outcomes[0].objects[0].properties["Name"] == "EX01"
    assert not outcomes[0].errors
    assert len(lab.journal.open_sessions) == 1


# a shell that was gone before the command came did not take it, and said so
@pytest.mark.parametrize(("kind", "verb"), each(BREAKS, ["Command", "Receive"], ("shell_gone", "Command")))
def test_a_write_whose_answer_is_lost_is_not_repeated(lab: Lab, opened: Open, kind: str, verb: str) -> None:
    session = opened(**IMPATIENT.get(kind, {}))
    session.run(READ)
    lab.journal.clear()
    lab.faults.inject(kind, endpoint="exchange", verb=verb)
    with pytest.raises(UnknownOutcome, match=r"Set-ReceiveConnector on 127.*: its outcome is unknown, .*read again"):
        session.run(WRITE)
    assert [command.name for command in lab.journal.commands].count("Set-ReceiveConnector") <= 1
    assert session.run(READ)[0].objects


@pytest.mark.parametrize("kind", ["quota", "shell_gone"])
def test_a_write_that_the_server_did_not_take_is_repeated(lab: Lab, opened: Open, kind: str) -> None:
    session = opened()
    session.run(READ)
    lab.journal.clear()
    lab.faults.inject(kind, endpoint="exchange", verb="Command", times=3)
    assert not session.run(WRITE)[0].errors
    assert [command.name for command in lab.journal.commands].count("Set-ReceiveConnector") == 1


def test_a_busy_server_is_waited_for(lab: Lab, opened: Open) -> None:
    others = [opened() for _ignored in range(18)]
    for other in others:
        other.open()
    waits = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            others[0].close()

    session = opened()
    session.pause = pause
    session.open()
    assert waits == [0.01, 0.02, 0.04]


def test_a_server_that_stays_busy_is_named_with_its_own_words(lab: Lab, opened: Open) -> None:
    lab.faults.inject("quota", endpoint="exchange", verb="Create", times=100)
    session = opened(seconds=3)
    with pytest.raises(ShellError, match=r"the server limits this account: .*maximum number.*throttling policy"):
        session.run(READ)
    assert session.deadline.remaining < 3


def test_a_server_that_stays_unavailable_is_given_up(lab: Lab, opened: Open) -> None:
    lab.faults.inject("unavailable", endpoint="exchange", times=100)
    with pytest.raises(ShellError, match=r"answered 503\. Check that IIS and its pools run"):
        opened().run(READ)


@pytest.mark.parametrize("pipeline", [READ, WRITE], ids=["read", "write"])
def test_the_deadline_stops_what_runs(lab: Lab, opened: Open, pipeline: tuple[Command, ...]) -> None:
    session = opened(seconds=2)
    session.open()
    lab.latency = replace(lab.latency, cmdlet=8)
    before = time.monotonic()
    with pytest.raises(ShellError, match=r"was stopped on 127.*: the deadline of 2 s has passed"):
        session.run(pipeline)
    assert time.monotonic() - before < 4
    session.close()
    assert time.monotonic() - before < 8


def test_an_answer_without_end_is_given_up(lab: Lab, opened: Open) -> None:
    session = opened()
    session.run(READ)
    lab.faults.inject("endless", endpoint="exchange", verb="Receive")
    with pytest.raises(ShellError, match=r"the answer of https?://\S+ does not end: it (has more than 16 MB|goes on)"):
        session.run(READ)


def test_the_deadline_bounds_a_server_that_does_not_answer(lab: Lab, opened: Open) -> None:
    lab.faults.inject("hang", endpoint="exchange", times=100)
    before = time.monotonic()
    session = opened(seconds=1, read_timeout=60, operation_timeout=50)
    with pytest.raises(ShellError):
        session.run(READ)
    assert time.monotonic() - before < 3
    session.close()
    assert time.monotonic() - before < 7
    lab.faults.clear()


def test_a_shell_whose_opening_got_no_answer_is_deleted(lab: Lab, opened: Open) -> None:
    lab.faults.inject("cut_after", endpoint="exchange", verb="Create", times=2)
    session = opened()
    session.run(READ)
    assert len([change for change in lab.journal.sessions if change.opened]) == 3
    assert len(lab.journal.open_sessions) == 1


def test_a_farewell_that_fails_is_tried_again(lab: Lab, opened: Open) -> None:
    session = opened()
    session.run(READ)
    lab.faults.inject("cut_before", endpoint="exchange", verb="Delete")
    session.close()
    assert lab.journal.open_sessions == []
