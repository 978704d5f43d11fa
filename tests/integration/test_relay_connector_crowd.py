# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many servers: each play opens no wider than meant, and says which servers' addresses it did not look at."""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import CROWD
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

SERVERS, PORT, OUTSIDE = 18, 2526, "someone@example.net"
MEANT, LATER, OUTSIDER = 101, 102, 103
NOT_COMPARED = "compared with the addresses of no other Exchange server"


class Devices:
    """Who may relay through the new port of a server, asked by sending mail after each write that concerns it."""

    def __init__(self, lab: Lab, addresses: Mapping[int, str]) -> None:
        self.lab, self.addresses = lab, addresses
        self.met: dict[str, list[set[int]]] = {server.name: [] for server in lab.servers}
        for server in lab.servers:
            lab.organisation.on_change(lambda name=server.name: self.met[name].append(self.now(name)), server.name)

    def now(self, name: str) -> set[int]:
        """The devices that may relay to the outside through a server now."""
        address = self.lab.server(name).address
        return {number for number, device in self.addresses.items() if self._relays(device, address)}

    def ever(self) -> dict[str, set[int]]:
        """The devices that were able to at any moment since last time."""
        found = {name: set().union(*seen) for name, seen in self.met.items()}
        assert all(self.met.values())
        for seen in self.met.values():
            seen.clear()
        return found

    @staticmethod
    def _relays(device: str, address: str) -> bool:
        try:
            with smtplib.SMTP(address, PORT, timeout=20, source_address=(device, 0)) as smtp:
                smtp.ehlo("device.example")
                smtp.sendmail("device@lab.example", [OUTSIDE], "Subject: page\r\n\r\npage\r\n")
        except (smtplib.SMTPException, OSError):
            return False
        return True


def play(clients: Sequence[str]) -> dict[str, Any]:
    connector = {"name": "Devices", "bindings": [f"{{{{ ansible_host }}}}:{PORT}"], "clients": list(clients)}
    return {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": [{"name": "Relay", "relayops.exchange.relay_connector": {"connectors": [connector]}}],
    }


def test_a_play_on_many_hosts_opens_no_wider_and_says_what_was_not_compared(
    make_lab: Callable[..., Lab], ansible_playbook: Any, address: Any
) -> None:
    lab = make_lab("2019", servers=SERVERS)
    assert SERVERS > CROWD
    devices = Devices(lab, {number: address(lab, number) for number in (MEANT, LATER, OUTSIDER)})
    for meant, ever in ((MEANT, {MEANT}), (LATER, {MEANT, LATER})):
        played = ansible_playbook(play([devices.addresses[meant]]), inventory(lab.details()), "--forks", "9")
        assert played.code == 0, played.output
        assert NOT_COMPARED in " ".join(played.output.split())
        assert [devices.now(server.name) for server in lab.servers] == [{meant}] * SERVERS
        assert all(seen <= ever for seen in devices.ever().values())
    asked = Counter(each.name for each in lab.journal.commands)
    # each server tells its own addresses and is looked up by itself
    assert asked["Get-NetworkConnectionInfo"] == asked["Get-ExchangeServer"] == SERVERS * 2


def test_in_a_play_on_many_hosts_each_server_refuses_its_own_address(
    make_lab: Callable[..., Lab], ansible_playbook: Any, address: Any
) -> None:
    """The others take it, which is what the warning is about; an audit of all of them finds it."""
    lab = make_lab("2019", servers=SERVERS)
    third = lab.servers[2]
    devices = Devices(lab, {0: third.address, OUTSIDER: address(lab, OUTSIDER)})
    played = ansible_playbook(play([third.address]), inventory(lab.details()), "--forks", "9")
    refused = {event["host"]: event["result"]["msg"] for event in played.events if event["kind"] == "failed"}
    assert list(refused) == ["ex03"], played.output
    assert f"holds {third.address}, an address of the Exchange server EX03" in refused["ex03"]
    assert devices.now("EX03") == set()
    assert [devices.now(server.name) for server in lab.servers if server is not third] == [{0}] * (SERVERS - 1)
    audit = play([]) | {"tasks": [{"name": "Audit", "relayops.exchange.relay_audit": {"servers": ["EX01", "EX03"]}}]}
    found = ansible_playbook(audit, inventory(lab.details()), "--limit", "ex01").result("Audit")["findings"]
    assert [each["server"] for each in found if each["rule"] == "exchange_server_in_range"] == ["EX01"]


@pytest.mark.parametrize(("number", "refused"), [(2, True), (17, True), (18, False), (19, False)])
def test_of_a_large_organisation_sixteen_others_are_asked_and_the_rest_named(
    relay_stand: Callable[..., Any], number: int, refused: bool
) -> None:
    stand = relay_stand(servers=19)
    lab = stand.lab
    # the lab's servers are neighbours from the address 10 on
    listed = [{"name": "Devices", "port": 26, "clients": [MEANT, (9 + number, 10 + number)]}]
    if refused:
        with pytest.raises(ValueError, match=f"an address of the Exchange server EX{number:02d}"):
            stand.apply(listed)
        assert "Devices" not in [each.name for each in lab.organisation.connectors("EX01")]
    else:
        assert stand.apply(listed)["changed"]
    (warning,) = [each for each in stand.warnings if "compared" in each]
    assert "16 other Exchange servers, not with those of EX18, EX19; relay_audit" in warning


def test_an_organisation_that_is_asked_as_a_whole_is_not_warned_of(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(servers=17)
    assert stand.apply([{"name": "Devices", "port": 26, "clients": [MEANT]}])["changed"]
    assert stand.warnings == []
    asked = [each.parameters["Identity"] for each in stand.lab.journal.commands if "NetworkConn" in each.name]
    assert set(asked) == {f"EX{number:02d}" for number in range(1, 18)}
    assert len(asked) == len(set(asked))


def test_where_nobody_is_let_in_there_is_nothing_to_compare(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(servers=18)
    listed = [{"name": "Devices", "port": 26, "clients": [MEANT, LATER]}]
    stand.apply(listed)
    stand.warnings.clear()
    stand.lab.journal.clear()
    assert not stand.apply(listed)["changed"]
    assert stand.apply([listed[0] | {"clients": [MEANT]}])["changed"]
    assert stand.warnings == []
    assert {each.parameters["Identity"] for each in stand.lab.journal.commands if "NetworkConn" in each.name} == {
        "EX01"
    }
