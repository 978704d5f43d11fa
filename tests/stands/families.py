# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many cases each family of tests had and how many failed, and whether one is lacking.

``python families.py TABLE FAMILY…`` shows the table and fails where a family is not in it or had no case: a file that
was renamed, or whose tests were all skipped, would else look as good as one without failures.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Table = dict[str, dict[str, int]]


def summary(reports: Iterable[Any]) -> Table:
    """For each family its ``cases``, ``failures`` and ``skipped``; a test that failed before it could count is one."""
    found: dict[str, Counter[str]] = {}
    for report in reports:
        if report.when != "call" and report.passed:
            continue
        family = Path(report.nodeid.partition("::")[0]).stem.removeprefix("test_")
        told = dict(getattr(report, "user_properties", ()))
        counter = found.setdefault(family, Counter(cases=0, failures=0, skipped=0))
        if report.skipped:
            counter["skipped"] += 1
        elif report.when == "call" or report.failed:
            counter["cases"] += int(told.get("cases", 1))
            counter["failures"] += max(1, int(told.get("failures", 1))) if report.failed else 0
    return {family: dict(counter) for family, counter in sorted(found.items())}


def lines(table: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """The table in words, a family a line."""
    for family, counts in table.items():
        yield f"{family:<16}" + "  ".join(f"{count:>7} {what}" for what, count in counts.items())


def lacking(table: Mapping[str, Mapping[str, int]], wanted: Iterable[str]) -> list[str]:
    """The families that had no case, in the order in which they are wanted."""
    return [family for family in wanted if not table.get(family, {}).get("cases")]


def main(path: str, *wanted: str) -> str | None:
    """What is wrong, None where nothing is."""
    file = Path(path)
    if not file.exists():
        return f"{path} was not written"
    table = json.loads(file.read_text(encoding="utf-8"))
    print("\n".join(lines(table)))
    missing = lacking(table, wanted)
    return f"no case of {', '.join(missing)} was run" if missing else None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
