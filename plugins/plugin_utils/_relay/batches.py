# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which steps of a plan may be sent together, though of several statements a later one runs when an earlier one fails.

That is what PowerShell.AddStatement does. So steps go together only where the server is in a safe state whichever of
them are made: on connectors that this plan makes and that are closed still, each once; and the opening of connectors
none of which serves a client of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import Create, State
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step

# A connector of a server.
Place = tuple[str, str]
_CLOSED, _OPENING, _ALONE = "closed", "opening", "alone"


def batches(steps: Sequence[Step]) -> list[list[Step]]:
    """Cut a plan into what is sent at once, most of it one step each; steps of one connector keep their order."""
    made = {_place(step): effect.state for step in steps for effect in step.effects if isinstance(effect, Create)}
    closed = {place for place, state in made.items() if not state.enabled}
    found: list[list[Step]] = []
    for (kind, _server), run in groupby(_kinds(steps, closed), key=lambda pair: (pair[0], pair[1].server)):
        together = [step for _kind, step in run]
        if kind == _CLOSED:
            found += _layers(together)
        elif kind == _OPENING and _apart([made[_place(step)] for step in together]):
            found.append(together)
        else:
            found += [[step] for step in together]
    return found


def _kinds(steps: Iterable[Step], closed: set[Place]) -> Iterator[tuple[str, Step]]:
    """Tell for each step whether its connector is new and closed before and after it, is opened by it, or neither."""
    waiting = set(closed)
    for step in steps:
        place = _place(step)
        if place not in waiting:
            yield _ALONE, step
        elif step.parameters.get("Enabled") is True:
            waiting.discard(place)
            yield _OPENING if step.parameters.keys() == {"Enabled"} else _ALONE, step
        else:
            yield _CLOSED, step


def _layers(steps: Iterable[Step]) -> list[list[Step]]:
    """The first step of each connector, then the second of each, and so on."""
    of_connector: dict[Place, list[Step]] = {}
    for step in steps:
        of_connector.setdefault(_place(step), []).append(step)
    return [[step for step in layer if step is not None] for layer in zip_longest(*of_connector.values())]


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
