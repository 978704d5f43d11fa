# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge a plan before its first write: after any part of it, may anybody do more than before or than is meant?

The steps are followed with everything that is not known answered both ways: whether PermissionGroups drops other
entries, which connector takes a connection to a named address, and in which order one call writes its parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import RIGHTS
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.exposure import (
    NOBODY,
    Capabilities,
    Client,
    Exposure,
    Numbers,
    clients,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import ANYONE, State, after
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step

States = Mapping[str, State]


@dataclass(frozen=True)
class Violation:
    """Evidence that a plan would widen, in one sentence.

    ``connector`` is the key of the one that would be too wide, ``rightful`` of the one that is meant to serve the
    client, or to keep it from being served.
    """

    connector: str
    sentence: str
    rightful: str = ""


def judge(before: States, goal: States, steps: Sequence[Step]) -> Violation | None:
    """The first violation in any of the worlds that are possible, or None.

    ``before`` and ``goal`` hold all connectors of the server by key (the name in lower case), also those that no step
    touches.
    """
    touched = {step.connector.lower() for step in steps}
    traces = {drops: list(_trace(before, steps, drops)) for drops in (True, False)}
    histories: dict[str, list[State]] = defaultdict(list)
    for states in (before, goal):
        for key, state in states.items():
            histories[key].append(state)
    for trace in traces.values():
        for _words, key, traced in trace:
            if traced is not None:
                histories[key].append(traced)
    numbers = Numbers()
    concerned = clients(histories, touched, numbers)
    meant = {key: _Meant(before.get(key), goal.get(key)) for key in touched}
    for drops, hides in product((True, False), (True, False)):
        worlds = [Exposure(states, touched, numbers, hides) for states in (before, goal, before)]
        found = _follow(traces[drops], worlds, concerned, meant)
        if found is not None:
            return found
    return _end(before, goal, traces)


def _trace(before: States, steps: Sequence[Step], drops: bool) -> Iterator[tuple[str, str, State | None]]:
    """Every state that a connector may be in: (words of the step, key, state), the finished step last."""
    current: dict[str, State | None] = dict(before)
    for step in steps:
        key = step.connector.lower()
        for order in permutations(step.effects):
            state = current.get(key)
            for effect in order:
                state = after(state, effect, drops)
                yield step.words, key, state
        for effect in step.effects:
            current[key] = after(current.get(key), effect, drops)
        yield step.words, key, current[key]


def _follow(
    trace: Sequence[tuple[str, str, State | None]],
    worlds: Sequence[Exposure],
    concerned: Sequence[Client],
    meant: Mapping[str, _Meant],
) -> Violation | None:
    before, goal, now = worlds
    allowed = [before.capabilities(client) | goal.capabilities(client) for client in concerned]
    of_connector: dict[str, list[int]] = defaultdict(list)
    of_endpoint: dict[object, list[int]] = defaultdict(list)
    for index, client in enumerate(concerned):
        of_endpoint[client.endpoint].append(index)
        for key in {key for key, _number in client.segment.sizes}:
            of_connector[key].append(index)
    for words, key, state in trace:
        if state is not None and (stranger := meant[key].stranger(state)):
            return Violation(
                key, f"after the step {words!r}, {state.name} would relay for {stranger} too, which it is not to"
            )
        moved = now.put(key, state)
        concerned_now = of_connector[key]
        if moved:
            concerned_now = sorted({*concerned_now, *(i for endpoint in moved for i in of_endpoint[endpoint])})
        for index in concerned_now:
            excess = now.capabilities(concerned[index]) - allowed[index]
            if excess:
                return _violation(words, now, goal, concerned[index], excess)
    return None


def _violation(words: str, now: Exposure, goal: Exposure, client: Client, excess: Capabilities) -> Violation:
    key = now.serving(client)
    principal, right = min(excess)
    who = "a client" if principal == ANYONE else f"one of {principal}"
    what = RIGHTS[right].words if right in RIGHTS else f"use {right}"
    return Violation(
        key,
        f"after the step {words!r}, {who} at {client.segment.address} that connects to {client.endpoint} could "
        f"{what} through {now.states[key].name}, which it could not before and is not meant to",
        goal.serving(client) or goal.listener(client),
    )


class _Meant:
    """For how wide a range a connector may hold the right to relay: what it is to serve, or served with it before."""

    def __init__(self, before: State | None, goal: State | None) -> None:
        self._known: dict[frozenset[IPRange], IPRange | None] = {}
        self._allowed = [state.ranges for state in (before, goal) if state is not None and state.relays]

    def stranger(self, state: State) -> IPRange | None:
        """Addresses for which it would relay though it is not to, None where all is well."""
        if not state.relays:
            return None
        if state.ranges not in self._known:
            self._known[state.ranges] = self._outside(state.ranges)
        return self._known[state.ranges]

    def _outside(self, ranges: frozenset[IPRange]) -> IPRange | None:
        if ranges in self._allowed:
            return None
        outside = [subtract(ranges, [*allowed, NOBODY]) for allowed in self._allowed] or [subtract(ranges, [NOBODY])]
        return None if not all(outside) else outside[-1][0]


def _end(before: States, goal: States, traces: Mapping[bool, list[tuple[str, str, State | None]]]) -> Violation | None:
    """A plan must also arrive: in every world, at what is meant."""
    for trace in traces.values():
        last: dict[str, State | None] = {**before, **{key: state for _words, key, state in trace}}
        for key in sorted({*last, *goal}):
            if _outside(last.get(key)) != _outside(goal.get(key)):
                return Violation(key, f"the steps do not bring connector {key} to what is meant")
    return None


def _outside(state: State | None) -> object:
    """What a connector is to its callers; entries of principals with credentials count as far as they can be used."""
    if state is None:
        return None
    return state.enabled, state.bindings, state.ranges, state.auth, state.groups, state.role, state.capabilities()
