# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook decommission: a device goes however it is written, and what cannot be understood is no success."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.inventory import inventory

DECOMMISSION = Path(__file__).resolve().parents[2] / "playbooks" / "decommission.yml"


def ranges(stand: Any) -> dict[str, list[str]]:
    """The clients of each relay connector."""
    connectors = stand.lab.organisation.connectors("EX01")
    found = {each.name: sorted(map(str, each.properties["RemoteIPRanges"])) for each in connectors}
    return {name: found[name] for name in found if name.startswith("Relay")}


@pytest.mark.parametrize("written", ["{77}/32", "{77},{76}", ["{76}", "{77}-{77}"]])
def test_a_device_goes_however_it_is_written(written: Any, relay_stand: Any, ansible_playbook: Any) -> None:
    stand = relay_stand()
    network = f"{stand.address(64)}/28"
    stand.apply(
        [
            {"name": "Relay copiers", "address": 25, "clients": [77, 78]},
            {"name": "Relay floor", "address": 25, "clients": [network]},
        ]
    )
    texts = [written] if isinstance(written, str) else written
    given = [text.replace("{77}", stand.address(77)).replace("{76}", stand.address(76)) for text in texts]
    addresses = given[0] if isinstance(written, str) else given
    hosts = inventory(stand.lab.details(), "psrp", decommission_addresses=addresses)
    played = ansible_playbook(DECOMMISSION, hosts)
    assert played.code == 0, played.output
    assert ranges(stand) == {"Relay copiers": [stand.address(78)], "Relay floor": [network]}
    assert played.output.count("Relay floor on EX01 still serves") == 1
    assert played.output.count("still serves") == 1
    again = ansible_playbook(DECOMMISSION, hosts)
    assert sum(host["changed"] for host in again.stats.values()) == 0, again.output


def test_a_device_of_ipv6_goes(relay_stand: Any, ansible_playbook: Any) -> None:
    stand = relay_stand()
    stand.apply(
        [
            {"name": "Relay copiers", "address": 25, "clients": [77, "2001:db8::77", "2001:db8::4d"]},
            {"name": "Relay doors", "address": 10, "clients": ["2001:db8::77"]},
            {"name": "Relay floor", "address": 25, "port": 2525, "clients": ["2001:db8::/64"]},
        ]
    )
    hosts = inventory(stand.lab.details(), "psrp", decommission_addresses="2001:0DB8:0:0::0077/128, 2001:db8::1:1")
    played = ansible_playbook(DECOMMISSION, hosts)
    assert played.code == 0, played.output
    assert ranges(stand) == {
        "Relay copiers": sorted([stand.address(77), "2001:db8::4d"]),
        "Relay floor": ["2001:db8::/64"],
    }
    said = " ".join(played.output.split())
    assert "Relay floor on EX01 still serves 2001:db8::77, 2001:db8::1:1 within a wider range" in said


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        ("copier7", "'copier7' is not an IP address or range"),
        ([5], "5 is no range"),
        (" ", "Set decommission_addresses"),
        (None, "Set decommission_addresses"),
        ("192.0.2.77 0.0.0.0/0", "on ex01: 0.0.0.0-255.255.255.255 is wider than a /8"),
        ("::/0", "on ex01: ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff is wider than a /8"),
        ("10.0.0.0-11.0.0.0,2001:db8::/31", "on ex01: 10.0.0.0-11.0.0.0, 2001:db8::/31 is wider than a /8"),
    ],
)
def test_what_names_no_device_is_refused(
    addresses: Any, words: str, relay_stand: Any, ansible_playbook: Any, state: Callable[[Any], Any]
) -> None:
    stand = relay_stand()
    before = state(stand.lab)
    played = ansible_playbook(DECOMMISSION, inventory(stand.lab.details(), "psrp", decommission_addresses=addresses))
    assert (played.code, state(stand.lab)) == (2, before), played.output
    assert words in " ".join(played.output.split())
    assert "Traceback" not in played.output
