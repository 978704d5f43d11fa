# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sides by name, each able to make K connectors or to find that nothing is to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from . import plays
from .stage import Stage

Side = Callable[[Stage, str, int], None]


def direct(side: str, stage: Stage, phase: str, number: int, *options: str) -> None:
    """Run a script in a process of its own; RuntimeError with its last words."""
    done = subprocess.run(
        [sys.executable, "-m", "relay_bench.direct", side, phase, str(number), *options],
        input=json.dumps(stage.details),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{side}: {done.stderr[-1000:]}")


def _ours(stage: Stage, _phase: str, number: int) -> None:
    plays.play(stage, plays.ours(stage, number))


def _role(stage: Stage, _phase: str, number: int) -> None:
    plays.play(stage, plays.role(stage, number))


def _empty(stage: Stage, _phase: str, number: int) -> None:
    plays.play(stage, plays.empty(stage, number))


def _raw(kind: str, stage: Stage, _phase: str, number: int) -> None:
    plays.play(stage, plays.raw(stage, number), kind)


def _limit_of_single(stage: Stage, phase: str, number: int) -> None:
    direct("limit", stage, phase, number, "single")


SIDES: dict[str, Side] = {
    "ours": _ours,
    "relay role": _role,
    "limit": partial(direct, "limit"),
    "limit of single statements": _limit_of_single,
    "session per resource": partial(direct, "session_per_resource"),
    "raw over winrm": partial(_raw, "winrm"),
    "raw over psrp": partial(_raw, "psrp"),
    "empty task": _empty,
}
