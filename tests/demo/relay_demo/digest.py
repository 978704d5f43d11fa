# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's output without what a reader passes over: asterisks, checks of arguments, tasks that did nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

BLOCK = re.compile(r"^(PLAY|TASK|RUNNING HANDLER|PLAY RECAP)\b")
PASSED_OVER = re.compile(r"^TASK \[.*Validating arguments against arg spec")
FAILED = re.compile(r"^(fatal|failed|\[ERROR\]|ERROR)")


class Digest:
    """Takes lines and hands on those worth reading, task by task, as soon as the task has ended."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._block: list[str] = []

    def line(self, line: str) -> None:
        """Take one line."""
        if BLOCK.match(line):
            self.close()
        self._block.append(re.sub(r"\s*\*{3,}$", "", line))

    def close(self) -> None:
        """Hand on the task that ends here, unless there is nothing in it."""
        block, self._block = [line for line in self._block if line.strip()], []
        if not block:
            return
        dull = PASSED_OVER.match(block[0]) and not any(map(FAILED.match, block))
        empty = block[0].startswith("TASK") and len(block) == 1
        if block[0].startswith("PLAY RECAP"):
            block = [re.sub(r" {2,}", " ", line) for line in block]
        if not dull and not empty:
            for line in block:
                self._show(line)
