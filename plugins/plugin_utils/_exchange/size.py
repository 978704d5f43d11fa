# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes in bytes (ByteQuantifiedSize)."""

from __future__ import annotations

import re

UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_WRITTEN = re.compile(r"(?P<number>\d+)\s*(?P<unit>[KMGT]?B)?", re.IGNORECASE)
# "36 MB (37,748,736 bytes)": the number before the bracket is rounded; its separators follow the server's language
_SHOWN = re.compile(r"[\d.,'\s\u2019]+[KMGT]?B\s*\((?P<bytes>[\d.,'\s\u2019]+)\s*bytes?\)", re.IGNORECASE)


def parse(value: object) -> int:
    """Read ``36MB``, ``37748736`` or ``36 MB (37,748,736 bytes)`` into bytes; raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    text = str(value).strip()
    if (shown := _SHOWN.fullmatch(text)) and (digits := re.sub(r"\D", "", shown["bytes"])):
        return int(digits)
    if written := _WRITTEN.fullmatch(text):
        return int(written["number"]) * UNITS[(written["unit"] or "B").upper()]
    raise ValueError(f"{value!r} is not a size; write it as 36MB, 512KB or a number of bytes")


def render(size: int) -> str:
    """Write bytes in the largest exact unit; a bare number is bytes (New-ReceiveConnector, MaxMessageSize)."""
    for unit in ("TB", "GB", "MB", "KB"):
        if size and size % UNITS[unit] == 0:
            return f"{size // UNITS[unit]}{unit}"
    return str(size)
