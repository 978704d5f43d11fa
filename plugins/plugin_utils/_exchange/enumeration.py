# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enumerations and flags by their names, in any case."""

from __future__ import annotations

from collections.abc import Collection, Iterable

NONE = "None"


def parse_one(value: object, names: Collection[str]) -> str:
    """Return the name as Exchange writes it; raises ValueError with the names that exist."""
    wanted = str(value).strip().casefold()
    for name in names:
        if name.casefold() == wanted:
            return name
    raise ValueError(f"{value!r} is none of {', '.join(names)}")


def parse_flags(value: object, names: Collection[str]) -> frozenset[str]:
    """Read a list of names or one comma-separated text; ``None`` is the empty set and stands alone."""
    flags = frozenset(parse_one(name, names) for name in split(value, ","))
    if NONE in flags and len(flags) > 1:
        raise ValueError(f"None cannot be combined with {', '.join(sorted(flags - {NONE}))}")
    return flags - {NONE}


def render_flags(flags: Iterable[str], names: Collection[str]) -> list[str]:
    """Write the names in Exchange's order of values; ``None`` for the empty set."""
    flags = set(flags)
    known = [name for name in names if name in flags]
    return known + sorted(flags.difference(known)) or [NONE]


def split(value: object, separators: str) -> list[str]:
    """Take a list apart, or one text at the separators and line ends; items come stripped, empty ones are left out."""
    items = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
    if any(item is None or isinstance(item, (bool, dict, list)) for item in items):
        raise ValueError(f"{value!r} has an entry that is no text. Correct it or leave it out")
    texts = [str(item) for item in items]
    for separator in separators + "\n":
        if separator in "".join(texts):
            texts = [part for text in texts for part in text.split(separator)]
    return [stripped for text in texts if (stripped := text.strip())]
