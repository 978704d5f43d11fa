# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes minutes: ``nox -s reliability`` runs it, the ordinary suite does not (``norecursedirs``).

Each file is a family, those of other folders that are run along with these too. A test is one case, or as many as it
says with ``record_property("cases", n)``; ``build/reliability.json`` says for each family how many there were and how
many failed. ``RELAYOPS_LONG=1`` has more of them, for a night.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

SUMMARY = Path(__file__).resolve().parents[3] / "build" / "reliability.json"


def summary(reports: Iterable[Any]) -> dict[str, dict[str, int]]:
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


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write and show the table; the process that started the others does, with the reports of all."""
    if hasattr(config, "workerinput"):
        return
    stats = terminalreporter.stats
    reports = [report for kind in ("passed", "failed", "skipped", "error") for report in stats.get(kind, [])]
    table = summary(reports)
    SUMMARY.parent.mkdir(exist_ok=True)
    SUMMARY.write_text(json.dumps(table, indent=2) + "\n")
    terminalreporter.section("reliability")
    for family, counts in table.items():
        words = "  ".join(f"{count:>7} {what}" for what, count in counts.items())
        terminalreporter.write_line(f"{family:<16}{words}")
