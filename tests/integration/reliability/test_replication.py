# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domain controllers that lag behind: nothing fails and nothing is waited for; a wait that is needed ends with the lag.

A lag without end is the sharpest case: whatever waited for replication would wait for ever.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import connector_task, permission_task
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings
from exchange_lab.inventory import endpoint, inventory

NAME, OUTSIDE = "Printers", "someone@example.net"


@dataclass
class Administrator:
    """Has tasks done on connectors of EX01, each in a session of its own through the n-th server."""

    stand: Any
    number: int = 0
    controller: str | None = None
    waits: list[float] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    @contextmanager
    def session(self) -> Iterator[Exchange]:
        """A session that tells how long it would have waited, and does not."""
        reached = settings(endpoint(self.stand.lab.details(), self.number), None, {})
        opened = RemoteSession(reached, pause=self.waits.append)
        try:
            yield Exchange(opened, self.stand.warnings.append, self.controller, "EX01")
        finally:
            opened.close()

    def set(self, **options: Any) -> None:
        """A task of receive_connector."""
        with self.session() as exchange:
            asked = {"name": NAME, **options}
            connector_task.apply(exchange, asked, check_mode=False, warn=self.stand.warnings.append)

    def grant(self) -> None:
        """A task of connector_permission."""
        with self.session() as exchange:
            asked = {"connector": NAME, "rights": [RELAY]}
            permission_task.apply(exchange, asked, check_mode=False, warn=self.stand.warnings.append)

    def create(self, *clients: int) -> None:
        """The connector, as somebody would make it who then grants a right on it."""
        address = self.stand.address
        given = {"bindings": [f"{address(25)}:25"], "permission_groups": ["AnonymousUsers"]}
        self.set(**given, remote_ip_ranges=list(map(address, clients)))

    def edit(self, add: int, remove: int) -> threading.Thread:
        """Add and remove a client, in a thread that was started."""

        def work() -> None:
            try:
                self.set(remote_ip_ranges={"add": [self.stand.address(add)], "remove": [self.stand.address(remove)]})
            except Exception as failure:  # any failure of a writer is one of the test
                self.failures.append(failure)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread


def asked(stand: Any) -> Counter[str]:
    """The commands and requests since last time; how often an answer is fetched depends on how busy the machine is."""
    journal = stand.lab.journal
    found = Counter(each.name for each in journal.commands)
    found.update(each.verb for each in journal.requests if each.verb != "Receive")
    journal.clear()
    return found


def clients(stand: Any, controller: str) -> set[int]:
    """Whom the connector serves as a domain controller knows it, by the last number of the address."""
    known = stand.lab.organisation.receive_connectors(controller)
    ranges = [each.properties["RemoteIPRanges"] for each in known if each.name == NAME]
    return {int(str(item).rpartition(".")[2]) for listed in ranges for item in listed}


@pytest.mark.parametrize("lag", [2.0, 60.0, math.inf])
def test_a_right_is_granted_at_once_on_a_connector_that_was_just_made(
    relay_stand: Callable[..., Any], lag: float
) -> None:
    stand = relay_stand((77,))
    directory = stand.lab.organisation.directory
    counted = []
    for directory.lag in (0.0, lag):
        somebody = Administrator(stand)
        somebody.create(77)
        somebody.grant()
        assert "relay" in stand.abilities()[stand.address(77), stand.address(25)]
        counted.append(asked(stand))
        if lag == math.inf and directory.lag:
            assert [bool(clients(stand, each)) for each in directory.controllers].count(False) == 1
        somebody.set(state="absent")
        assert somebody.waits == []
        directory.replicate()
        asked(stand)
    assert counted[0] == counted[1]
    assert counted[0]["Add-ADPermission"] == 1


@pytest.mark.parametrize("controller", [None, "DC02.lab.example"], ids=["the same server", "two servers"])
def test_two_writers_at_once_lose_nothing_and_wait_for_nothing(
    relay_stand: Callable[..., Any], controller: str | None
) -> None:
    """Through two servers, which may each have a domain controller of their own, where both tasks name one."""
    stand = relay_stand(servers=2)
    directory = stand.lab.organisation.directory
    Administrator(stand).create(77, 78, 80)
    directory.replicate()
    directory.lag = math.inf
    asked(stand)
    first = Administrator(stand, 0, controller)
    first.edit(95, 80).join(60)
    alone = asked(stand)
    writers = [first, Administrator(stand, int(controller is not None), controller)]
    running = [writer.edit(90 + number, 77 + number) for number, writer in enumerate(writers)]
    for thread in running:
        thread.join(60)
        assert not thread.is_alive()
    together = asked(stand)
    assert [(each.failures, each.waits) for each in writers] == [([], [])] * 2
    assert together == alone + alone
    directory.replicate()
    assert [clients(stand, each) for each in directory.controllers] == [{90, 91, 95}] * 2


def test_the_proof_of_relaying_ends_with_the_first_look_after_replication(
    make_lab: Callable[..., Any], address: Any, ansible_playbook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role writes to the other domain controller than the one that the server's transport reads."""
    lab = make_lab("2019")
    directory = lab.organisation.directory
    directory.lag = math.inf
    arrived, note = threading.Event(), lab.journal.note

    def arrive() -> None:
        with lab.organisation.lock:
            directory.replicate()
            lab.organisation.changed()
        lab.organisation.announce()
        note("replicated")

    def noted(kind: str, **facts: Any) -> None:
        note(kind, **facts)
        # the transport's own thread, which has to go on for the change to arrive
        if kind == "smtp" and facts["event"] in ("refused", "tarpit") and not arrived.is_set():
            arrived.set()
            threading.Thread(target=arrive, daemon=True).start()

    monkeypatch.setattr(lab.journal, "note", noted)
    probe = {"source_address": address(lab, 77), "port": lab.smtp_port(25), "rcpt_to": OUTSIDE}
    wanted = {
        "relay_name": NAME,
        "relay_address": f"{address(lab, 25)}/24",
        "relay_clients": [address(lab, 77)],
        "relay_probes": [probe],
    }
    defaults = "{{ exchange_session | combine({'domain_controller': 'DC02.lab.example'}) }}"
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": defaults},
        "roles": [{"role": "relayops.exchange.relay"}],
    }
    played = ansible_playbook(play, inventory(lab.details(), **wanted))
    assert played.code == 0, played.output
    (answer,) = played.result("relayops.exchange.relay : Ask the connector whether it relays")["results"]
    refused = [each.at for each in lab.journal.notes("smtp") if each.facts["event"] in ("refused", "tarpit")]
    (since,) = [each.at for each in lab.journal.notes("replicated")]
    assert answer["attempts"] == len(refused) + 1 > 1
    assert [at for at in refused if at > since] == []
