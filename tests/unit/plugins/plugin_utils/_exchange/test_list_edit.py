# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists given whole, or as additions and removals."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import kind, list_edit
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.list_edit import ListEdit
from hypothesis import given
from hypothesis import strategies as st

items = st.frozensets(st.integers(0, 20))


def ranges(*texts: str) -> object:
    return kind.RANGES.parse(list(texts))


def test_forms() -> None:
    assert list_edit.parse(kind.RANGES, ["10.0.0.1"]) == ranges("10.0.0.1")
    assert list_edit.parse(kind.RANGES, "10.0.0.1") == ranges("10.0.0.1")
    assert list_edit.parse(kind.RANGES, {"set": ["10.0.0.1"]}) == ranges("10.0.0.1")
    assert list_edit.parse(kind.RANGES, {"add": "10.0.0.1", "remove": None}) == ListEdit(ranges("10.0.0.1"))  # type: ignore[arg-type]
    assert list_edit.parse(kind.RANGES, {}) == ListEdit()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"added": ["10.0.0.1"]}, "a list takes set, add and remove, not added"),
        ({25: ["10.0.0.1"], None: []}, "a list takes set, add and remove, not 25, None"),
        ({"set": ["10.0.0.1"], "add": ["10.0.0.2"]}, "cannot be combined with add or remove"),
        ({"add": ["10.0.0.1/32"], "remove": ["10.0.0.1"]}, "10.0.0.1 cannot be both added and removed"),
    ],
)
def test_what_makes_no_sense_is_refused(value: dict[str, list[str]], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        list_edit.parse(kind.RANGES, value)  # type: ignore[arg-type]


@given(items, items, items)
def test_an_edit_adds_removes_and_is_idempotent(
    before: frozenset[int], add: frozenset[int], remove: frozenset[int]
) -> None:
    edit = ListEdit(add - remove, remove)
    after = edit.applied_to(before)
    assert after >= edit.add
    assert not after & remove
    assert after - edit.add == before - remove - edit.add
    assert edit.applied_to(after) == after
