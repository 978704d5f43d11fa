# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a task may take, and how long to wait before trying again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError


@dataclass
class Deadline:
    """A point in time; ``seconds`` counts from the start of the task, None means no end."""

    seconds: float | None = None
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0; infinity without an end."""
        if self.seconds is None:
            return float("inf")
        return max(0.0, self.started + self.seconds - self.clock())

    def bound(self, seconds: float) -> float:
        """The lesser of the seconds and what is left."""
        return min(seconds, self.remaining)

    def check(self, what: str, server: str) -> None:
        """Raise ShellError when no time is left."""
        if self.remaining <= 0:
            raise self.passed(what, server)

    def passed(self, what: str, server: str) -> ShellError:
        """The error that says so."""
        return ShellError(
            what,
            server,
            f"the deadline of {self.seconds:g} s has passed",
            "Raise deadline, or ask for less in one task",
        )


@dataclass(frozen=True)
class Backoff:
    """Waits of ``first``, twice that, and so on up to ``longest`` seconds; at most ``attempts`` of them."""

    first: float = 1.0
    longest: float = 30.0
    attempts: int = 6

    def waits(self, attempts: int | None = None) -> Iterator[float]:
        """The seconds to wait before each further attempt."""
        for number in range(attempts or self.attempts):
            yield min(self.longest, self.first * 2**number)
