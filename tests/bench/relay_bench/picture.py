# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the README: round trips and seconds of each way to make ten connectors over a slow line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

SIDES = {
    "ours": "this collection",
    "session_per_resource": "a session for each resource",
    "raw_over_psrp": "raw tasks over psrp",
    "raw_over_winrm": "raw tasks over winrm",
}
WHERE = "wan.k10"
COLUMNS = (("requests", "round trips", 190), ("seconds", "seconds", 450))
_WIDTH, _LINE, _BAR = 680, 26, 150
_STYLE = (
    "text{font:13px sans-serif;fill:#24292f}.bar{fill:#8c959f}.ours{fill:#1a7f37}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#6e7681}.ours{fill:#3fb950}}"
)


def drawn(figures: Mapping[str, float]) -> str:
    """The picture as SVG; raises KeyError where a figure is missing."""
    height = _LINE * (len(SIDES) + 1) + 10
    words = "; ".join(
        f"{name}: {figures[f'requests.{WHERE}.{side}']:.0f} round trips, {figures[f'seconds.{WHERE}.{side}']:.0f} s"
        for side, name in SIDES.items()
    )
    return "\n".join(
        [
            # REUSE-IgnoreStart
            "<!-- SPDX-FileCopyrightText: The relayops.exchange contributors -->",
            "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->",
            # REUSE-IgnoreEnd
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img">',
            f"<title>{escape(words)}</title>",
            f"<style>{_STYLE}</style>",
            *_lines(figures),
            "</svg>",
            "",
        ]
    )


def _lines(figures: Mapping[str, float]) -> Iterator[str]:
    for _key, title, left in COLUMNS:
        yield f'<text x="{left}" y="18">{title}</text>'
    for row, (side, name) in enumerate(SIDES.items(), 1):
        top = row * _LINE
        yield f'<text x="0" y="{top + 18}">{escape(name)}</text>'
        for key, _title, left in COLUMNS:
            figure = figures[f"{key}.{WHERE}.{side}"]
            most = max(figures[f"{key}.{WHERE}.{each}"] for each in SIDES)
            width = max(1, round(figure / most * _BAR))
            kind = "ours" if side == "ours" else "bar"
            yield f'<rect class="{kind}" x="{left}" y="{top + 5}" width="{width}" height="16" rx="2"/>'
            yield f'<text x="{left + width + 6}" y="{top + 18}">{figure:.0f}</text>'
