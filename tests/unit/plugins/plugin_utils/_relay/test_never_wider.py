# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Never wider: random servers, random goals, stopped after every step and inside of steps, judged from outside.

``RELAYOPS_LONG=1`` tries many more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.plan import plan
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from connector_model import (
    ANONYMOUS,
    BYPASS,
    DEFAULT,
    ENDPOINTS,
    GROUPS,
    HOSTS,
    MODES,
    RELAY,
    SECURED,
    SENDER,
    Box,
    Server,
    changes,
    crossing,
    group_entries,
    never_wider,
    outcomes,
    outside,
    side_by_side,
)
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

LONG = os.environ.get("RELAYOPS_LONG") == "1"
blocks = st.tuples(st.integers(0, 15), st.sampled_from([1, 1, 1, 2, 4, 8, 16])).map(
    lambda pick: (HOSTS + pick[0] // pick[1] * pick[1], HOSTS + pick[0] // pick[1] * pick[1] + pick[1] - 1)
)
odd = st.tuples(st.integers(0, 12), st.integers(1, 3)).map(lambda pick: (HOSTS + pick[0], HOSTS + sum(pick)))
spans = st.frozensets(st.one_of(blocks, blocks, odd), min_size=1, max_size=3)
bindings = st.sampled_from(
    [{ENDPOINTS[0]}, {ENDPOINTS[0]}, {ENDPOINTS[1]}, {ENDPOINTS[0], ENDPOINTS[1]}, {("0.0.0.0", 25)}]
)
people = st.frozensets(
    st.sampled_from(
        [
            ("example\\svc", RELAY, False),
            (ANONYMOUS, RELAY, False),
            (ANONYMOUS, BYPASS, False),
            (ANONYMOUS, RELAY, True),
            (ANONYMOUS, SENDER, True),
            (SECURED, BYPASS, True),
        ]
    ),
    max_size=2,
)


@st.composite
def meant(draw: st.DrawFn, name: str) -> Box:
    mode = draw(st.sampled_from(sorted(MODES)))
    enabled = draw(st.sampled_from([True] * 9 + [False]))
    return Box(name, frozenset(draw(bindings)), draw(spans), enabled=enabled, **MODES[mode])


@st.composite
def found(draw: st.DrawFn, name: str) -> Box:
    """A connector as people leave it behind."""
    box: Box = draw(meant(name))
    if draw(st.booleans()):
        return box
    auth = draw(st.sampled_from([{"Tls"}, {"Tls", "BasicAuth"}, {"ExternalAuthoritative", "Tls"}, {"Integrated"}]))
    groups = draw(st.frozensets(st.sampled_from(sorted(GROUPS)), max_size=2))
    if "ExternalAuthoritative" in auth:
        groups |= {"ExchangeServers"}
    explicit = frozenset(draw(people)) - group_entries(groups)
    return replace(box, auth=frozenset(auth), groups=groups, explicit=explicit)


def together(boxes: Iterable[Box], *others: Box) -> Server:
    """As many of the boxes as can stand side by side."""
    server: Server = {box.name.lower(): box for box in others}
    for box in boxes:
        if not any(crossing(box, other) for other in server.values()):
            server[box.name.lower()] = box
    return server


NAMES = ("A", "B", "C")
unmanaged = st.lists(st.sampled_from(["U", "V"]).flatmap(found), max_size=1)


class NeverWider(RuleBasedStateMachine):
    """One server: wishes arrive, plans are made, followed step by step, broken off and made again."""

    @initialize(
        boxes=st.lists(st.sampled_from(NAMES).flatmap(found), max_size=3, unique_by=lambda box: box.name),
        others=unmanaged,
        drops=st.booleans(),
    )
    def begin(self, boxes: list[Box], others: list[Box], drops: bool) -> None:
        kept = together(others, DEFAULT)
        self.others = kept
        self.server = together(boxes, *kept.values())
        self.before = self.goal = self.server
        self.steps: list[Step] = []
        self.drops = drops
        self.inside: list[Server] = []

    @property
    def managed(self) -> set[str]:
        return {key for key in (*self.before, *self.goal, *self.server) if key not in self.others}

    @rule(data=st.data())
    def wish(self, data: st.DataObject) -> None:
        """Somebody wants something else, perhaps before the last wish was done."""
        names = data.draw(st.frozensets(st.sampled_from(NAMES)))
        boxes = [data.draw(meant(name)) for name in sorted(names)]
        goal = together(boxes, *self.others.values())
        self.goal = {key: self._keeping_denials(key, box) for key, box in goal.items()}
        self._plan()

    def _keeping_denials(self, key: str, box: Box) -> Box:
        """What somebody denied stays, but where it contradicts the mode."""
        old = self.server.get(key)
        if old is None or key in self.others:
            return box
        granted = {(who, right) for who, right, deny in box.explicit if not deny}
        kept = {one for one in old.explicit if one[2] and one[:2] not in granted}
        return replace(box, explicit=box.explicit | kept)

    @rule()
    def step(self) -> None:
        """One step is made."""
        if not self.steps:
            return
        made = outcomes(self.server, self.steps.pop(0), self.drops)
        self.inside = made[:-1]
        self.server = made[-1]
        side_by_side(self.server)
        if not self.steps:
            self._arrived()

    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        """The last step stopped halfway, and the play is run again."""
        if not self.inside:
            return
        self.server = data.draw(st.sampled_from(self.inside))
        self.inside = []
        self._plan()

    @rule()
    def run_again(self) -> None:
        """The play was stopped between two steps and is run again."""
        self._plan()

    def _plan(self) -> None:
        self.before, self.inside = self.server, []
        made = changes(self.server, self.goal, self.others)
        keys = {change.key for change in made}
        try:
            self.steps = plan(made, {key: box.state() for key, box in self.server.items() if key not in keys})
        except ValueError as problem:
            event("refused")
            if "no safe order" not in str(problem):
                raise
            self.steps, self.goal = [], self.server
        else:
            event("planned")
            if not self.steps:
                self._arrived()

    def _arrived(self) -> None:
        for key in self.managed:
            now, goal = self.server.get(key), self.goal.get(key)
            assert outside(now) == outside(goal), f"{key} did not arrive"

    @invariant()
    def nobody_can_do_more(self) -> None:
        if not hasattr(self, "server"):
            return
        for server in (*self.inside, self.server):
            never_wider(server, self.before, self.goal, self.managed)


NeverWider.TestCase.settings = settings(
    max_examples=1500 if LONG else 60,
    stateful_step_count=25,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestNeverWider = NeverWider.TestCase
