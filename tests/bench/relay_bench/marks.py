# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures that are asked for, what each has to be, and which of that nobody can reach who looks first.

Where a server takes one statement a pipeline, the least for one connector is 5 requests: 2 to open the session, 2 for
``New-ReceiveConnector | Add-ADPermission``, 1 to close. A tenth more is 5.5, and one read costs 2 more, so that 7 is
the least of all that look before they write. This collection sends 15, and each of the 10 beyond the least keeps a
promise: the try whether the server takes several statements (2; a session remembers the answer, and every task has a
session of its own), which version the server has, since its parameters depend on it (2), which connectors there are
(2), which addresses the server has, none of which may be a client (2), and the list afterwards, by which a change is
reported (2). No entries are read: a new connector's way depends on none, and Add-ADPermission tells what it added.

``requests.nochange`` is held against the least for the same number of connectors. The calls are the same for any
number; but an answer comes in envelopes, of which the server cuts one at 500 KiB whatever the client asks for
(MS-WSMV 2.2.4.10, 3.1.4.1.7; pypsrp asks for that much), which holds 380,000 bytes beside base64. The entries of a
connector are 21,000 bytes, the connector itself 4,700, so that 1, 50 and 500 connectors, beside those of setup, are
0.5, 1.8 and 13 MB. Get-ReceiveConnector and Get-ADPermission have no parameter that leaves out properties, nor is there
for certain a cmdlet in a session without language that does. So the least grows by a request for every 15 connectors,
and ours with it: beside the least there are a second call and, where the answer is cut between the two, an envelope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Mark:
    """A key's upper or lower bound, which may depend on other figures; ``words`` say it."""

    words: str
    holds: Callable[[float, Figures], bool]


@dataclass(frozen=True)
class Reach:
    """How far a key goes whose mark is out of reach: it misses that, and no more than this is let pass."""

    bound: float
    reason: str


OUT_OF_REACH: Mapping[str, Reach] = {
    "requests.fresh.single.k1": Reach(15, "who looks first sends 7 at least, see marks.py"),
}


def _at_most(bound: float) -> Mark:
    return Mark(f"at most {bound:g}", lambda figure, _all: figure <= bound)


def _at_least(bound: float) -> Mark:
    return Mark(f"at least {bound:g}", lambda figure, _all: figure >= bound)


def _beside(other: str, more: float = 0, times: float = 1) -> Mark:
    how = f"{times:g} x {other}" if times != 1 else f"{other} + {more:g}"
    return Mark(f"at most {how}", lambda figure, known: other in known and figure <= known[other] * times + more)


MARKS: Mapping[str, Mark] = {
    **{f"requests.nochange.k{number}": _beside(f"limit.nochange.k{number}", 2) for number in (1, 50, 500)},
    **{f"requests.fresh.k{number}": _beside(f"limit.fresh.k{number}", 2) for number in (1, 50)},
    **{f"requests.fresh.single.k{number}": _beside(f"limit.fresh.single.k{number}", times=1.1) for number in (1, 50)},
    "sessions.fresh": _at_most(1),
    "sessions.nochange": _at_most(1),
    "wall_ratio.raw.wan.k10": _at_least(15),
    "wall_ratio.session_per_resource.wan.k10": _at_least(10),
    "wall_ratio.limit.none.k50": _at_most(1.3),
    "wall_ratio.limit.wan.k50": _at_most(1.05),
    "growth.ranges": _at_most(10.5),
    "growth.servers": _at_most(10.5),
    "plan.cpu_s": _at_most(3),
    "plan.growth": _at_most(11.5),
    "rss_mb": _at_most(300),
    "import_ms": _at_most(40),
    "log.speed_of_split": _at_least(0.5),
    "log.memory_mb": _at_most(200),
    "log.memory_growth_mb": _at_most(20),
    "log.growth": _at_most(13),
}
