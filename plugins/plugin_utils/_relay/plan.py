# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ordered steps that bring one server's relay connectors to what is meant, judged before the first is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import conflicts
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.conflicts import Claim
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change, common
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.draft import Draft
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.exposure import FIRST_NOBODY, NOBODY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.judge import Violation, judge
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import State
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step

# How often one way of ordering is tried again after its judgement told which connector has to come before another.
_CORRECTIONS = 20


def plan(changes: Sequence[Change], others: Mapping[str, State]) -> list[Step]:
    """The steps for one server; ``others`` are its connectors that stay as they are, by key.

    Raises ValueError where connectors would conflict in the end, or where no order of steps is known that never lets
    a client do more than before or than is meant.
    """
    before = {**others, **{change.key: change.before for change in changes if change.before is not None}}
    goal = {**others, **{change.key: change.goal for change in changes if change.goal is not None}}
    _refuse_conflicts(goal, {change.key for change in changes})
    crowded = _crowded(changes, others)
    found: Violation | None = None
    for arrange in (_at_once, *WAYS) if all(Draft(change).at_once for change in changes) else WAYS:
        order = Order(changes, others)
        for _attempt in range(_CORRECTIONS):
            steps = arrange([Draft(change) for change in changes], crowded, order)
            violation = judge(before, goal, steps) if steps else None
            if violation is None:
                return steps
            found = found or violation
            if not order.correct(violation.rightful, violation.connector):
                break
    raise ValueError(
        f"no safe order of steps is known for this change: {found.sentence if found else ''}. Nothing was "
        "written. Make the change in two runs, the first without the connector in question, and report it as a defect"
    )


class Order:
    """Which connector is served first: the one whose range lies in another's, so it has to be right first."""

    def __init__(self, changes: Sequence[Change], others: Mapping[str, State]) -> None:
        self._width = {change.key: _width(change.goal or change.before) for change in changes}
        self._width_before = {change.key: _width(change.before or change.goal) for change in changes}
        self._earlier: dict[str, set[str]] = defaultdict(set)
        states = [*others.values(), *(change.before for change in changes if change.before)]
        above = (item for state in states for item in state.ranges if item >= FIRST_NOBODY)
        left = [item.last for item in above if NOBODY.covers(item)]
        self._unused = max(left, default=NOBODY.first - 1) + 1

    def parking(self, number: int) -> IPRange:
        """A range for each connector that is to serve nobody: two on one address may not have the same, and a plan
        that was broken off may have left some."""
        return IPRange(4, self._unused + number, self._unused + number)

    def correct(self, first: str, then: str) -> bool:
        """Put one connector before another; False where that is so already or makes no sense."""
        if first not in self._width or then not in self._width or first == then or first in self._earlier[then]:
            return False
        self._earlier[then].add(first)
        return True

    def narrowest_first(self, drafts: Iterable[Draft], before: bool = False) -> list[Draft]:
        """The drafts by the width that their ranges are to have, or have ``before``, corrections first.

        A circle of corrections is cut anywhere.
        """
        width = self._width_before if before else self._width
        waiting = sorted(drafts, key=lambda draft: (width[draft.change.key], draft.change.key))
        if not self._earlier:
            return waiting
        found: list[Draft] = []
        while waiting:
            open_keys = {draft.change.key for draft in waiting}
            ready = (draft for draft in waiting if not self._earlier[draft.change.key] & open_keys)
            draft = next(ready, waiting[0])
            waiting.remove(draft)
            found.append(draft)
        return found


def _width(state: State | None) -> int:
    return max(item.size for item in state.ranges) if state else 0


def _open_last(drafts: list[Draft], crowded: set[str], order: Order, careful: bool = False) -> list[Step]:
    """All that takes away, all that gives to connectors that are there, then new ones, opened at the very end."""
    steps = _take_away(drafts, crowded, order, careful)
    kept = order.narrowest_first(draft for draft in drafts if draft.change.goal is not None)
    steps += [step for draft in kept if draft.change.before is not None for step in draft.grow()]
    steps += [step for draft in kept if draft.change.before is None for step in draft.create()]
    return steps + [step for draft in kept for step in draft.open()]


def _carefully(drafts: list[Draft], crowded: set[str], order: Order) -> list[Step]:
    """The same, but rights go before anything else does."""
    return _open_last(drafts, crowded, order, careful=True)


