# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one task runs, and what it tells the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Run:
    """How the task runs; ``warn`` collects texts for the user, each once. ``show`` shows one at once."""

    check_mode: bool
    diff_mode: bool
    warnings: list[str] = field(default_factory=list)
    show: Callable[[str], None] = lambda text: None

    def warn(self, text: str) -> None:
        """Add a warning to the result."""
        if text not in self.warnings:
            self.warnings.append(text)

    def announce(self, text: str) -> None:
        """Add a warning to the result, and before something is written also show it now.

        Ansible shows the warnings of a result, and from 2.19 on all that a task gives, when the task is over.
        """
        if not self.check_mode:
            self.show(text)
        self.warn(text)
