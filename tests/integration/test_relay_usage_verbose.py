# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""relay_usage lets connectors log for a time: whatever happens to the play, they log as before in the end."""

from __future__ import annotations

import json
import smtplib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.inventory import inventory
from play_apart import PlayApart

QUIET = ("Relay copiers", "Relay scanners")
NOTE = "did-not-log.json"


def play(tmp_path: Path, **variables: Any) -> dict[str, Any]:
    given = {"relay_usage_folder": str(tmp_path / "usage"), **variables}
    return {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "roles": [{"role": "relayops.exchange.relay_usage", "vars": given}],
    }


def furnish(stand: Any) -> None:
    """Two connectors that do not log, and one that always does."""
    names = zip((*QUIET, "Relay doors"), (77, 78, 79), ("none", "none", "verbose"), strict=True)
    entries = [
        {"name": name, "address": 25, "clients": [device], "protocol_logging_level": level}
        for name, device, level in names
    ]
    stand.apply(entries)


def logging(stand: Any) -> set[str]:
    """The connectors that log."""
    connectors = stand.lab.organisation.connectors(stand.lab.servers[0].name)
    return {each.name for each in connectors if str(each.properties["ProtocolLoggingLevel"]) == "Verbose"}


def note(tmp_path: Path) -> list[str]:
    """The connectors that the note names, none where there is no note."""
    (path,) = [*(tmp_path / "usage").glob(f"*/{NOTE}"), tmp_path / "none"][:1]
    return sorted(json.loads(path.read_text()).values()) if path.exists() else []


def traffic(stand: Any, device: int) -> threading.Thread:
    """A device that writes as soon as its connector logs."""
    on = threading.Event()
    stand.lab.organisation.on_change(lambda: QUIET[0] in logging(stand) and on.set())

    def send() -> None:
        assert on.wait(120)
        source = (stand.address(device), 0)
        with smtplib.SMTP(stand.address(25), stand.lab.smtp_port(25), timeout=30, source_address=source) as smtp:
            smtp.sendmail("copier@lab.example", ["someone@example.net"], "Subject: page\r\n\r\nx")

    started = threading.Thread(target=send, daemon=True)
    started.start()
    return started


def test_on_where_asked_seen_and_as_before(
    relay_stand: Any, ansible_playbook: Any, state: Callable[[Any], Any], tmp_path: Path
) -> None:
    stand = relay_stand()
    furnish(stand)
    before, logged = state(stand.lab), logging(stand)
    ever: set[str] = set()
    stand.lab.organisation.on_change(lambda: ever.update(logging(stand)))
    stand.lab.journal.clear()
    sending = traffic(stand, 77)
    chosen = {"relay_usage_verbose_for": 0.15, "relay_usage_connectors": QUIET[0]}
    played = ansible_playbook(play(tmp_path, **chosen), inventory(stand.lab.details(), "psrp"))
    assert played.code == 0, played.output
    sending.join(30)
    assert ever == {*logged, QUIET[0]}
    assert (state(stand.lab), note(tmp_path)) == (before, [])
    written = [call for call in stand.lab.journal.commands if call.name.startswith(("Set-", "New-", "Remove-"))]
    assert [str(call.parameters["ProtocolLoggingLevel"]).lower() for call in written] == ["verbose", "none"]
    (found,) = (tmp_path / "usage").glob("*/relay-usage.json")
    rows = json.loads(found.read_text())["usage"]
    assert [(row["connector"], row["client"], row["recipients_outside"]) for row in rows] == [
        (QUIET[0], stand.address(77), 1)
    ]


