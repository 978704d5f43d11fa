# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures beside their marks."""

from __future__ import annotations

import json
from pathlib import Path

from relay_bench.record import Record


def test_marks_and_spread(tmp_path: Path) -> None:
    record = Record()
    record.add("limit.fresh.k1", [5])
    record.add("requests.fresh.k1", [8])
    record.add("wall_ratio.raw.wan.k10", [14.0, 16.0, 17.5])
    assert record.missed() == ["requests.fresh.k1"]
    assert "MISSED: at most limit.fresh.k1 + 2" in record.table()
    assert "14 .. 17.5" in record.table()
    record.write(tmp_path / "build" / "bench.json")
    written = json.loads((tmp_path / "build" / "bench.json").read_text())
    assert written["figures"]["wall_ratio.raw.wan.k10"] == 16.0
    assert written["spread"]["wall_ratio.raw.wan.k10"] == [14.0, 17.5]
    assert written["missed"] == ["requests.fresh.k1"]
    assert written["machine"]["processors"]


def test_a_mark_beside_a_figure_that_is_not_there() -> None:
    record = Record()
    record.add("requests.fresh.k1", [5])
    assert record.missed() == ["requests.fresh.k1"]


def test_a_mark_that_is_out_of_reach() -> None:
    """It stays missed, and what is worse than known ends with an error."""
    record = Record()
    record.add("limit.fresh.single.k1", [5])
    for figure, worse in ((15, []), (16, ["requests.fresh.single.k1"])):
        record.add("requests.fresh.single.k1", [figure])
        assert (record.missed(), record.worse()) == (["requests.fresh.single.k1"], worse)
        assert "MISSED: at most 1.1 x limit.fresh.single.k1 (out of reach:" in record.table()
