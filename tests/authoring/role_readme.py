# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the options table of each role's README from its argument spec: ``python tests/authoring/role_readme.py``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parents[2] / "roles"
BEGIN = "<!-- options: written by tests/authoring/role_readme.py -->"
END = "<!-- end of options -->"


def plain_markup(text: str) -> str:
    """Turn Ansible's markup (``O(x)``, ``V(x)``, ``M(x)``, …) into Markdown code spans."""
    return re.sub(r"\b[OVMCEPI]\(([^)]*)\)", r"`\1`", text)


def cell(option: Mapping[str, Any]) -> str:
    """Return an option's description as one table cell."""
    lines = option["description"]
    text = " ".join(lines if isinstance(lines, list) else [lines])
    return plain_markup(" ".join(text.split())).replace("|", "\\|")


def default(option: Mapping[str, Any]) -> str:
    """Return an option's default as YAML in one line, or that there must be a value."""
    if option.get("required"):
        return "*required*"
    if "default" not in option:
        return ""
    value = yaml.safe_dump(option["default"], default_flow_style=True, width=1000).removesuffix("\n...\n").strip()
    return f"`{value}`"


def table(options: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the options as a Markdown table in the order of the spec."""
    rows = [f"| `{name}` | {default(option)} | {cell(option)} |" for name, option in options.items()]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def spec(role: str) -> Mapping[str, Any]:
    """Return the role's main argument spec."""
    text = (ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    main: Mapping[str, Any] = yaml.safe_load(text)["argument_specs"]["main"]
    return main


def current(role: str) -> str:
    """Return the role's README with its options block as it should be. ValueError if the block is missing."""
    text = (ROLES / role / "README.md").read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"roles/{role}/README.md has no options block")
    return f"{before}{BEGIN}\n\n{table(spec(role)['options'])}\n\n{END}{after}"


def main() -> None:
    """Write all role READMEs anew."""
    for path in sorted(ROLES.glob("*/README.md")):
        path.write_text(current(path.parent.name), encoding="utf-8")


if __name__ == "__main__":
    main()
