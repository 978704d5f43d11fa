# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets that follow the listening points; runs on the transport's own thread only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from exchange_lab.transport.doors import Endpoint

_BACKLOG = 512


@dataclass
class Listeners:
    """One server socket for each listening point; ``make`` builds the protocol of a session there."""

    make: Callable[[Endpoint], asyncio.Protocol]
    port_of: Callable[[int], int]
    open: dict[Endpoint, asyncio.Server] = field(default_factory=dict)
    failures: dict[Endpoint, str] = field(default_factory=dict)

    async def follow(self, points: Iterable[Endpoint]) -> None:
        """Open what is new and close what is gone; a point that cannot be opened is in ``failures``."""
        wanted = set(points)
        for point in set(self.open) - wanted:
            self.open.pop(point).close()
        self.failures = {}
        for point in sorted(wanted - set(self.open)):
            try:
                self.open[point] = await self._listen(point)
            except OSError as error:
                self.failures[point] = str(error)

    async def _listen(self, point: Endpoint) -> asyncio.Server:
        address, port = point
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: self.make(point), address, self.port_of(port), backlog=_BACKLOG)
