# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo writes: headings, quoted lines and verdicts, for a terminal of 100 columns."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable
from typing import TextIO

WIDTH = 98
BOLD, DIM, GREEN, RED = "1", "2", "32", "31"


def coloured(stream: TextIO) -> bool:
    """Whether colours are wanted: a terminal, and nobody said NO_COLOR (no-color.org)."""
    return stream.isatty() and "NO_COLOR" not in os.environ


class Terminal:
    """Writes to a stream line by line, so that a reader sees each as it happens."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._coloured = coloured(stream)

    def _style(self, text: str, *codes: str) -> str:
        return f"\033[{';'.join(codes)}m{text}\033[0m" if self._coloured and codes else text

    def line(self, text: str = "", *codes: str) -> None:
        """Write one line as it is."""
        print(self._style(text, *codes), file=self._stream, flush=True)

    def heading(self, number: int, text: str) -> None:
        """Begin a scene."""
        self.line()
        self.line(f"{number}. {text}", BOLD)

    def say(self, text: str) -> None:
        """Write prose, wrapped and indented."""
        for line in textwrap.wrap(text, WIDTH - 3):
            self.line(f"   {line}")

    def quote(self, lines: Iterable[str], *codes: str) -> None:
        """Write what a program said, indented, with lines that are too long broken."""
        for line in lines:
            for part in textwrap.wrap(line, WIDTH - 5, subsequent_indent="    ", drop_whitespace=False) or [""]:
                self.line(f"     {part}", *codes)

    def verdict(self, held: bool, text: str) -> None:
        """Write whether what was promised happened."""
        mark, colour = ("ok", GREEN) if held else ("NOT SO", RED)
        first, *rest = textwrap.wrap(text, WIDTH - len(mark) - 6)
        self.line(f"   {self._style(f'[{mark}]', BOLD, colour)} {first}")
        for line in rest:
            self.line(f"   {' ' * (len(mark) + 3)}{line}")
