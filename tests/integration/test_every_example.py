# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code block of all documentation is run by a test, or stands in a table with the reason why not."""

from __future__ import annotations

import re
from pathlib import Path

import documentation
import pytest
from documentation import CHECKOUT, NOT_RUN, NOT_TYPED, Block

TESTS = {
    str(path.relative_to(CHECKOUT)): path.read_text(encoding="utf-8")
    for path in (CHECKOUT / "tests").rglob("test_*.py")
    if path != Path(__file__)
}
# these run all plays, or type all commands, of the pages that they list
PLAYS = ("tests/integration/test_examples.py",)
COMMANDS = ("tests/integration/test_documented_commands.py", "tests/artifact/test_guide_lab.py")
BLOCKS = [block for page in documentation.pages() for block in documentation.blocks(page)]


def names(test: str, page: str) -> bool:
    """Whether a test is about a page: by a path in it, or by its own name."""
    guide = Path(page).stem
    return f'"{page}"' in TESTS[test] or (guide[:6] == "guide_" and (guide in TESTS[test] or guide in test))


def run(block: Block) -> bool:
    """Whether a test runs a block: as one of its page's plays or commands, or by its name."""
    if block.session:
        typed = [command for command, _ in block.session if not documentation.reason(command)]
        if not typed or any(names(test, block.page) for test in COMMANDS):
            return True
    if not block.name:
        # a page of commands has plays beside them that are no part of what is typed
        others = COMMANDS if block.language == "yaml" else PLAYS
        return block.language in ("yaml", "python") and any(
            f'"{block.page}"' in text for test, text in TESTS.items() if test not in others
        )
    called = (f'"{block.name}"', f'"{block.name.removeprefix("inventory-")}"')
    return any(names(test, block.page) and any(name in text for name in called) for test, text in TESTS.items())


@pytest.mark.parametrize("page", documentation.pages())
def test_every_block_is_run_or_it_is_said_why_not(page: str) -> None:
    lacking = [each for each in BLOCKS if each.page == page and (page, each.language) not in NOT_RUN and not run(each)]
    assert lacking == []


@pytest.mark.parametrize("page", documentation.pages())
def test_no_block_is_overlooked(page: str) -> None:
    """Neither a literal block of reStructuredText nor a fence that is not closed."""
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    if page.endswith(".rst"):
        assert re.findall(r"^(?!\s*\.\.).*::$", text, re.M) == []
        assert len(documentation.blocks(page)) == len(re.findall(r"^ *\.\. code", text, re.M))
    else:
        assert 2 * sum(1 for each in BLOCKS if each.page == page and each.language) == text.count("```")


def test_the_tables_name_what_there_is() -> None:
    typed = [command for block in BLOCKS for command, _ in block.session]
    assert [start for start in NOT_TYPED if not any(command.startswith(start) for command in typed)] == []
    assert set(NOT_RUN) <= {(block.page, block.language) for block in BLOCKS}
    reasons = " ".join([*NOT_TYPED.values(), *NOT_RUN.values()])
    assert [name for name in re.findall(r"tests/[\w/]+\.py", reasons) if not (CHECKOUT / name).exists()] == []


def test_what_is_not_typed_is_what_there_is() -> None:
    typed = [command for block in BLOCKS for command, _ in block.session]
    targets = re.findall(r"^(\w+):", (CHECKOUT / "Makefile").read_text(), re.M)
    assert {command.split()[1] for command in typed if command.startswith("make ")} <= set(targets)
    needed = re.findall(r"^([\w\[\]]+)>=", (CHECKOUT / "meta" / "ee-requirements.txt").read_text(), re.M)
    for command in typed:
        if command.startswith("pip install '"):
            assert command.replace("'", "").split()[2:] == needed
