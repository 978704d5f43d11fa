# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a server takes: documented settings of the lab, not measurements of Exchange."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Latency:
    """Seconds for each HTTP request, for opening an Exchange session, loading its snap-in and running a cmdlet."""

    request: float = 0.0
    session: float = 0.0
    snapin: float = 0.0
    cmdlet: float = 0.0

    def wait(self, what: str) -> None:
        """Take the time for ``request``, ``session``, ``snapin`` or ``cmdlet``."""
        if pause := getattr(self, what):
            time.sleep(pause)


PROFILES = {
    "none": Latency(),
    "lan": Latency(0.001, 1.5, 4.0, 0.060),
    "wan": Latency(0.040, 1.5, 4.0, 0.060),
}


def profile(name: str) -> Latency:
    """The profile of that name; raises ValueError."""
    if name not in PROFILES:
        raise ValueError(f"no latency profile {name!r}; there are {', '.join(PROFILES)}")
    return PROFILES[name]
