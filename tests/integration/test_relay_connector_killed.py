# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Never wider, from outside: ansible-playbook is stopped or killed at each step of relay_connector, and every device
sends mail to learn what it may do now.

The ordinary suite stops one play at every step and kills a few; ``RELAYOPS_LONG=1`` kills at every step of it and of
changes that hypothesis makes up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from play_apart import PlayApart

LONG = os.environ.get("RELAYOPS_LONG") == "1"
# What a session reads before it writes: servers, then connectors, entries and addresses in one call.
READS = 2
WRITING = ("New-", "Set-", "Add-", "Remove-")
Abilities = Mapping[tuple[str, str], frozenset[str]]


def play_of(lab: Lab, connectors: list[Any], folder: Path) -> PlayApart:
    """A play with one relay_connector task."""
    task = {"name": "Relay", "relayops.exchange.relay_connector": {"connectors": connectors, "purge": True}}
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": [task],
    }
    return PlayApart(folder, play, inventory(lab.details()))


def writes(lab: Lab) -> list[str]:
    return [command.name for command in lab.journal.commands if command.name.startswith(WRITING)]


def held(lab: Lab, number: int) -> Any:
    """Order that the server waits before it acts on the n-th call after the reading, 0 being the first write."""
    return lab.faults.inject("hold", at=READS + 1 + number, endpoint="exchange", verb="Command")


def subset(now: Abilities, *allowed: Abilities) -> list[str]:
    """Who may do more than all the others together allow."""
    return [
        f"{device} at {host} may {', '.join(sorted(excess))}"
        for (device, host), can in now.items()
        if (excess := can - frozenset().union(*(one[device, host] for one in allowed)))
    ]


# Who is who: 77 and 78 printers, 80 to 83 a cluster, 90 a scanner that moves, 95 somebody else.
DEVICES = (77, 78, 80, 81, 82, 90, 95)
BEFORE: list[dict[str, Any]] = [
    {"name": "Printers", "address": 25, "clients": [77, 78], "max_message_size": "64KB"},
    {
        "name": "Cluster",
        "address": 25,
        "clients": [(80, 83)],
        "mode": "externally_secured",
        "acknowledge_trust": True,
        "max_message_size": "64KB",
    },
    {"name": "Scanner", "clients": [90], "max_message_size": "64KB"},
]
GOAL: list[dict[str, Any]] = [
    {"name": "Printers", "address": 25, "clients": [77, 95], "mode": "internal_only", "max_message_size": "64KB"},
    {"name": "Cluster", "address": 25, "clients": [80, 81], "max_message_size": "64KB"},
    {
        "name": "Trusted",
        "clients": [78, 90],
        "mode": "externally_secured",
        "acknowledge_trust": True,
        "max_message_size": "64KB",
    },
]


def test_a_play_that_is_held_at_every_step_lets_nobody_do_more(relay_stand: Any, tmp_path: Path) -> None:
    here = relay_stand(DEVICES, set_groups="drop")
    here.apply(BEFORE, purge=True)
    steps = here.apply(GOAL, check_mode=True, purge=True)["steps"]
    before = here.abilities()
    play = play_of(here.lab, here.connectors(GOAL), tmp_path)
    fault = held(here.lab, 0)
    play.start()
    seen = []
    while play.reaches(partial(fault.reached, 0.1)):
        seen.append(here.abilities())
        following = here.lab.faults.inject("hold", endpoint="exchange", verb="Command")
        fault.release()
        fault = following
    here.lab.faults.clear()
    output = play.end()
    goal = here.abilities()
    assert [found for now in seen if (found := subset(now, before, goal))] == []
    assert len(seen) > len(steps), output
    assert before[here.address(78), here.address(25)] == {"inside", "relay"}
    assert before[here.address(82), here.address(25)] >= {"relay", "trusted", "unfiltered", "big"}
    assert goal[here.address(95), here.address(25)] == {"inside"}
    assert "trusted" in goal[here.address(90), here.address(10)]


@pytest.mark.parametrize("number", range(9) if LONG else [1, 4, 7])
@pytest.mark.parametrize("set_groups", ["keep", "drop"] if LONG else ["drop"])
def test_a_killed_play_is_finished_by_the_next(relay_stand: Any, tmp_path: Path, number: int, set_groups: str) -> None:
    killed_at(relay_stand(DEVICES, set_groups=set_groups), tmp_path, BEFORE, GOAL, number)


def killed_at(here: Any, folder: Path, before: list[Any], goal: list[Any], number: int) -> int:
    """Kill a play before its n-th write and again after it, ask around, run it again; the number of steps."""
    here.apply(before, purge=True)
    steps = here.apply(goal, check_mode=True, purge=True)["steps"]
    if number >= len(steps):
        return len(steps)
    had = here.abilities()
    here.lab.journal.clear()
    play = play_of(here.lab, here.connectors(goal), folder)
    fault = held(here.lab, number)
    play.start()
    assert play.reaches(partial(fault.reached, 0.1))
    play.kill()
    stopped = here.abilities()
    done = len(writes(here.lab))
    # what was sent before the play was killed may still be done
    fault.release()
    here.lab.faults.clear()
    after = here.abilities()
    again = here.apply(goal, purge=True)
    assert again["steps"] or number + 1 == len(steps)
    assert here.apply(goal, purge=True)["steps"] == []
    arrived = here.abilities()
    assert subset(stopped, had, arrived) == [], steps[:number]
    assert subset(after, had, arrived) == [], steps[: number + 1]
    assert done <= number + 1
    return len(steps)


connectors = some.lists(
    some.fixed_dictionaries(
        {
            "name": some.sampled_from(["Printers", "Cluster", "Scanner"]),
            "clients": some.lists(
                some.sampled_from([77, 78, (80, 83), (80, 81), 82, 90]), min_size=1, max_size=3, unique=True
            ).filter(lambda clients: len({(80, 83), (80, 81), 82} & set(clients)) <= 1),
            "mode": some.sampled_from(["anonymous", "internal_only", "externally_secured"]),
            "acknowledge_trust": some.just(True),
            "max_message_size": some.just("64KB"),
        },
        optional={"address": some.just(25)},
    ),
    max_size=3,
    unique_by=lambda each: each["name"],
)


@pytest.mark.skipif(not LONG, reason="RELAYOPS_LONG=1 kills plays of changes that hypothesis makes up")
def test_whatever_is_changed(relay_stand: Any, tmp_path: Path) -> None:
    counter = iter(range(10_000))

    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(connectors, connectors, some.integers(0, 7), some.sampled_from(["keep", "drop"]))
    def changed(before: list[Any], goal: list[Any], number: int, set_groups: str) -> None:
        here = relay_stand(DEVICES, set_groups=set_groups)
        try:
            here.apply(before, purge=True)
            here.apply(goal, check_mode=True, purge=True)
        except ValueError:
            return  # connectors that exclude each other, on the addresses that they have before too
        killed_at(here, tmp_path / str(next(counter)), before, goal, number)

    changed()
