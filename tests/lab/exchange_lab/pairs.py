# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Few settings that cover much: every choice, or every pair of choices of two factors, at least once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from random import Random

Factors = Mapping[str, Sequence[str]]
Row = dict[str, str]
_Pair = tuple[tuple[str, str], tuple[str, str]]

# rows that are tried for each one that is taken: more makes the matrix a little shorter
_CANDIDATES = 30


def each_choice(factors: Factors) -> Iterator[Row]:
    """As many rows as the factor with most choices has; the first is the first choice of all."""
    for number in range(max(map(len, factors.values()))):
        yield {name: choices[number % len(choices)] for name, choices in factors.items()}


def pairwise(factors: Factors) -> Iterator[Row]:
    """Rows in which every pair of choices of two factors occurs; the same rows for the same factors.

    Greedy, as AETG (Cohen, Dalal, Fredman and Patton): of some rows around an open pair the one with most open pairs.
    """
    place = {name: number for number, name in enumerate(factors)}
    chance = Random(0)
    missing = {
        ((one, first), (other, second))
        for one, other in combinations(factors, 2)
        for first, second in product(factors[one], factors[other])
    }
    while missing:
        start = min(missing)
        candidates = [_candidate(factors, place, start, missing, chance) for _ in range(_CANDIDATES)]
        best = max(candidates, key=lambda row: _gain(row, missing))
        missing.difference_update(combinations(best.items(), 2))
        yield best


def _gain(row: Row, missing: set[_Pair]) -> int:
    return sum(pair in missing for pair in combinations(row.items(), 2))


def _candidate(factors: Factors, place: Mapping[str, int], start: _Pair, missing: set[_Pair], chance: Random) -> Row:
    """A row around a pair: the other factors in some order, each with the choice that covers most with the row."""
    row = dict(start)
    names = [name for name in factors if name not in row]
    chance.shuffle(names)
    for name in names:
        gains = {choice: _covered((name, choice), row, place, missing) for choice in factors[name]}
        most = max(gains.values())
        row[name] = chance.choice([choice for choice, gain in gains.items() if gain == most])
    return {name: row[name] for name in factors}


def _covered(new: tuple[str, str], row: Row, place: Mapping[str, int], missing: set[_Pair]) -> int:
    return sum(((new, old) if place[new[0]] < place[old[0]] else (old, new)) in missing for old in row.items())
