# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What any client can do on one server at one moment: which connector serves it, and what that connector lets it do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.segments import (
    Layer,
    Segment,
    segments,
    segments_of,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import ANYONE, State

# Addresses that are reserved and that nothing can send from (RFC 1112, section 4): a connector that answers to one of
# them only is open to nobody.
NOBODY = IPRange.parse("240.0.0.0-255.255.255.254")
# No range of other IPv4 addresses sorts at it or above it.
FIRST_NOBODY = IPRange(NOBODY.version, NOBODY.first, NOBODY.first)

Capabilities = frozenset[tuple[str, str]]
NOTHING: Capabilities = frozenset()


@dataclass(frozen=True)
class Client:
    """Clients that are treated alike, at one address and port of the server."""

    endpoint: Binding
    segment: Segment


class Numbers:
    """Numbers the range sets of each connector in the order in which they are seen."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[frozenset[IPRange], int]] = defaultdict(dict)

    def of(self, key: str, ranges: frozenset[IPRange]) -> int:
        """The number of a range set, a new one if it was not seen."""
        numbers = self._numbers[key]
        return numbers.setdefault(ranges, len(numbers))

    def layers(self, key: str) -> Iterator[Layer]:
        """All range sets of one connector."""
        return (Layer(key, number, ranges) for ranges, number in self._numbers[key].items())


class Exposure:
    """The connectors of one server at one moment, by key; ``managed`` are those that a plan may write.

    It is not public which connector takes a connection to an address that one connector names and another takes by
    ``0.0.0.0``: with ``named_hides_all`` the named ones alone, without it all compete by their ranges.

    A caller with credentials is judged on the managed connectors only: what it may do on the others, it may do at
    their own addresses whatever a plan does.
    """

    def __init__(
        self, states: Mapping[str, State], managed: Collection[str], numbers: Numbers, named_hides_all: bool
    ) -> None:
        self.states = dict(states)
        self._managed = managed
        self._numbers = numbers
        self._hides = named_hides_all
        self._listeners: dict[Binding, int] = defaultdict(int)
        self._capabilities: dict[str, Capabilities] = {}
        self._current: dict[str, int] = {}
        for key, state in states.items():
            self._enter(key, state)

    def put(self, key: str, state: State | None) -> list[Binding]:
        """Replace one connector; the endpoints at which named listeners appeared or vanished altogether."""
        concerned = {
            binding for one in (self.states.get(key), state) if one and one.enabled for binding in one.bindings
        }
        had = {binding for binding in concerned if self._listeners[binding]}
        old = self.states.pop(key, None)
        if old is not None and old.enabled:
            for binding in old.bindings:
                self._listeners[binding] -= 1
        if state is not None:
            self.states[key] = state
            self._enter(key, state)
        return [binding for binding in concerned if bool(self._listeners[binding]) != (binding in had)]

    def _enter(self, key: str, state: State) -> None:
        self._current[key] = self._numbers.of(key, state.ranges)
        found = state.capabilities()
        self._capabilities[key] = (
            found if key in self._managed else frozenset(item for item in found if item[0] == ANYONE)
        )
        if state.enabled:
            for binding in state.bindings:
                self._listeners[binding] += 1

    def serving(self, client: Client) -> str:
        """The key of the connector that takes this client's connection, or ""."""
        best, found = (0, 2), ""
        named_only = self._hides and self._listeners[client.endpoint] > 0
        for (key, number), size in client.segment.sizes.items():
            state = self.states.get(key)
            if state is None or not state.enabled or self._current[key] != number:
                continue
            named = client.endpoint in state.bindings
            if not named and (named_only or not listens(state, client.endpoint)):
                continue
            rank = (size, 0 if named else 1)
            if not found or rank < best:
                best, found = rank, key
        return found

    def listener(self, client: Client) -> str:
        """The key of some connector that is named for the client's endpoint, or ""."""
        return next((key for key, one in self.states.items() if one.enabled and client.endpoint in one.bindings), "")

    def capabilities(self, client: Client) -> Capabilities:
        """What this client may do."""
        key = self.serving(client)
        return self._capabilities[key] if key else NOTHING


def listens(state: State, endpoint: Binding) -> bool:
    """Whether a connector takes connections at an endpoint by ``0.0.0.0`` or ``[::]``."""
    return any(
        binding.wildcard and binding.port == endpoint.port and binding.version == endpoint.version
        for binding in state.bindings
    )


def clients(histories: Mapping[str, Iterable[State]], touched: Collection[str], numbers: Numbers) -> list[Client]:
    """All clients that matter to connectors in ``touched``, over every state that each connector passes through."""
    states = {key: list(history) for key, history in histories.items()}
    for key, history in states.items():
        for state in history:
            numbers.of(key, state.ranges)
    endpoints = {binding for key in touched for state in states[key] for binding in state.bindings}
    # A connector on all addresses competes at every address that another one names.
    named = {binding for history in states.values() for state in history for binding in state.bindings}
    endpoints |= {one for one in named if any(listens(s, one) for key in touched for s in states[key])}
    users: dict[Binding, set[str]] = defaultdict(set)
    everywhere: dict[tuple[int, int], set[str]] = defaultdict(set)
    for key, history in states.items():
        for binding in {binding for state in history for binding in state.bindings}:
            users[binding].add(key)
            if binding.wildcard:
                everywhere[binding.version, binding.port].add(key)
    steady = _steady(states, touched)
    cut: dict[tuple[frozenset[str], bool], list[Segment]] = {}
    found = []
    for endpoint in sorted(endpoints):
        involved = frozenset(users[endpoint] | everywhere[endpoint.version, endpoint.port])
        which = (involved, endpoint in steady)
        if which not in cut:
            layers = [layer for key in sorted(involved) for layer in numbers.layers(key)]
            cut[which] = segments_of(touched, layers) if endpoint in steady else segments(layers)
        found += [Client(endpoint, segment) for segment in cut[which] if not NOBODY.covers(segment.address)]
    return found


def _steady(histories: Mapping[str, Sequence[State]], touched: Collection[str]) -> set[Binding]:
    """Endpoints where a connector that is there before and after listens by name all the time.

    Clients that no connector in ``touched`` has a range for go on being served there as they were.
    """
    return {
        binding
        for key, history in histories.items()
        if key not in touched and len(history) == 2 and history[0] == history[1] and history[0].enabled
        for binding in history[0].bindings
    }
