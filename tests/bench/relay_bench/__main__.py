# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of ``make bench``: all keys, or those that are asked for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from . import compute, growth, logs, picture, plays, rounds
from .record import Record

BUILD = plays.CHECKOUT / "build"
PARTS = ("requests", "compute", "log", "growth.ranges", "growth.servers", *rounds.RATIOS)


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="relay_bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; all by default")
    parser.add_argument("--rounds", type=int, default=5, help="how often times are taken (default 5)")
    parser.add_argument("--quick", action="store_true", help="few connectors, one round")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw the README's picture; wants the parts wan.k10"
    )
    parser.add_argument("--output", type=Path, default=BUILD / "bench.json")
    options = parser.parse_args(given)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


def say(text: str) -> None:
    """Tell how far it is."""
    print(f"  {text}", file=sys.stderr, flush=True)


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print and write; 1 where a figure is not what it has to be and could be."""
    options = arguments(given)
    parts = options.parts or PARTS
    plays.link_collection()
    record, folder = Record(), BUILD / "bench" / str(os.getpid())
    number = 1 if options.quick else options.rounds
    if "requests" in parts:
        sizes = (
            {"fresh": (1, 10), "nochange": (1, 10)} if options.quick else {"fresh": (1, 50), "nochange": (1, 50, 500)}
        )
        rounds.requests(record, folder, sizes, say)
    if "compute" in parts:
        compute.measure(record, number)
    if "log" in parts:
        logs.measure(record, folder, number, (2, 20) if options.quick else (100, 1000), say)
    if "growth.ranges" in parts:
        growth.ranges(record, folder, number, say)
    if "growth.servers" in parts:
        growth.servers(record, folder, number, say, (2, 20) if options.quick else (20, 200))
    if wanted := [part for part in rounds.RATIOS if part in parts]:
        rounds.ratios(record, folder, wanted, number, say)
    print(record.table())
    record.write(options.output)
    if options.picture:
        options.picture.write_text(picture.drawn(record.figures), encoding="utf-8")
    return 1 if record.worse() else 0


if __name__ == "__main__":
    sys.exit(main())
