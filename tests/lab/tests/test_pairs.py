# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Few settings that cover every choice, or every pair of choices."""

from __future__ import annotations

from itertools import combinations, product

from exchange_lab.pairs import each_choice, pairwise
from hypothesis import given, settings
from hypothesis import strategies as some

FACTORS = some.dictionaries(
    some.sampled_from("abcdefgh"), some.sets(some.sampled_from("vwxyz"), min_size=1).map(sorted), min_size=2
)


@settings(max_examples=40, deadline=None)
@given(FACTORS)
def test_every_pair_occurs(factors: dict[str, list[str]]) -> None:
    rows = list(pairwise(factors))
    for one, other in combinations(factors, 2):
        seen = {(row[one], row[other]) for row in rows}
        assert seen == set(product(factors[one], factors[other]))
    assert rows == list(pairwise(factors))


@settings(max_examples=40, deadline=None)
@given(FACTORS, some.data())
def test_every_pair_occurs_where_it_matters(factors: dict[str, list[str]], data: some.DataObject) -> None:
    name, other, *_ = data.draw(some.permutations(sorted(factors)))
    allowed = data.draw(some.sets(some.sampled_from(factors[other]), min_size=1))
    rows = list(pairwise(factors, {name: {other: allowed}}))
    there = [row for row in rows if row[other] in allowed]
    for each in factors:
        choices = allowed if each == other else factors[each]
        if each != name:
            assert {(row[name], row[each]) for row in there} == set(product(factors[name], choices))
    for one, two in combinations(set(factors) - {name}, 2):
        assert {(row[one], row[two]) for row in rows} == set(product(factors[one], factors[two]))


@settings(max_examples=40, deadline=None)
@given(FACTORS)
def test_every_choice_occurs_and_the_first_ones_together(factors: dict[str, list[str]]) -> None:
    rows = list(each_choice(factors))
    assert rows[0] == {name: choices[0] for name, choices in factors.items()}
    assert {name: sorted({row[name] for row in rows}) for name in factors} == factors
    assert len(rows) == max(map(len, factors.values()))


def test_two_choices_each_take_few_rows() -> None:
    assert len(list(pairwise({str(number): "ab" for number in range(30)}))) <= 14
