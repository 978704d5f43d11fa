# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a server takes: documented settings of the lab, not measurements of Exchange.

In ``none``, ``lan`` and ``wan`` Exchange takes the same time, only the way there differs; ``off`` is a lab that answers
as fast as it can, for tests. Round trips of 1 ms and 40 ms stand for a building and a continent; each HTTP request
takes one, those of the authentication included, and the TCP and TLS handshakes take none. For what Exchange itself
takes there is no published measurement; users name 10 to 15 s for a session with Exchange Online (jborean93/omi issue
45). The 1.5 s for a session, 4 s for the snap-in and 60 ms a cmdlet are assumed for a server at hand, on the low side,
and favour whoever opens many.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Latency:
    """Seconds for each HTTP request, for opening an Exchange session, loading its snap-in and running a cmdlet.

    Cmdlets that PowerShell itself brings (Select-Object, ConvertTo-Json …) take none.
    """

    request: float = 0.0
    session: float = 0.0
    snapin: float = 0.0
    cmdlet: float = 0.0

    def wait(self, what: str) -> None:
        """Take the time for ``request``, ``session``, ``snapin`` or ``cmdlet``."""
        if pause := getattr(self, what):
            time.sleep(pause)


_EXCHANGE = Latency(session=1.5, snapin=4.0, cmdlet=0.060)
PROFILES = {
    "off": Latency(),
    "none": _EXCHANGE,
    "lan": replace(_EXCHANGE, request=0.001),
    "wan": replace(_EXCHANGE, request=0.040),
}


def profile(name: str) -> Latency:
    """The profile of that name; raises ValueError."""
    if name not in PROFILES:
        raise ValueError(f"no latency profile {name!r}; there are {', '.join(PROFILES)}")
    return PROFILES[name]
