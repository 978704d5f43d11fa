# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Few settings that cover much: every choice, or every pair of choices of two factors, at least once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, product
from random import Random

Factors = Mapping[str, Sequence[str]]
# for a factor: what other factors have to be for its choice to matter at all
Conditions = Mapping[str, Mapping[str, Collection[str]]]
Row = dict[str, str]
_Pair = tuple[tuple[str, str], tuple[str, str]]

# rows that are tried for each one that is taken: more makes the matrix a little shorter
_CANDIDATES = 30


def each_choice(factors: Factors) -> Iterator[Row]:
    """As many rows as the factor with most choices has; the first is the first choice of all."""
    for number in range(max(map(len, factors.values()))):
        yield {name: choices[number % len(choices)] for name, choices in factors.items()}


def pairwise(factors: Factors, conditions: Conditions | None = None) -> Iterator[Row]:
    """Rows in which every pair of choices of two factors occurs; the same rows for the same factors.

    A factor's pairs occur in a row that meets its ``conditions``; pairs that no row can meet are left out.
    Greedy, as AETG (Cohen, Dalal, Fredman and Patton): of some rows around an open pair the one with most open pairs.
    """
    rows = _Rows(factors, conditions or {})
    while rows.missing:
        yield rows.best()


class _Rows:
    """The pairs that are still open, and rows around one of them."""

    def __init__(self, factors: Factors, conditions: Conditions) -> None:
        self.factors, self.conditions = factors, conditions
        self.place = {name: number for number, name in enumerate(factors)}
        self.chance = Random(0)
        self.missing = {
            ((one, first), (other, second))
            for one, other in combinations(factors, 2)
            for first, second in product(factors[one], factors[other])
            if all(self._choices(name, {one: first, other: second}) for name in factors)
        }

    def best(self) -> Row:
        """The row that covers most, which is then no longer missing."""
        start = min(self.missing)
        candidates = [self._candidate(start) for _ in range(_CANDIDATES)]
        best = max(candidates, key=lambda row: len(self._gain(row)))
        self.missing -= self._gain(best)
        return best

    def _choices(self, name: str, given: Row) -> list[str]:
        """The choices of a factor beside which those given matter."""
        needed = [self.conditions.get(each, {}).get(name) for each in given]
        possible = [given[name]] if name in given else self.factors[name]
        return [choice for choice in possible if all(one is None or choice in one for one in needed)]

    def _gain(self, row: Row) -> set[_Pair]:
        matter = [
            (name, choice)
            for name, choice in row.items()
            if all(row[other] in allowed for other, allowed in self.conditions.get(name, {}).items())
        ]
        return self.missing.intersection(combinations(matter, 2))

    def _candidate(self, start: _Pair) -> Row:
        """A row around a pair: the other factors in some order, each with the choice that covers most with the row."""
        row, fixed = dict(start), dict(start)
        names = [name for name in self.factors if name not in row]
        self.chance.shuffle(names)
        for name in names:
            gains = {choice: self._covered((name, choice), row) for choice in self._choices(name, fixed)}
            most = max(gains.values())
            row[name] = self.chance.choice([choice for choice, gain in gains.items() if gain == most])
        return {name: row[name] for name in self.factors}

    def _covered(self, new: tuple[str, str], row: Row) -> int:
        place = self.place
        return sum(((new, old) if place[new[0]] < place[old[0]] else (old, new)) in self.missing for old in row.items())
