# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to what is unknown lists each switch of the lab with its answers, and nothing else."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from exchange_lab.switches import Switches
from exchange_lab.windows.record import HostSwitches

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst" / "guide_unknowns.rst"
TEXT = GUIDE.read_text(encoding="utf-8")
EXCHANGE, WINDOWS = TEXT.split("\nWindows\n-------\n")
# the term of a definition stands at the margin, its body is indented
ENTRY = re.compile(r"^``(\w+)``(?:: (.+))?\n((?:  .*\n|\n)+)", re.M)


def entries(text: str) -> dict[str, tuple[tuple[str, ...], str]]:
    """Answers and body of each entry by name."""
    return {name: (tuple(re.findall("``([^`]+)``", answers)), body) for name, answers, body in ENTRY.findall(text)}


def test_it_lists_just_the_switches_with_their_answers() -> None:
    assert {name: answers for name, (answers, _) in entries(EXCHANGE).items()} == Switches.choices()


def test_it_lists_what_is_open_about_windows() -> None:
    assert set(entries(f"{WINDOWS}\n")) == {field.name for field in dataclasses.fields(HostSwitches)}


@pytest.mark.parametrize("name", Switches.choices())
def test_it_says_what_is_done_and_how_to_find_out(name: str) -> None:
    question, done, found_out = re.split(r"\*What is done:\*|\*How to find out:\*", entries(EXCHANGE)[name][1])
    assert all(len(text.split()) >= 2 for text in (question, done, found_out))
