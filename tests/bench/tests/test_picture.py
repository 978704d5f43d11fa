# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture is SVG that says in words what it shows."""

from __future__ import annotations

from xml.etree import ElementTree

from relay_bench import picture

SVG = "{http://www.w3.org/2000/svg}"


def test_bars_in_proportion() -> None:
    figures = {f"{key}.{picture.WHERE}.{side}": 100.0 for key in ("requests", "seconds") for side in picture.SIDES}
    figures[f"seconds.{picture.WHERE}.ours"] = 10.0
    drawn = ElementTree.fromstring(picture.drawn(figures))
    assert "this collection: 100 round trips, 10 s" in drawn.findtext(f"{SVG}title", "")
    widths = [int(bar.get("width", "")) for bar in drawn.iter(f"{SVG}rect")]
    assert widths == [150, 15, *[150] * 6]
