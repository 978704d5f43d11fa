# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes minutes: ``nox -s reliability`` runs it, the ordinary suite does not (``norecursedirs``).

Each file is a family, those of other folders that are run along with these too. A test is one case, or as many as it
says with ``record_property("cases", n)``; ``build/reliability.json`` says for each family how many there were and how
many failed, and the session fails if one had none. ``RELAYOPS_LONG=1`` has more of them, for a night.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from families import lines, summary

SUMMARY = Path(__file__).resolve().parents[3] / "build" / "reliability.json"


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
    for line in lines(table):
        terminalreporter.write_line(line)
