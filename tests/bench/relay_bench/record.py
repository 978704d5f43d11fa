# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured: repeated figures with their spread, a table, and build/bench.json."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from .marks import MARKS, OUT_OF_REACH


@dataclass
class Record:
    """Figures by key: the median, and from which to which they went."""

    figures: dict[str, float] = field(default_factory=dict)
    spread: dict[str, tuple[float, float]] = field(default_factory=dict)

    def add(self, key: str, values: Sequence[float]) -> None:
        """Remember a figure that was measured several times, or counted once."""
        self.figures[key] = round(median(values), 3)
        self.spread[key] = round(min(values), 3), round(max(values), 3)

    def missed(self) -> list[str]:
        """The keys that were measured and are not what they have to be."""
        return [
            key
            for key, mark in MARKS.items()
            if key in self.figures and not mark.holds(self.figures[key], self.figures)
        ]

    def worse(self) -> list[str]:
        """The missed keys that could be met, or that are worse than how far they go."""
        return [key for key in self.missed() if key not in OUT_OF_REACH or self.figures[key] > OUT_OF_REACH[key].bound]

    def table(self) -> str:
        """A line for each key."""
        missed = self.missed()
        lines = [f"{'':42} {'figure':>9}  {'from .. to':20} mark"]
        for key in sorted(self.figures, key=lambda one: (one not in MARKS, one)):
            low, high = self.spread[key]
            spread = f"{low:g} .. {high:g}" if low != high else ""
            mark = f"{'MISSED: ' if key in missed else ''}{MARKS[key].words}" if key in MARKS else ""
            if key in missed and key in OUT_OF_REACH:
                mark += f" (out of reach: {OUT_OF_REACH[key].reason})"
            lines.append(f"{key:42} {self.figures[key]:9g}  {spread:20} {mark}".rstrip())
        return "\n".join(lines)

    def write(self, path: Path) -> None:
        """Write it for machines, with what it was measured on."""
        path.parent.mkdir(parents=True, exist_ok=True)
        machine = {"python": platform.python_version(), "machine": platform.machine(), "processors": os.cpu_count()}
        marks = {key: MARKS[key].words for key in self.figures if key in MARKS}
        missed = self.missed()
        reasons = {key: OUT_OF_REACH[key].reason for key in missed if key in OUT_OF_REACH}
        content = {"machine": machine, **asdict(self), "marks": marks, "missed": missed, "out_of_reach": reasons}
        path.write_text(f"{json.dumps(content, indent=2)}\n", encoding="utf-8")
