# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps go together only where it does not matter which of them are made."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import ANONYMOUS, RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.batches import batches
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.judge import judge
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.plan import plan
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import Grant, State, of_groups

GROUPS = frozenset({"AnonymousUsers"})
NEW, ADD, SET = "New-ReceiveConnector", "Add-ADPermission", "Set-ReceiveConnector"


def relay(name: str, clients: str, binding: str = "192.0.2.25:25", relays: bool = True) -> State:
    entries = of_groups(GROUPS) | ({Grant(ANONYMOUS, RELAY)} if relays else set())
    ranges = frozenset({IPRange.parse(clients)})
    return State(
        name, True, frozenset({Binding.parse(binding)}), ranges, frozenset({"Tls"}), GROUPS, frozenset(entries)
    )


# Set-ReceiveConnector alone takes it, so that a connector that is to have it comes closed.
LATER = {"bare_linefeed_rejection_enabled": True}


def made(*goals: State, later: bool = False) -> list[list[tuple[tuple[str, ...], str]]]:
    changes = [Change("EX01", None, goal, LATER if later else {"comment": "Copiers"}) for goal in goals]
    return [
        [(tuple(step.cmdlet for step in unit), unit[0].connector) for unit in batch]
        for batch in batches(plan(changes, {}))
    ]


def test_new_connectors_side_by_side() -> None:
    assert made(relay("A", "198.51.100.1"), relay("B", "198.51.100.2", relays=False)) == [
        [((NEW, ADD), "A"), ((NEW,), "B")]
    ]


def test_what_has_to_be_set_later_waits_for_it_closed() -> None:
    assert made(relay("A", "198.51.100.1"), relay("B", "198.51.100.2"), later=True) == [
        [((NEW,), "A"), ((NEW,), "B")],
        [((SET,), "A"), ((SET,), "B")],
        [((ADD,), "A"), ((ADD,), "B")],
        [((SET,), "A"), ((SET,), "B")],
    ]


def test_what_is_to_be_denied_is_denied_while_it_is_closed() -> None:
    goal = relay("A", "198.51.100.1", relays=False)
    denied = replace(goal, entries=goal.entries | {Grant(ANONYMOUS, RELAY, deny=True)})
    assert made(denied) == [[((NEW, ADD), "A")], [((SET,), "A")]]


@pytest.mark.parametrize(
    ("clients", "binding"),
    [("198.51.100.0/28", "192.0.2.25:25"), ("198.51.100.2", "0.0.0.0:25")],
    ids=["around the other", "on all addresses"],
)
def test_one_that_serves_others_clients_is_opened_by_itself(clients: str, binding: str) -> None:
    narrow, wide = relay("A", "198.51.100.1", relays=False), relay("B", clients, binding)
    assert made(narrow, wide) == [[((NEW,), "A")], [((NEW, ADD), "B")]]
    found = made(narrow, wide, later=True)
    assert found[0] == [((NEW,), "A"), ((NEW,), "B")]
    assert found[-2:] == [[((SET,), "A")], [((SET,), "B")]]


def test_other_ports_are_other_doors() -> None:
    assert len(made(relay("A", "198.51.100.1"), relay("B", "198.51.100.0/28", "0.0.0.0:26"))) == 1


def test_what_is_there_is_changed_step_by_step() -> None:
    changes = [
        Change("EX01", relay(name, f"198.51.100.{number}", relays=False), relay(name, f"198.51.100.{number + 4}"))
        for number, name in enumerate("ABC")
    ]
    steps = plan(changes, {})
    assert batches(steps) == [[(step,)] for step in steps]


@pytest.mark.parametrize("settings", [{}, LATER], ids=["at once", "closed at first"])
def test_whichever_steps_of_a_batch_are_made_nobody_may_more(settings: dict[str, Value]) -> None:
    goals = [relay("A", "198.51.100.1", relays=False), relay("B", "198.51.100.2"), relay("C", "198.51.100.0/24")]
    others = {"default": relay("Default", "0.0.0.0-255.255.255.255", "0.0.0.0:25", relays=False)}
    found = batches(plan([Change("EX01", None, goal, settings) for goal in goals], others))
    meant = others | {goal.name.lower(): goal for goal in goals}
    done = []
    for batch in found:
        # of each unit nothing, a part or all
        for some in product(*([unit[:count] for count in range(len(unit) + 1)] for unit in batch)):
            violation = judge(others, meant, [*done, *(step for part in some for step in part)])
            assert violation is None or "do not bring" in violation.sentence
        done += [step for unit in batch for step in unit]
    assert max(map(len, found)) == (3 if settings else 1)
