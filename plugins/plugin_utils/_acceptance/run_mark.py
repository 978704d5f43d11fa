# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the comment of a run's connectors says of the run, and whether that run may still be at work."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# A run takes minutes. Its waiting and clocks that differ make it longer, but not by so much
LASTS = timedelta(hours=1)
# The anonymised recording keeps a time that is written like this
_FORMAT = "%Y-%m-%d %H:%M:%S"
_WRITTEN = re.compile(r"begun (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC by process (\d{1,9}) of (\S+)\)")
_WAYS = "Wait until it has ended. If it was killed, set relay_acceptance_take_over: true"


@dataclass(frozen=True)
class RunMark:
    """When a run was begun, in UTC, by which process, and of which machine or container that is a process."""

    begun: datetime
    process: int
    place: str

    def __str__(self) -> str:
        return f"begun {self.begun.strftime(_FORMAT)} UTC by process {self.process} of {self.place}"

    def comment(self, beginning: str) -> str:
        """The comment of this run's connectors; ``beginning`` is what those of all runs begin with."""
        return f"{beginning} ({self})"

    def is_at_work(self, comment: str, alive: Callable[[int], bool]) -> bool:
        """Whether the run of a comment may be at work, as seen by this run, which begins now.

        ``alive`` tells whether there is a process of that number here. A run that this process made before is over.
        """
        other = read(comment)
        if other is None:
            return True
        if self.begun - other.begun >= LASTS:
            return False
        return other.place != self.place or (other.process != self.process and alive(other.process))


def read(comment: str) -> RunMark | None:
    """The mark in a comment, or None if there is none to be read."""
    found = _WRITTEN.search(comment)
    try:
        begun = datetime.strptime(found[1], _FORMAT).replace(tzinfo=UTC) if found else None
    except ValueError:
        begun = None
    return RunMark(begun, int(found[2]), found[3]) if found and begun else None


def held(host: str, comment: str, file: str) -> str:
    """The text for a run that is refused since another one has the report's files."""
    return f"{host}: another acceptance run is at work, {_told(comment)}, says {file}. {_WAYS}"


def taken(server: str, connector: str, comment: str) -> str:
    """The text for a run that is refused since a connector is of another one."""
    return (
        f"{server} has {connector}, with which another acceptance run may be at work, {_told(comment)}. "
        f"{_WAYS}, and what it left is removed"
    )


def _told(comment: str) -> str:
    return str(read(comment) or "begun nobody knows when")
