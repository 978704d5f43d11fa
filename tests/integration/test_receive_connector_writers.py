# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""receive_connector beside other writers, and with more ranges than the directory takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from connector_tasks import play, ranges, task, twice
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab
from exchange_lab.switches import Switches


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as made:
        yield made


@pytest.mark.parametrize("hashtable", ["accepted", "refused"])
def test_an_entry_that_another_writer_adds_meanwhile_stays(
    make_lab: Callable[..., Lab], ansible_playbook: Any, in_session: Any, hashtable: str
) -> None:
    lab = make_lab("2019", switches=Switches(hashtable=hashtable))
    start = {"name": "Shared", "bindings": "0.0.0.0:2600", "remote_ip_ranges": ["10.0.0.1/24", "10.9.9.9"]}
    edit = {"name": "Shared", "remote_ip_ranges": {"add": ["10.0.3.0/24"], "remove": ["10.0.0.0/24"]}}
    first = ansible_playbook(play(task("Make", **start)), inventory(lab.details()))
    assert first.code == 0, first.output
    held = lab.faults.inject("hold", endpoint="exchange", verb="Command", command="Set-ReceiveConnector")
    done: list[Any] = []
    playing = threading.Thread(
        target=lambda: done.append(ansible_playbook(play(*twice("Edit", **edit)), inventory(lab.details())))
    )
    playing.start()
    try:
        assert held.reached(200)
        with in_session(lab) as other:
            now = sorted(ranges(lab, "Shared"))
            identity = lab.organisation.naming.receive_connector("EX01", "Shared")
            other.call(Command("Set-ReceiveConnector", {"Identity": identity, "RemoteIPRanges": [*now, "10.0.2.2"]}))
    finally:
        lab.faults.clear()
        held.release()
        playing.join(300)
    (played,) = done
    assert played.code == 0, played.output
    assert ranges(lab, "Shared") == {"10.0.2.2", "10.0.3.0/24", "10.9.9.9"}
    assert [played.result(name)["changed"] for name in ("Edit", "Edit again")] == [True, False]
    sent = [
        command.parameters["RemoteIPRanges"]
        for command in lab.journal.commands
        if command.name == "Set-ReceiveConnector" and "Identity" in command.parameters
    ]
    assert len(sent) == 2


def test_a_writer_who_undoes_the_change_is_reported(lab: Lab, ansible_playbook: Any, in_session: Any) -> None:
    """The change counts when it is read again; what Exchange does not show then is named."""
    first = ansible_playbook(
        play(task("Make", name="Undone", bindings="0.0.0.0:2622", remote_ip_ranges="10.0.0.1")),
        inventory(lab.details()),
    )
    assert first.code == 0, first.output
    # the second reading of connectors is the one after the change
    held = lab.faults.inject("hold", at=2, endpoint="exchange", verb="Command", command="Get-ReceiveConnector")
    done: list[Any] = []
    change = task("Change", name="Undone", max_hop_count=7)
    playing = threading.Thread(target=lambda: done.append(ansible_playbook(play(change), inventory(lab.details()))))
    playing.start()
    try:
        assert held.reached(200)
        with in_session(lab) as other:
            identity = lab.organisation.naming.receive_connector("EX01", "Undone")
            other.call(Command("Set-ReceiveConnector", {"Identity": identity, "MaxHopCount": 60}))
    finally:
        lab.faults.clear()
        held.release()
        playing.join(300)
    message = done[0].result("Change")["msg"]
    assert message.startswith("Reading the receive connector Undone again on EX01: Exchange took the command, but ")
    assert "max_hop_count is 60, not 7. Look for another administrator" in message


def test_what_exchange_refuses_is_said_in_its_words_even_that_somebody_was_faster(
    lab: Lab, ansible_playbook: Any, in_session: Any
) -> None:
    new = {"name": "Race", "bindings": "0.0.0.0:2655", "remote_ip_ranges": "10.0.0.1"}
    refused = {
        "domain": (
            {"default_domain": "nowhere.example"},
            'default_domain of the receive connector Race on EX01: "nowh',
        ),
        "name": ({"fqdn": "not a name"}, '"not a name" isn\'t a valid domain name. Correct the value'),
        "certificate": ({"tls_certificate_name": "CN=x"}, '"CN=x" isn\'t a valid Certificate Identifier. Correct'),
    }
    tasks = [task("New", **new), *(task(word, name="Race", **asked) for word, (asked, _said) in refused.items())]
    tasks = [each | {"ignore_errors": True} for each in tasks]
    held = lab.faults.inject("hold", endpoint="exchange", verb="Command", command="New-ReceiveConnector")
    done: list[Any] = []
    playing = threading.Thread(target=lambda: done.append(ansible_playbook(play(*tasks), inventory(lab.details()))))
    playing.start()
    try:
        assert held.reached(200)
        with in_session(lab) as other:
            faster = {"Bindings": ["0.0.0.0:2656"], "RemoteIPRanges": ["10.0.0.2"], "TransportRole": "HubTransport"}
            other.call(Command("New-ReceiveConnector", {"Name": "Race", "Server": "EX01", "Custom": True, **faster}))
    finally:
        lab.faults.clear()
        held.release()
        playing.join(300)
    said = {name: done[0].result(name)["msg"] for name in ("New", *refused)}
    assert said["New"].startswith("Creating the receive connector Race on EX01: ")
    assert "already" in said["New"]
    assert {word for word, (_asked, words) in refused.items() if words not in said[word]} == set()
    assert ranges(lab, "Race") == {"10.0.0.2"}


def test_more_ranges_than_the_directory_takes(lab: Lab, ansible_playbook: Any) -> None:
    many = [f"10.5.{number // 256}.{number % 256}" for number in range(1408)]
    options = {"bindings": "0.0.0.0:2633", "remote_ip_ranges": many}
    refused = task("Refused", name="Many", **options) | {"ignore_errors": True}
    more = {"name": "Many", "merge_ranges": True, "remote_ip_ranges": {"add": ["10.5.5.128-10.5.5.200"]}}
    played = ansible_playbook(
        play(refused, *twice("Merged", name="Many", merge_ranges=True, **options), *twice("More", **more)),
        inventory(lab.details()),
    )
    assert played.code == 0, played.output
    assert "1408 entries are 208 too many" in played.result("Refused")["msg"]
    assert "set merge_ranges, which makes 1 of them" in played.result("Refused")["msg"]
    changed = [played.result(name)["changed"] for name in ("Merged", "Merged again", "More", "More again")]
    assert changed == [True, False, True, False]
    assert ranges(lab, "Many") <= {"10.5.0.0-10.5.5.200", "10.5.0.0-10.5.5.127", "10.5.5.128-10.5.5.200"}
