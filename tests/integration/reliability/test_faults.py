# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault at every HTTP request of a run: it ends in time with one clear error or succeeds, leaves no shell, lets
nobody do more at any moment, and an unchanged run afterwards reaches the goal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import task as audit_task
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Backoff, Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings
from exchange_lab.inventory import endpoint
from exposure import Watch, kept, put_back

# 77 and 78 printers, 80 to 83 a cluster, 90 a scanner, 95 somebody else
DEVICES = (77, 78, 80, 82, 90, 95)
LIMIT = {"max_message_size": "64KB"}
TRUSTED = {"mode": "externally_secured", "acknowledge_trust": True}
PRINTERS: dict[str, Any] = {"name": "Printers", "address": 25, "clients": [77, 78], **LIMIT}
CLUSTER: dict[str, Any] = {"name": "Cluster", "address": 25, "clients": [(80, 83)], **TRUSTED, **LIMIT}
SCANNER: dict[str, Any] = {"name": "Scanner", "clients": [90], **LIMIT}
ALL = [PRINTERS, CLUSTER, SCANNER]
SCENARIOS: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]] | None]] = {
    "provision": ([], ALL),
    "mode": (
        ALL,
        [PRINTERS | {"mode": "internal_only"}, CLUSTER | {"mode": "anonymous"}, SCANNER | TRUSTED],
    ),
    "ranges": (ALL, [PRINTERS | {"clients": [77, 95]}, CLUSTER | {"clients": [80, 81]}, SCANNER | {"clients": [78]}]),
    "removal": (ALL, []),
    "audit": (ALL, None),
}
KINDS = (
    "cut_before",
    "cut_after",
    "unavailable",
    "truncated",
    "garbled",
    "hang",
    "unauthorized",
    "quota",
    "shell_gone",
)
DEADLINE = 20.0


@dataclass
class Sweep:
    """One scenario with one kind of fault."""

    stand: Any
    watch: Watch
    before: list[dict[str, Any]]
    goal: list[dict[str, Any]] | None

    def prepare(self) -> None:
        """Make both states once, so that what they let each device do is known."""
        self.stand.apply(self.before, purge=True)
        self.start, self.had = kept(self.stand.lab), self.watch.abilities()
        if self.goal is not None:
            self.stand.apply(self.goal, purge=True)
        self.end, self.meant = kept(self.stand.lab), self.watch.abilities()

    @contextmanager
    def _session(self) -> Iterator[Exchange]:
        found = settings(endpoint(self.stand.lab.details()) | {"operation_timeout": 1, "read_timeout": 2}, None, {})
        session = RemoteSession(found, Deadline(DEADLINE), Backoff(0.01))
        try:
            yield Exchange(session, self.stand.warnings.append, server="EX01")
        finally:
            session.close()

    def run(self) -> None:
        """The task, whichever it is."""
        if self.goal is None:
            with self._session() as exchange:
                audit_task.apply(exchange, {"servers": ["EX01"]}, True)
        else:
            self.stand.apply(self.goal, purge=True, through=self._session)

    def requests(self) -> int:
        """How many requests a run without fault takes."""
        put_back(self.stand.lab, self.start)
        self.stand.lab.journal.clear()
        self.run()
        return len(self.stand.lab.journal.requests)

    def case(self, kind: str, number: int) -> list[str]:
        """What is wrong with a run whose ``number``-th request meets the fault."""
        lab = self.stand.lab
        put_back(lab, self.start)
        lab.journal.clear()
        self.watch.seen.clear()
        lab.faults.inject(kind, at=number)
        began = time.monotonic()
        wrong = self._outcome(kind)
        if (took := time.monotonic() - began) > DEADLINE + 5:
            wrong.append(f"took {took:.0f} s")
        lab.faults.clear()
        if shells := len(lab.journal.open_sessions):
            wrong.append(f"left {shells} shells")
        wrong += self._again()
        wrong += self.watch.excess(self.had, self.meant)
        return [f"{kind} at request {number}: {words}" for words in wrong]

    def _outcome(self, kind: str) -> list[str]:
        try:
            self.run()
        except (ShellError, ValueError) as error:
            text = str(error)
            clear = "\n" not in text and any(name in text for name in ("EX01", self.stand.address(10)))
            return [] if clear else [f"unclear error: {text!r}"]
        except Exception as error:  # anything else is what an administrator would see as a traceback
            return [f"{type(error).__name__}: {error}"]
        return []

    def _again(self) -> list[str]:
        try:
            self.run()
        except Exception as error:  # whatever it is, the second run had to succeed
            return [f"the run after it fails: {error}"]
        return [] if kept(self.stand.lab).same(self.end) else ["the run after it does not reach the goal"]


@pytest.fixture(scope="module")
def sweep(relay_stands: Callable[[ExitStack], Any]) -> Iterator[Callable[[str], Sweep]]:
    """Sweeps over labs that are kept for all kinds of faults."""
    with ExitStack() as labs:
        made: dict[str, Sweep] = {}

        def of(scenario: str) -> Sweep:
            if scenario not in made:
                stand = relay_stands(labs)(DEVICES)
                made[scenario] = Sweep(stand, Watch(stand), *SCENARIOS[scenario])
                made[scenario].prepare()
            return made[scenario]

        yield of


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.timeout(900)
def test_a_fault_at_every_request(
    sweep: Callable[[str], Sweep], scenario: str, kind: str, record_property: Callable[[str, object], None]
) -> None:
    played = sweep(scenario)
    total = played.requests()
    wrong = [words for number in range(1, total + 1) if (words := played.case(kind, number))]
    record_property("cases", total)
    record_property("failures", len(wrong))
    assert total > 5
    assert wrong == []
