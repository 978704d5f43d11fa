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
RATIOS = {
    "raw.wan.k10": ("wan", 10, ("raw over winrm", "raw over psrp"), False),
    "session_per_resource.wan.k10": ("wan", 10, ("session per resource",), False),
    "limit.none.k50": ("none", 50, ("limit",), True),
    "limit.wan.k50": ("wan", 50, ("limit",), True),
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
            taken: dict[str, list[float]] = defaultdict(list)
            sent: dict[str, list[float]] = defaultdict(list)
            for _round in range(rounds):
                for side in ("ours", *others, *(("empty task",) if bare else ())):
                    stage.clear()
                    done = _once(stage, side, "fresh", number, say)
                    taken[side].append(done.seconds)
                    sent[side].append(done.requests)
            _ratio(record, f"wall_ratio.{key}", taken, others, bare)
            for side, seconds in taken.items():
                record.add(f"seconds.{profile}.k{number}.{side.replace(' ', '_')}", seconds)
                record.add(f"requests.{profile}.k{number}.{side.replace(' ', '_')}", sent[side])


def _ratio(record: Record, key: str, taken: Mapping[str, Sequence[float]], others: Sequence[str], bare: bool) -> None:
    """Theirs by ours, or, where an empty task is subtracted, ours by theirs; of several others the fastest."""
    if bare:
        own = [all_of_it - task for all_of_it, task in zip(taken["ours"], taken["empty task"], strict=True)]
        record.add(key, [mine / least for mine, least in zip(own, taken[others[0]], strict=True)])
        return
    fastest = [min(times) for times in zip(*(taken[side] for side in others), strict=True)]
    record.add(key, [theirs / mine for theirs, mine in zip(fastest, taken["ours"], strict=True)])


def _once(stage: Stage, side: str, phase: str, number: int, say: Say) -> Measured:
    done = stage.measure(lambda: SIDES[side](stage, phase, number))
    say(f"{side}, {phase}, {number}: {done.requests} requests, {done.sessions} sessions, {done.seconds:.2f} s")
    return done