def _one_by_one(drafts: list[Draft], crowded: set[str], order: Order) -> list[Step]:
    """Each connector is opened before the next wider one is given more: for exceptions carved out of a wider
    connector's range."""
    steps = _take_away(drafts, crowded, order, careful=True)
    for draft in order.narrowest_first(draft for draft in drafts if draft.change.goal is not None):
        steps += draft.grow() if draft.change.before is not None else draft.create()
        steps += draft.open()
    return steps


def _listen_first(drafts: list[Draft], crowded: set[str], order: Order) -> list[Step]:
    """Connectors listen, to nobody, where they are meant to before others go: where an address has no connector of
    its own for a moment, one on all addresses may take its connections."""
    new = [draft for draft in drafts if draft.change.before is None]
    moving = [draft for draft in drafts if draft.change.before is not None and draft.change.goal is not None]
    parked = len(drafts)
    steps = [step for number, draft in enumerate(new, parked) for step in draft.prepare(order.parking(number))]
    parked += len(new)
    steps += [
        step for number, draft in enumerate(moving) for step in draft.listen(order.parking(2 * len(drafts) + number))
    ]
    steps += _take_away(drafts, crowded, order, careful=True)
    for draft in order.narrowest_first(draft for draft in drafts if draft.change.goal is not None):
        steps += [*draft.grow(), *draft.open()]
    return steps


def _powerless(drafts: list[Draft], crowded: set[str], order: Order) -> list[Step]:
    """No connector keeps any right while any of them moves: for those that trade places with their own exceptions."""
    steps = [step for draft in drafts if draft.change.before is not None for step in draft.strip()]
    for number, draft in enumerate(drafts, len(drafts)):
        if draft.change.before is None:
            steps += draft.prepare(order.parking(number))
    steps += _take_away(drafts, crowded, order, careful=False)
    kept = order.narrowest_first(draft for draft in drafts if draft.change.goal is not None)
    steps += [step for draft in kept for step in draft.place()]
    return [*steps, *(step for draft in kept for step in [*draft.empower(), *draft.open()])]


def _at_once(drafts: list[Draft], crowded: set[str], order: Order) -> list[Step]:
    """New connectors come as they are meant to be, the narrowest first, where nothing else is to be done."""
    return [step for draft in order.narrowest_first(drafts) for step in draft.appear()]


WAYS = (_open_last, _carefully, _one_by_one, _listen_first, _powerless)


def _take_away(drafts: list[Draft], crowded: set[str], order: Order, careful: bool) -> list[Step]:
    steps: list[Step] = []
    for number, draft in enumerate(reversed(order.narrowest_first(drafts, before=True))):
        if draft.change.goal is None:
            steps += draft.remove()
        elif draft.change.before is not None and not draft.parked:
            steps += draft.narrow(draft.change.key in crowded, order.parking(number), careful)
    return steps


def _refuse_conflicts(goal: Mapping[str, State], changed: set[str]) -> None:
    claims = [Claim(state.name, state.role, state.bindings, state.ranges) for state in goal.values()]
    names = {goal[key].name for key in changed if key in goal}
    for conflict in conflicts.find(claims, of=names):
        raise ValueError(f"connector {conflict.owner}: {conflict}. Change one of the two")


def _crowded(changes: Iterable[Change], others: Mapping[str, State]) -> set[str]:
    """Connectors that would conflict on the way: one arrives at ranges that another has not left, or keeps a part of
    its ranges that collides where it is about to leave.

    A range that a connector has before and after can conflict with nobody: both ends are free of conflicts. So only
    ranges that come or go, and parts of ranges, are compared.
    """
    claims = []
    for change in changes:
        before, goal = change.before, change.goal
        old, new = (state.ranges if state else frozenset() for state in (before, goal))
        bindings = frozenset(binding for state in (before, goal) if state for binding in state.bindings)
        moved = before is not None and goal is not None and before.bindings != goal.bindings
        passing = old | new if moved else old ^ new
        if old and new:
            passing |= common(old, new, whole=False) - (old & new)
        if passing:
            role = (goal or before).role if (goal or before) else ""  # type: ignore[union-attr]
            claims.append(Claim(change.key, role, bindings, passing))
    mine = {claim.owner for claim in claims}
    claims += [Claim(key, state.role, state.bindings, state.ranges) for key, state in others.items()]
    return mine & {name for conflict in conflicts.find(claims, of=mine) for name in (conflict.owner, conflict.other)}
