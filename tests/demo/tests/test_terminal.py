# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's lines fit a terminal of 100 columns."""

from __future__ import annotations

import io

from relay_demo.terminal import Terminal


def written(*calls: tuple[str, tuple[object, ...]]) -> str:
    stream = io.StringIO()
    terminal = Terminal(stream)
    for name, arguments in calls:
        getattr(terminal, name)(*arguments)
    return stream.getvalue()


def test_no_line_is_wider_than_a_terminal() -> None:
    text = written(("say", ("word " * 100,)), ("quote", (["x" * 250, "a b " * 90],)))
    assert max(map(len, text.splitlines())) <= 98


def test_quoted_lines_keep_their_indentation() -> None:
    assert "       indented" in written(("quote", (["  indented"],)))


def test_no_colour_codes_outside_a_terminal() -> None:
    assert "\033" not in written(("heading", (1, "Scene")), ("verdict", (False, "held")))


def test_verdicts_differ_without_colour() -> None:
    assert written(("verdict", (True, "held"))) == "   [ok] held\n"
    assert written(("verdict", (False, "held"))) == "   [NOT SO] held\n"
