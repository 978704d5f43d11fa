# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection and submission limits of a connector."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field

from exchange_lab.transport.doors import Door
from exchange_lab.transport.wording import Wording


@dataclass
class Connections:
    """Open connections per connector and per source; only the transport's own thread touches it."""

    total: Counter[str] = field(default_factory=Counter)
    by_source: Counter[tuple[str, str]] = field(default_factory=Counter)

    def refusal(self, door: Door, client: str, wording: Wording) -> str | None:
        """Return the reply to one connection too many, or None."""
        total, per_source = door.number("MaxInboundConnection"), door.number("MaxInboundConnectionPerSource")
        percentage = door.number("MaxInboundConnectionPercentagePerSource")
        if total is not None and percentage is not None:
            share = max(1, total * percentage // 100)
            per_source = share if per_source is None else min(per_source, share)
        if total is not None and self.total[door.guid] >= total:
            return wording.total_limit
        if per_source is not None and self.by_source[door.guid, client] >= per_source:
            return wording.per_source_limit
        return None

    def enter(self, door: Door, client: str) -> None:
        """Count a connection."""
        self.total[door.guid] += 1
        self.by_source[door.guid, client] += 1

    def leave(self, door: Door, client: str) -> None:
        """Take a connection off again."""
        self.total[door.guid] -= 1
        self.by_source[door.guid, client] -= 1


@dataclass
class Submissions:
    """Messages of the last minute per connector and source (MessageRateLimit)."""

    times: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def admit(self, door: Door, source: str) -> bool:
        """Count a message and tell whether it is within the limit."""
        limit = door.number("MessageRateLimit")
        if limit is None or not door.flags("MessageRateSource") & {"IPAddress", "User", "All"}:
            return True
        recent, now = self.times.setdefault((door.guid, source), deque()), time.monotonic()
        while recent and recent[0] < now - 60:
            recent.popleft()
        if len(recent) >= limit:
            return False
        recent.append(now)
        return True
