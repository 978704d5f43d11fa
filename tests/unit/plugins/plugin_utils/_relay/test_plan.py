# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of steps in cases that are easy to get wrong, followed by the tests' own model of Exchange."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.plan import plan
from connector_model import (
    ANONYMOUS,
    DEFAULT,
    ENDPOINTS,
    HOSTS,
    MODES,
    NOBODY,
    SENDER,
    Box,
    Server,
    changes,
    crossing,
    never_wider,
    outcomes,
    outside,
    side_by_side,
)

INTERNAL, RELAYING, TRUSTING = (MODES[mode] for mode in ("internal_only", "anonymous", "externally_secured"))
HERE = frozenset({ENDPOINTS[0]})


def box(name: str, first: int, last: int, mode: dict[str, Any]) -> Box:
    return Box(name, HERE, frozenset({(HOSTS + first, HOSTS + last)}), **mode)


def server(*boxes: Box) -> Server:
    return {one.name.lower(): one for one in (*boxes, DEFAULT)}


@pytest.mark.parametrize("drops", [True, False])
@pytest.mark.parametrize(
    ("before", "goal"),
    [
        ([box("A", 0, 15, RELAYING), box("B", 7, 7, INTERNAL)], [box("A", 7, 7, INTERNAL), box("B", 0, 15, RELAYING)]),
        ([box("A", 0, 15, RELAYING), box("B", 7, 7, INTERNAL)], []),
        ([], [box("A", 0, 15, RELAYING), box("B", 7, 7, INTERNAL)]),
        (
            [box("A", 0, 15, TRUSTING), box("B", 7, 7, INTERNAL)],
            [box("B", 0, 15, RELAYING), box("A", 7, 7, INTERNAL)],
        ),
        ([box("A", 0, 7, RELAYING), box("B", 3, 3, INTERNAL)], [box("A", 8, 15, RELAYING), box("B", 11, 11, INTERNAL)]),
    ],
)
def test_an_exception_inside_a_wider_connector_holds_all_the_way(
    before: list[Box], goal: list[Box], drops: bool
) -> None:
    """One device among those of a wider connector may not relay; the two trade places, come, go and move."""
    now = old = server(*before)
    new = server(*goal)
    others = {key: one.state() for key, one in old.items() if key == DEFAULT.name.lower()}
    for step in plan(changes(old, new, server()), others):
        ways = outcomes(now, step, drops)
        for way in ways:
            never_wider(way, old, new, {"a", "b"})
        now = ways[-1]
        side_by_side(now)
    assert {key: outside(one) for key, one in now.items()} == {key: outside(one) for key, one in new.items()}


def test_leaving_an_address_crosses_nobody_who_stays() -> None:
    """While it is still where it was, a connector must not be cut to the range of another one there."""
    there, here = frozenset({ENDPOINTS[1]}), frozenset({ENDPOINTS[0]})
    old = Box("A", there, frozenset({(HOSTS, HOSTS), (HOSTS + 8, HOSTS + 10)}), **MODES["anonymous"])
    stays = Box("U", there, frozenset({(HOSTS + 8, HOSTS + 9)}), **MODES["anonymous"])
    new = replace(old, bindings=here, spans=frozenset({(HOSTS, HOSTS), (HOSTS + 8, HOSTS + 9)}))
    server = {"a": old, "u": stays}
    for step in plan([Change("EX1", old.state(), new.state())], {"u": stays.state()}):
        server = outcomes(server, step, False)[-1]
        assert not crossing(server["a"], server["u"]), step.words
    assert outside(server["a"]) == outside(new)


def test_what_a_broken_off_plan_left_parked_is_in_nobodys_way() -> None:
    where = frozenset({ENDPOINTS[0]})
    nobody = int(NOBODY.network_address)
    left = Box("B", where, frozenset({(nobody, nobody)}), **MODES["internal_only"])
    box = Box(
        "A",
        where,
        frozenset({(HOSTS, HOSTS + 3)}),
        explicit=frozenset({(ANONYMOUS, SENDER, True)}),
        **{key: value for key, value in MODES["externally_secured"].items()},
    )
    goal = replace(left, spans=frozenset({(HOSTS + 8, HOSTS + 8)}))
    regrouped = replace(box, **MODES["internal_only"])
    server = {"a": box, "b": left}
    changes = [Change("EX1", box.state(), regrouped.state()), Change("EX1", left.state(), goal.state())]
    for step in plan(changes, {}):
        server = outcomes(server, step, True)[-1]
        assert not crossing(server["a"], server["b"]), step.words
