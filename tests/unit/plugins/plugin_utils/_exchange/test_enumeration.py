# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of enumerations."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import enumeration
from hypothesis import given
from hypothesis import strategies as st

NAMES = ("None", "Tls", "Integrated", "BasicAuth")


@given(st.sets(st.sampled_from(NAMES[1:])), st.randoms())
def test_flags_in_any_order_and_case_are_one_value(flags: set[str], random) -> None:  # type: ignore[no-untyped-def]
    listed = sorted(flags)
    random.shuffle(listed)
    text = ", ".join(name.upper() for name in listed) or "none"
    assert enumeration.parse_flags(text, NAMES) == flags
    assert enumeration.parse_flags([name.lower() for name in listed], NAMES) == flags
    assert enumeration.parse_flags(enumeration.render_flags(flags, NAMES), NAMES) == flags


def test_flags_are_written_in_the_order_of_their_values() -> None:
    assert enumeration.render_flags({"BasicAuth", "Tls"}, NAMES) == ["Tls", "BasicAuth"]
    assert enumeration.render_flags(set(), NAMES) == ["None"]


def test_none_stands_alone() -> None:
    with pytest.raises(ValueError, match="None cannot be combined with Tls"):
        enumeration.parse_flags(["None", "Tls"], NAMES)


@pytest.mark.parametrize("item", [None, True, {"a": 1}, ["Tls"]])
def test_an_entry_that_is_no_text_is_refused_and_not_taken_for_none(item: object) -> None:
    with pytest.raises(ValueError, match="no text"):
        enumeration.split(["Tls", item], ",")


def test_an_unknown_name_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="'tsl' is none of None, Tls, Integrated, BasicAuth"):
        enumeration.parse_one("tsl", NAMES)
