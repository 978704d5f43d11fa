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
@given(FACTORS)
def test_every_choice_occurs_and_the_first_ones_together(factors: dict[str, list[str]]) -> None:
    rows = list(each_choice(factors))
    assert rows[0] == {name: choices[0] for name, choices in factors.items()}
    assert {name: sorted({row[name] for row in rows}) for name in factors} == factors
    assert len(rows) == max(map(len, factors.values()))


def test_two_choices_each_take_few_rows() -> None:
    assert len(list(pairwise({str(number): "ab" for number in range(30)}))) <= 14