def test_those_that_log_already_are_left_alone_where_none_is_chosen(
    relay_stand: Any, ansible_playbook: Any, state: Callable[[Any], Any], tmp_path: Path
) -> None:
    stand = relay_stand()
    furnish(stand)
    before, logged = state(stand.lab), logging(stand)
    assert {"Relay doors", "Default Frontend EX01"} <= logged
    noted: set[str] = set()
    stand.lab.organisation.on_change(lambda: noted.update(note(tmp_path)))
    played = ansible_playbook(play(tmp_path, relay_usage_verbose_for=0.01), inventory(stand.lab.details(), "psrp"))
    assert played.code == 0, played.output
    assert noted
    assert not noted & logged
    assert (logging(stand), state(stand.lab), note(tmp_path)) == (logged, before, [])


@pytest.mark.parametrize("then", ["kill", "interrupt"])
def test_two_runs_that_do_not_come_to_their_end_and_one_that_does(
    then: str, relay_stand: Any, ansible_playbook: Any, state: Callable[[Any], Any], tmp_path: Path
) -> None:
    stand = relay_stand()
    furnish(stand)
    before, logged = state(stand.lab), logging(stand)
    hosts = inventory(stand.lab.details(), "psrp")
    chosen = {"relay_usage_verbose_for": 30, "relay_usage_connectors": list(QUIET)}
    first = PlayApart(tmp_path / "first", play(tmp_path, **chosen), hosts)
    held = stand.lab.faults.inject("hold", at=2, endpoint="exchange", verb="Command", command="Set-ReceiveConnector")
    first.start()
    assert first.reaches(lambda: held.reached(0.1)), first.printed.read_text()
    first.kill()
    assert len(logging(stand) - logged) == 1
    # what was sent before the play was killed may still be done
    held.release()
    stand.lab.faults.clear()
    second = PlayApart(tmp_path / "second", play(tmp_path, **chosen), hosts)
    second.start()
    assert second.reaches(lambda: "Pausing for" in second.printed.read_text()), second.printed.read_text()
    getattr(second, then)()
    assert logging(stand) == {*logged, *QUIET}
    assert note(tmp_path) == sorted(QUIET)
    looked = ansible_playbook(play(tmp_path), hosts, "--check")
    assert (looked.code, logging(stand), note(tmp_path)) == (0, {*logged, *QUIET}, sorted(QUIET)), looked.output
    third = ansible_playbook(play(tmp_path), hosts)
    assert third.code == 0, third.output
    assert (state(stand.lab), note(tmp_path)) == (before, [])
    again = ansible_playbook(play(tmp_path), hosts)
    assert sum(host["changed"] for host in again.stats.values()) == 0, again.output


def test_who_cannot_be_restored_is_kept_in_mind(
    relay_stand: Any, ansible_playbook: Any, state: Callable[[Any], Any], tmp_path: Path
) -> None:
    stand = relay_stand()
    furnish(stand)
    before = state(stand.lab)
    hosts = inventory(stand.lab.details(), "psrp")

    def lame() -> None:
        """From the moment when both log, nothing can be written."""
        if logging(stand) >= set(QUIET) and not stand.lab.faults.as_data():
            stand.lab.faults.inject("unavailable", times=99, endpoint="exchange", command="Set-ReceiveConnector")

    stand.lab.organisation.on_change(lame)
    chosen = {"relay_usage_verbose_for": 0.01, "relay_usage_connectors": list(QUIET)}
    failed = ansible_playbook(play(tmp_path, **chosen), hosts)
    assert (failed.code, note(tmp_path)) == (2, sorted(QUIET)), failed.output
    stand.lab.faults.clear()
    # of one that is no longer there nothing is to be restored, and none is to be made
    gone = next(each for each in stand.lab.organisation.connectors("EX01") if each.name == QUIET[1])
    directory = stand.lab.organisation.directory
    directory.remove(directory.controllers[0], gone.guid)
    directory.replicate()
    del before["EX01"]["connectors"][QUIET[1]]
    stand.lab.faults.clear()
    again = ansible_playbook(play(tmp_path), hosts)
    assert again.code == 0, again.output
    assert (state(stand.lab), note(tmp_path)) == (before, [])
