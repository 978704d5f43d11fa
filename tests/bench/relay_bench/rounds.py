# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs sides in turn against one lab: what they cost in requests, and in time beside each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from . import stage as stages
from .record import Record
from .sides import SIDES
from .stage import Measured, Stage

Say = Callable[[str], None]
# ranges against which noise is small: (profile, connectors, what is compared with ours, whether an empty task counts)
RAW = ("raw over winrm", "raw over psrp")
RATIOS = {
    "raw.wan.k10": ("wan", 10, RAW, False),
    "session_per_resource.wan.k10": ("wan", 10, ("session per resource",), False),
    "limit.none.k50": ("none", 50, ("limit",), True),
    "limit.wan.k50": ("wan", 50, ("limit",), True),
    "role.wan.k1": ("wan", 1, RAW, False),
}


def requests(record: Record, folder: Path, sizes: Mapping[str, Sequence[int]], say: Say) -> None:
    """Count requests and sessions of ours and of the limit, with several statements in one pipeline and without."""
    with stages.stage(folder, counting=True) as stage:
        for number in sorted({*sizes["fresh"], *sizes["nochange"]}):
            for side, prefix in (("limit", "limit"), ("ours", "requests")):
                stage.clear()
                for phase in ("fresh", "nochange"):
                    counted = _once(stage, side, phase, number, say)
                    if number in sizes[phase]:
                        record.add(f"{prefix}.{phase}.k{number}", [counted.requests])
                        if side == "ours":
                            record.add(
                                f"sessions.{phase}", [max(counted.sessions, record.figures.get(f"sessions.{phase}", 0))]
                            )
    with stages.stage(folder, 1, "statements=single", counting=True) as stage:
        for number in sizes["fresh"]:
            for side, prefix in (("limit of single statements", "limit"), ("ours", "requests")):
                stage.clear()
                record.add(f"{prefix}.fresh.single.k{number}", [_once(stage, side, "fresh", number, say).requests])


def ratios(record: Record, folder: Path, wanted: Sequence[str], rounds: int, say: Say) -> None:
    """Time sides in turn, all making K connectors, and set them beside ours."""
    with stages.stage(folder) as stage:
        for key in wanted:
            profile, number, others, bare = RATIOS[key]
            stage.latency(profile)
            mine = "relay role" if key.startswith("role.") else "ours"
            taken: dict[str, list[float]] = defaultdict(list)
            sent: dict[str, list[float]] = defaultdict(list)
            for _round in range(rounds):
                for side in (mine, *others, *(("empty task",) if bare else ())):
                    stage.clear()
                    done = _once(stage, side, "fresh", number, say)
                    taken[side].append(done.seconds)
                    sent[side].append(done.requests)
            _ratio(record, f"wall_ratio.{key}", taken, (mine, *others), bare)
            for side, seconds in taken.items():
                record.add(f"seconds.{profile}.k{number}.{side.replace(' ', '_')}", seconds)
                record.add(f"requests.{profile}.k{number}.{side.replace(' ', '_')}", sent[side])


def _ratio(record: Record, key: str, taken: Mapping[str, Sequence[float]], sides: Sequence[str], bare: bool) -> None:
    """Theirs by ours, or, where an empty task is subtracted, ours by theirs; of several others the fastest.

    Of several, each also has a figure of its own, without a mark.
    """
    mine, others = taken[sides[0]], sides[1:]
    if bare:
        own = [all_of_it - task for all_of_it, task in zip(mine, taken["empty task"], strict=True)]
        record.add(key, [each / least for each, least in zip(own, taken[others[0]], strict=True)])
        return
    fastest = [min(times) for times in zip(*(taken[side] for side in others), strict=True)]
    record.add(key, [theirs / each for theirs, each in zip(fastest, mine, strict=True)])
    for side in others if len(others) > 1 else ():
        record.add(f"{key}.{side.replace(' ', '_')}", [one / each for one, each in zip(taken[side], mine, strict=True)])


def _once(stage: Stage, side: str, phase: str, number: int, say: Say) -> Measured:
    done = stage.measure(lambda: SIDES[side](stage, phase, number))
    say(f"{side}, {phase}, {number}: {done.requests} requests, {done.sessions} sessions, {done.seconds:.2f} s")
    return done
