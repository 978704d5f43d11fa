# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enumerations and flags in every form that PowerShell takes."""

from __future__ import annotations

import pytest
from exchange_lab.exchange import enums
from exchange_lab.switches import Switches

GROUPS = enums.permission_groups(Switches())


def test_flags_print_in_ascending_order() -> None:
    assert GROUPS.text(frozenset({"Custom", "ExchangeServers", "AnonymousUsers"})) == (
        "AnonymousUsers, ExchangeServers, Custom"
    )
    assert GROUPS.text(frozenset()) == "None"
    assert GROUPS.number(frozenset({"ExchangeServers", "AnonymousUsers"})) == 5


@pytest.mark.parametrize(
    "given", ["anonymoususers,EXCHANGESERVERS", ["AnonymousUsers", "ExchangeServers"], 5, "Anon, ExchangeS"]
)
def test_flags_are_read(given: object) -> None:
    assert GROUPS.parse(given) == {"AnonymousUsers", "ExchangeServers"}


def test_none_is_nothing() -> None:
    assert GROUPS.parse("None") == frozenset()
    assert GROUPS.parse(0) == frozenset()


@pytest.mark.parametrize("given", ["Exchange", "Nobody", 1024, ""])
def test_what_does_not_match(given: object) -> None:
    with pytest.raises(ValueError, match="Unable to match the identifier name"):
        GROUPS.parse(given)


def test_one_value_only_where_there_are_no_flags() -> None:
    assert enums.SIZE_MODE.parse("enabledWithoutValue") == "EnabledWithoutValue"
    assert enums.SIZE_MODE.parse(0) == "Disabled"
    with pytest.raises(ValueError, match="Unable to match"):
        enums.SIZE_MODE.parse("Enabled, Disabled")


def test_unknown_numbers_hang_on_a_switch() -> None:
    spaced = Switches(flag_values="spaced")
    assert GROUPS.number({"Partners"}) == 16
    assert enums.permission_groups(spaced).number({"Partners"}) == 32
    assert enums.auth_mechanisms(spaced).number({"ExternalAuthoritative"}) == 64
