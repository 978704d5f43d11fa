# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs sides in turn against one lab: what they cost in requests, and in time beside each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import stage as stages
from .record import Record
from .sides import SIDES
from .stage import Measured, Stage

Say = Callable[[str], None]
RAW = ("raw over winrm", "raw over psrp")


@dataclass(frozen=True)
class Ratio:
    """What is set beside ours: ``others`` by ours, or with ``bare`` ours by the other, less an empty task's time."""

    profile: str
    number: int
    others: tuple[str, ...]
    mine: str = "ours"
    bare: bool = False

    @property
    def sides(self) -> tuple[str, ...]:
        """All that have to run."""
        return self.mine, *self.others, *(("empty task",) if self.bare else ())


RATIOS = {
    "raw.wan.k10": Ratio("wan", 10, RAW),
    "session_per_resource.wan.k10": Ratio("wan", 10, ("session per resource",)),
    "limit.none.k50": Ratio("none", 50, ("limit",), bare=True),
    "limit.wan.k50": Ratio("wan", 50, ("limit",), bare=True),
    "role.wan.k1": Ratio("wan", 1, RAW[:1], mine="relay role"),
}


def requests(record: Record, folder: Path, sizes: Mapping[str, Sequence[int]], say: Say) -> None:
    """Count requests and sessions of ours and of the limit, with several statements in one pipeline and without."""
    with stages.stage(folder, counting=True) as stage:
        for number in sorted({*sizes["fresh"], *sizes["nochange"]}):
            for side, prefix in (("ours", "requests"), ("limit", "limit")):
                if side == "ours" or number in sizes["fresh"]:
                    stage.clear()
                    _counted(record, prefix, "fresh", number, _once(stage, side, "fresh", number, say))
                if number in sizes["nochange"]:
                    _counted(record, prefix, "nochange", number, _once(stage, side, "nochange", number, say))
    with stages.stage(folder, 1, "statements=single", counting=True) as stage:
        for number in sizes["fresh"]:
            for side, prefix in (("limit of single statements", "limit"), ("ours", "requests")):
                stage.clear()
                record.add(f"{prefix}.fresh.single.k{number}", [_once(stage, side, "fresh", number, say).requests])


def _counted(record: Record, prefix: str, phase: str, number: int, done: Measured) -> None:
    record.add(f"{prefix}.{phase}.k{number}", [done.requests])
    if prefix == "requests":
        record.add(f"sessions.{phase}", [max(done.sessions, record.figures.get(f"sessions.{phase}", 0))])


def ratios(record: Record, folder: Path, wanted: Sequence[str], rounds: int, say: Say) -> None:
    """Time sides in turn, all making K connectors, and set them beside ours; what is made alike runs once a round."""
    places = dict.fromkeys((RATIOS[key].profile, RATIOS[key].number) for key in wanted)
    with stages.stage(folder) as stage:
        for place in places:
            keys = [key for key in wanted if (RATIOS[key].profile, RATIOS[key].number) == place]
            profile, number = place
            stage.latency(profile)
            taken: dict[str, list[float]] = defaultdict(list)
            sent: dict[str, list[float]] = defaultdict(list)
            for _round in range(rounds):
                for side in dict.fromkeys(side for key in keys for side in RATIOS[key].sides):
                    stage.clear()
                    done = _once(stage, side, "fresh", number, say)
                    taken[side].append(done.seconds)
                    sent[side].append(done.requests)
            for key in keys:
                _ratio(record, f"wall_ratio.{key}", taken, RATIOS[key])
            for side, seconds in taken.items():
                record.add(f"seconds.{profile}.k{number}.{side.replace(' ', '_')}", seconds)
                record.add(f"requests.{profile}.k{number}.{side.replace(' ', '_')}", sent[side])


def _ratio(record: Record, key: str, taken: Mapping[str, Sequence[float]], ratio: Ratio) -> None:
    """The ratio of each round; of several others the fastest counts, each has a figure of its own without a mark."""
    mine, others = taken[ratio.mine], [taken[side] for side in ratio.others]
    if ratio.bare:
        own = [all_of_it - task for all_of_it, task in zip(mine, taken["empty task"], strict=True)]
        record.add(key, [each / least for each, least in zip(own, others[0], strict=True)])
        return
    fastest = [min(times) for times in zip(*others, strict=True)]
    record.add(key, [theirs / each for theirs, each in zip(fastest, mine, strict=True)])
    for side, theirs in zip(ratio.others, others, strict=True) if len(others) > 1 else ():
        record.add(f"{key}.{side.replace(' ', '_')}", [one / each for one, each in zip(theirs, mine, strict=True)])


def _once(stage: Stage, side: str, phase: str, number: int, say: Say) -> Measured:
    done = stage.measure(lambda: SIDES[side](stage, phase, number))
    say(f"{side}, {phase}, {number}: {done.requests} requests, {done.sessions} sessions, {done.seconds:.2f} s")
    return done
