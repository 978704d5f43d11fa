# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several at the same connector at the same time: at every interleaving of their commands no entry of anyone is lost.

One writer is stopped before its n-th command, the other before its m-th, a human writes between the two, then one
goes on to its end before the other does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import connector_task
from exposure import kept, put_back

NAME = "Printers"
BEFORE = [{"name": NAME, "address": 25, "clients": [77, 78, 80]}]
# each writer adds its own clients and takes off one that nobody else touches; a human does the same
ONE, OTHER, HUMAN = ((90, 77), (91, 78), (92, 80))
READS_AND_WRITES = 4


@dataclass
class Writer:
    """A play of one receive_connector task, in a thread of this process."""

    stand: Any
    add: int
    remove: int

    def start(self) -> None:
        self.failure: Exception | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        ranges = {"add": [self.stand.address(self.add)], "remove": [self.stand.address(self.remove)]}
        try:
            with self.stand.session() as exchange:
                connector_task.apply(
                    exchange, {"name": NAME, "remote_ip_ranges": ranges}, check_mode=False, warn=lambda text: None
                )
        except Exception as error:  # any failure of a writer is one of the test
            self.failure = error

    def held_at(self, number: int) -> Any:
        """Start it and have it wait before its n-th command; None if it has fewer."""
        fault = self.stand.lab.faults.inject("hold", at=number, endpoint="exchange", verb="Command")
        self.start()
        while not fault.reached(0.02):
            if not self.thread.is_alive():
                self.stand.lab.faults.clear()
                return None
        return fault

    def end(self) -> None:
        self.thread.join(30)
        assert not self.thread.is_alive()


def human(stand: Any, add: int, remove: int) -> None:
    """Set-ReceiveConnector at the server's own console."""
    from exchange_lab.control import Control

    ranges = {"Add": [stand.address(add)], "Remove": [stand.address(remove)]}
    body = {"name": "Set-ReceiveConnector", "parameters": {"Identity": f"EX01\\{NAME}", "RemoteIPRanges": ranges}}
    assert Control(stand.lab).command(body)["errors"] == []


def clients(stand: Any) -> set[int]:
    """Whom the connector serves, by the last number of the address."""
    (connector,) = [each for each in stand.lab.organisation.connectors("EX01") if each.name == NAME]
    return {int(str(each).rpartition(".")[2]) for each in connector.properties["RemoteIPRanges"]}


@pytest.fixture(scope="module")
def stand(relay_stands: Callable[[ExitStack], Any]) -> Iterator[Any]:
    with ExitStack() as labs:
        made = relay_stands(labs)(())
        made.apply(BEFORE)
        yield made


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first_to_end", ["one", "other"])
def test_every_interleaving(stand: Any, first_to_end: str, record_property: Callable[[str, object], None]) -> None:
    start, cases, wrong = kept(stand.lab), 0, []
    for first in range(1, 20):
        lengths = set()
        for second in range(1, 20):
            put_back(stand.lab, start)
            one, other = Writer(stand, *ONE), Writer(stand, *OTHER)
            held = one.held_at(first)
            if held is None:
                lengths.add("one")
                break
            waiting = other.held_at(second)
            human(stand, *HUMAN)
            order = [(one, held), (other, waiting)]
            for writer, fault in order if first_to_end == "one" else reversed(order):
                if fault is not None:
                    fault.release()
                writer.end()
            stand.lab.faults.clear()
            cases += 1
            where = f"one before its command {first}, other before its command {second}"
            wrong += [f"{where}: {each.failure}" for each in (one, other) if each.failure]
            if (found := clients(stand)) != {90, 91, 92}:
                wrong.append(f"{where}: {sorted(found)}")
            if waiting is None:
                break
        if "one" in lengths:
            break
    put_back(stand.lab, start)
    record_property("cases", cases)
    record_property("failures", len(wrong))
    assert cases > READS_AND_WRITES**2
    assert wrong == []
