# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures that are asked for, and what each has to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Mark:
    """A key's upper or lower bound, which may depend on other figures; ``words`` say it."""

    words: str
    holds: Callable[[float, Figures], bool]


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
