# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that may be without a limit (Unlimited<Int32>)."""

from __future__ import annotations

UNLIMITED = "Unlimited"


def parse(value: object) -> int | str:
    """Read a number or ``unlimited`` in any case; raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    if text.casefold() == UNLIMITED.casefold():
        return UNLIMITED
    if text.isascii() and text.isdigit():
        return int(text)
    raise ValueError(f"{value!r} is neither a number nor {UNLIMITED}")


def render(value: int | str) -> str:
    """Write it as Exchange does."""
    return str(value)
