# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which steps of a plan may be sent together, though of several statements a later one runs when an earlier one fails.

That is what PowerShell.AddStatement does. So steps go together only where the server is in a safe state whichever of
them are made: on connectors that this plan makes and that are closed still, each once; and connectors that are opened,
or come open, none of which serves a client of another. The right of a new connector comes down the pipe from what made
it (Add-ADPermission, Identity, accepts pipeline input), so that it is not granted where that failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import Create, State
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step

# A connector of a server.
Place = tuple[str, str]
# Steps joined by a pipe, most often one.
Unit = tuple[Step, ...]
NEW, ADD = "New-ReceiveConnector", "Add-ADPermission"
_CLOSED, _OPENING, _ALONE = "closed", "opening", "alone"


def batches(steps: Sequence[Step]) -> list[list[Unit]]:
    """Cut a plan into what is sent at once, most of it one step each; steps of one connector keep their order."""
    made = {_place(step): effect.state for step in steps for effect in step.effects if isinstance(effect, Create)}
    found: list[list[Unit]] = []
    for (kind, _server), run in groupby(_kinds(steps, made), key=lambda pair: (pair[0], pair[1][0].server)):
        together = [unit for _kind, unit in run]
        if kind == _CLOSED:
            found += layers(together)
        elif kind == _OPENING and _apart([made[_place(unit[0])] for unit in together]):
            found.append(together)
        else:
            found += [[unit] for unit in together]
    return found


def _units(steps: Sequence[Step]) -> Iterator[Unit]:
    """The steps, what is granted to a new connector right after it was made as one with that."""
    waiting = list(reversed(steps))
    while waiting:
        step = waiting.pop()
        if step.cmdlet == NEW and waiting and waiting[-1].cmdlet == ADD and _place(step) == _place(waiting[-1]):
            yield step, waiting.pop()
        else:
            yield (step,)


def _kinds(steps: Sequence[Step], made: Mapping[Place, State]) -> Iterator[tuple[str, Unit]]:
    """Tell for each unit whether its connector is new and closed before and after it, is opened by it, or neither."""
    waiting = set(made)
    for unit in _units(steps):
        step, place = unit[0], _place(unit[0])
        opens = made[place].enabled if step.cmdlet == NEW else step.parameters.get("Enabled") is True
        if place not in waiting:
            yield _ALONE, unit
        elif opens:
            waiting.discard(place)
            yield _OPENING if step.cmdlet == NEW or step.parameters.keys() == {"Enabled"} else _ALONE, unit
        else:
            yield _CLOSED, unit


def layers(units: Iterable[Unit]) -> list[list[Unit]]:
    """The first unit of each connector, then the second of each, and so on."""
    of_connector: dict[Place, list[Unit]] = {}
    for unit in units:
        of_connector.setdefault(_place(unit[0]), []).append(unit)
    return [[unit for unit in layer if unit is not None] for layer in zip_longest(*of_connector.values())]


def _apart(states: Sequence[State]) -> bool:
    """Whether none serves a client of another, nor hides one from another that listens on all addresses."""
    listening: dict[frozenset[Binding], list[State]] = {}
    for state in states:
        listening.setdefault(state.bindings, []).append(state)
    ports = [binding.port for bindings in listening for binding in {one.port: one for one in bindings}.values()]
    return len(ports) == len(set(ports)) and all(
        _disjoint(state.ranges for state in each) for each in listening.values()
    )


def _disjoint(ranges: Iterable[Iterable[IPRange]]) -> bool:
    """Whether no address lies in ranges of two connectors."""
    reach: dict[tuple[int, str], tuple[int, int]] = {}
    owned = [
        (item.version, item.scope, item.first, item.last, owner) for owner, each in enumerate(ranges) for item in each
    ]
    for version, scope, first, last, owner in sorted(owned):
        most, whose = reach.get((version, scope), (-1, owner))
        if first <= most and whose != owner:
            return False
        if last > most:
            reach[version, scope] = last, owner
    return True


def _place(step: Step) -> Place:
    return step.server, step.connector.lower()
