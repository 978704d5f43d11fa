# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that may be unlimited."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import unlimited
from hypothesis import given
from hypothesis import strategies as st


@given(st.one_of(st.integers(0, 2**31), st.just("Unlimited")))
def test_parse_render_parse_is_the_identity(value: int | str) -> None:
    assert unlimited.parse(unlimited.render(value)) == value


@pytest.mark.parametrize("text", ["unlimited", "UNLIMITED", " Unlimited "])
def test_unlimited_in_any_case(text: str) -> None:
    assert unlimited.parse(text) == "Unlimited"


@pytest.mark.parametrize("text", ["", "many", "-1", True, "1.5"])
def test_what_is_neither_is_named(text: object) -> None:
    with pytest.raises(ValueError, match="neither a number nor Unlimited"):
        unlimited.parse(text)
