# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to troubleshooting has each refusal that is known by name, and quotes errors that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_refusals import REFUSALS, known_refusal
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import Reply

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst").read_text(encoding="utf-8")
REPLIES, ERRORS = GUIDE.split("By the error of a task")
SHOWN = [reply for line in re.findall(r"^``[245]\d\d .*", REPLIES, re.M) for reply in re.findall("``(.+?)``", line)]
QUOTED = [text for cell in re.findall(r"^   \* - (\*.*)\n", ERRORS, re.M) for text in re.findall(r"\*(.+?)\*", cell)]


def refusal(reply: str) -> str:
    """The name of the refusal that a reply is, or nothing."""
    found = known_refusal(Reply(int(reply[:3]), (reply[4:],)))
    return found.name if found else ""


def said(path: Path) -> str:
    """All text that a file has between quotes, joined as the interpreter joins it; a mark stands for each value."""
    parts = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts.append("".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            parts.append(node.value)
    return "\n".join(parts)


def test_every_known_refusal_has_its_reply() -> None:
    assert {refusal(reply) for reply in SHOWN} == {known.name for known in REFUSALS}


@pytest.mark.parametrize("text", QUOTED)
def test_an_error_says_so(text: str) -> None:
    sources = [*(ROOT / "plugins" / "plugin_utils").rglob("*.py"), *(ROOT / "plugins" / "action").glob("*.py")]
    assert any(text in said(path) for path in sources)


def test_errors_are_quoted() -> None:
    assert len(QUOTED) >= len(re.findall(r"^   \* - ", ERRORS, re.M)) - 1
