# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for what is unknown about Exchange."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from exchange_lab.switches import Switches


def test_settings_are_read() -> None:
    found = Switches.parse(["hashtable=refused", "range_limit=1200"])
    assert (found.hashtable, found.range_limit, found.wire_shape) == ("refused", "1200", "strings")


@pytest.mark.parametrize("setting", ["hashtable", "nonsense=1", "hashtable=perhaps"])
def test_nonsense_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="switch"):
        Switches.parse([setting])


def test_every_pair_of_choices_occurs() -> None:
    rows = list(Switches.pairwise())
    seen = {
        (one, getattr(row, one), other, getattr(row, other))
        for row in rows
        for one, other in combinations(Switches.choices(), 2)
    }
    choices = Switches.choices()
    for one, other in combinations(choices, 2):
        for first, second in product(choices[one], choices[other]):
            assert (one, first, other, second) in seen
    assert len(rows) < 40


def test_every_switch_says_what_it_means() -> None:
    assert set(Switches.meanings()) == set(Switches.choices())
    assert all(Switches.meanings().values())
