# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers to what is open about Windows, as texts and back."""

from __future__ import annotations

import pytest
from exchange_lab.windows.record import HostSwitches


def test_the_default_answers_are_the_first() -> None:
    choices = HostSwitches.choices()
    assert HostSwitches.chosen({name: answers[0] for name, answers in choices.items()}) == HostSwitches()
    assert choices["set_reaches"] == ("both", "active")
    assert (choices["set_persistent"], choices["new_persistent"]) == (("True", "False"), ("False", "True"))


@pytest.mark.parametrize("name", HostSwitches.choices())
def test_another_answer_is_another_switch(name: str) -> None:
    given, other = HostSwitches.choices()[name]
    changed = HostSwitches.chosen({name: other})
    assert str(getattr(changed, name)) == other != given
    assert changed != HostSwitches() == HostSwitches.chosen({name: given})
