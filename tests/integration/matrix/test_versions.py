# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role relay on every version of Exchange: provision, probe, send mail, run again, remove."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.exchange.versions import PROFILES
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

OUTSIDE = "someone@example.net"
DEVICE, STRANGER, RELAY = 77, 78, 25


def play(**options: Any) -> dict[str, Any]:
    """A play that runs the role with the session that the inventory describes."""
    return {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "roles": [{"role": "relayops.exchange.relay"}],
    } | options


@pytest.fixture
def wanted(address: Callable[[Lab, int], str]) -> Callable[[Lab], dict[str, Any]]:
    """The role's variables: a connector on an address of its own for one device, and what to ask it."""

    def variables(lab: Lab) -> dict[str, Any]:
        own = {"port": lab.smtp_port(25), "rcpt_to": OUTSIDE}
        return {
            "relay_name": "Relay of the copiers",
            "relay_address": f"{address(lab, RELAY)}/24",
            "relay_fqdn": "relay.example.com",
            "relay_clients": [address(lab, DEVICE)],
            "relay_probes": [
                own | {"source_address": address(lab, DEVICE), "expect": "allowed"},
                own | {"source_address": address(lab, STRANGER), "expect": "refused"},
            ],
        }

    return variables


def send(lab: Lab, device: str, server: str) -> None:
    """Send a message to the outside as a device does, without logging on."""
    with smtplib.SMTP(server, lab.smtp_port(25), timeout=20, source_address=(device, 0)) as smtp:
        smtp.sendmail("copier@example.com", [OUTSIDE], "Subject: scan\r\n\r\nA page.\r\n")


@pytest.mark.parametrize("version", PROFILES)
def test_round_trip(
    version: str, make_lab: Any, wanted: Any, ansible_playbook: Any, address: Any, relays: Any, state: Any
) -> None:
    lab = make_lab(version)
    before = state(lab)
    hosts = inventory(lab.details(), **wanted(lab))
    twice = ansible_playbook([play(), play()], hosts)
    assert twice.code == 0, twice.output
    changes = [bool(result.get("changed")) for result in twice.results()]
    half = len(changes) // 2
    assert any(changes[:half])
    assert not any(changes[half:]), twice.output
    answers = [item["verdict"] for result in twice.results() for item in result.get("results", ())]
    assert answers == ["allowed", "refused"] * 2

    send(lab, address(lab, DEVICE), address(lab, RELAY))
    (arrived,) = lab.servers[0].transport.delivered
    assert (arrived.connector, list(arrived.recipients)) == ("Relay of the copiers", [OUTSIDE])
    assert not relays(lab, address(lab, STRANGER), address(lab, RELAY))
    assert not relays(lab, address(lab, DEVICE), lab.servers[0].address)

    gone = ansible_playbook(play(), hosts, "-e", "relay_state=absent")
    assert gone.code == 0, gone.output
    assert state(lab) == before
    assert lab.journal.open_sessions == []
