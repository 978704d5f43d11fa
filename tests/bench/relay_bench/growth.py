# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How time grows: ten times the connectors of 1,200 ranges, ten times the servers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from . import plays, stage
from .record import Record

RANGES = 1200
FORKS = 50


def ranges(record: Record, folder: Path, rounds: int, say: Callable[[str], None]) -> None:
    """Make 1 and 10 connectors of 1,200 ranges each, in turn."""
    taken: dict[int, list[float]] = {1: [], 10: []}
    with stage.stage(folder) as lab:
        for _round in range(rounds):
            for number, seconds in taken.items():
                lab.clear()
                done = lab.measure(lambda count=number: plays.play(lab, _long(lab, count)))  # type: ignore[misc]
                say(f"{number} connectors of {RANGES} ranges: {done.requests} requests, {done.seconds:.2f} s")
                seconds.append(done.seconds)
    record.add("growth.ranges", [ten / one for one, ten in zip(taken[1], taken[10], strict=True)])


def servers(record: Record, folder: Path, rounds: int, say: Callable[[str], None], sizes: tuple[int, int]) -> None:
    """Make a connector on each of 20 and 200 servers, 50 at a time, in turn."""
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    with ExitStack() as stages:
        labs = {size: stages.enter_context(stage.stage(folder / str(size), size)) for size in sizes}
        for _round in range(rounds):
            for size, lab in labs.items():
                lab.clear()
                done = lab.measure(lambda lab=lab: plays.play(lab, plays.on_each(), forks=FORKS))  # type: ignore[misc]
                say(f"{size} servers: {done.requests} requests, {done.sessions} sessions, {done.seconds:.2f} s")
                taken[size].append(done.seconds)
    factor = sizes[1] / sizes[0] / 10
    record.add("growth.servers", [many / few / factor for few, many in zip(*taken.values(), strict=True)])


def _long(lab: stage.Stage, number: int) -> plays.Tasks:
    """Connectors of single addresses, none of which can be merged with another."""
    wanted: list[Any] = [
        {
            "name": stage.name(each),
            "address": lab.address,
            "clients": [_address(each * RANGES + one) for one in range(RANGES)],
        }
        for each in range(number)
    ]
    return [{"relayops.exchange.relay_connector": {"connectors": wanted}}]


def _address(number: int) -> str:
    return f"10.{number >> 7 & 255}.{number << 1 & 255}.1"
