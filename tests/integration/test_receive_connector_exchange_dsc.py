# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that dsccommunity/ExchangeDsc made, by the number of its issue, are not made here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from connector_tasks import play, task
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab
from exchange_lab.switches import Switches

RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as made:
        yield made


def test_exchange_dsc_39_a_right_beyond_the_groups_does_not_keep_the_connector_changing(
    lab: Lab, ansible_playbook: Any
) -> None:
    groups = {"name": "Issue39", "permission_groups": ["AnonymousUsers"]}
    make = {**groups, "bindings": "0.0.0.0:2639", "remote_ip_ranges": "10.0.0.1"}
    grant = {"name": "Grant", "relayops.exchange.connector_permission": {"connector": "Issue39", "rights": [RELAY]}}
    info = {"name": "Look", "relayops.exchange.receive_connector_info": {"name": "Issue39"}}
    played = ansible_playbook(
        play(task("Make", **make), grant, task("Same", **groups), task("With Custom", **make), info),
        inventory(lab.details()),
    )
    assert played.code == 0, played.output
    assert [played.result(name)["changed"] for name in ("Make", "Grant", "Same", "With Custom")] == [
        True,
        True,
        False,
        False,
    ]
    (shown,) = played.result("Look")["connectors"]
    assert shown["custom_permissions"]
    assert shown["permission_groups"] == ["AnonymousUsers"]


def test_exchange_dsc_332_an_absent_connector_leaves_no_error_in_the_event_log(lab: Lab, ansible_playbook: Any) -> None:
    info = {"name": "Look", "relayops.exchange.receive_connector_info": {"name": "Nobody's"}}
    played = ansible_playbook(
        play(
            info,
            task("Gone", name="Nobody's", state="absent"),
            task("Make", name="Issue332", bindings="0.0.0.0:2632", remote_ip_ranges="10.0.0.1"),
        ),
        inventory(lab.details()),
    )
    assert played.code == 0, played.output
    assert (played.result("Look")["connectors"], played.result("Gone")["changed"]) == ([], False)
    assert lab.organisation.event_log == []
    named = [
        each for each in lab.journal.commands if each.name == "Get-ReceiveConnector" and "Identity" in each.parameters
    ]
    assert named == []


def test_exchange_dsc_414_a_denial_leaves_the_allowance_in_place(lab: Lab, ansible_playbook: Any) -> None:
    right = {"connector": "Issue414", "rights": [RELAY]}

    def permission(name: str, **options: Any) -> dict[str, Any]:
        return {"name": name, "relayops.exchange.connector_permission": right | options}

    info = {"name": "Look", "relayops.exchange.receive_connector_info": {"name": "Issue414"}}
    make = {"bindings": "0.0.0.0:2641", "remote_ip_ranges": "10.0.0.1", "permission_groups": "AnonymousUsers"}
    played = ansible_playbook(
        play(
            task("Make", name="Issue414", **make),
            permission("Allow"),
            permission("Deny", access="deny"),
            permission("Deny again", access="deny"),
            info,
            permission("Deny no more", access="deny", state="absent"),
            {**info, "name": "Look again"},
        ),
        inventory(lab.details()),
    )
    assert played.code == 0, played.output
    assert [played.result(name)["changed"] for name in ("Allow", "Deny", "Deny again", "Deny no more")] == [
        True,
        True,
        False,
        True,
    ]

    def held(name: str) -> list[str]:
        entries = played.result(name)["connectors"][0]["permissions"]
        return sorted(entry["access"] for entry in entries if RELAY in entry["rights"])

    assert held("Look") == ["allow", "deny"]
    assert held("Look again") == ["allow"]


@pytest.mark.parametrize("wire_shape", ["strings", "objects"])
def test_exchange_dsc_500_lists_compare_whatever_the_wire_makes_of_them(
    make_lab: Callable[..., Lab], ansible_playbook: Any, wire_shape: str
) -> None:
    lab = make_lab("2019", switches=Switches(wire_shape=wire_shape))
    info = {"name": "Look", "relayops.exchange.receive_connector_info": {}, "register": "there"}
    same = {
        "name": "Same",
        "relayops.exchange.receive_connector": {"settings": "{{ item }}"},
        "loop": "{{ there.connectors }}",
        "loop_control": {"label": "{{ item.name }}"},
    }
    lists = {
        "name": "Default Frontend EX01",
        "bindings": ["0.0.0.0:25", "[::]:25"],
        "auth_mechanism": ["ExchangeServer", "Tls", "BasicAuth", "Integrated", "BasicAuthRequireTLS"],
        "remote_ip_ranges": ["::/0", "0.0.0.0/0"],
    }
    played = ansible_playbook(play(info, same, task("Lists", **lists)), inventory(lab.details()))
    assert played.code == 0, played.output
    assert [event["result"]["changed"] for event in played.events if event.get("task") == "Same"] == [False]
    assert not played.result("Lists")["changed"]
    assert not [command for command in lab.journal.commands if command.name == "Set-ReceiveConnector"]
