# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes, timespans and Unlimited values: Exchange's text forms to numbers and back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from exchange_lab.powershell.objects import text_of

UNLIMITED = "Unlimited"
_UNITS = ("B", "KB", "MB", "GB", "TB")
_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[KMGT]?B)?", re.IGNORECASE)
_LONG_SIZE = re.compile(r".*\((?P<bytes>[\d,]+) bytes\)", re.IGNORECASE)
_TIMESPAN = re.compile(
    r"(?P<sign>-)?(?:(?P<days>\d+)\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2})(?:\.(?P<fraction>\d{1,7}))?)?"
)


def parse_size(value: Any) -> int:
    """Bytes of ``36MB``, ``37748736``, ``36 MB (37,748,736 bytes)`` or a number (ByteQuantifiedSize)."""
    text = text_of(value).strip()
    long_form = _LONG_SIZE.fullmatch(text)
    if long_form:
        return int(long_form["bytes"].replace(",", ""))
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(f'"{text}" isn\'t a valid size. The size must be a number with a unit of B, KB, MB, GB or TB.')
    return int(float(match["number"]) * 1024 ** _UNITS.index((match["unit"] or "B").upper()))


def size_text(size: int) -> str:
    """Four significant digits in the largest unit that fits, and the exact bytes: ``36 MB (37,748,736 bytes)``."""
    power = min(max(size.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    return f"{size / 1024**power:.4g} {_UNITS[power]} ({size:,} bytes)"


def parse_timespan(value: Any) -> timedelta:
    """``[d.]hh:mm[:ss[.fffffff]]``; a bare number is days, as TimeSpan.Parse has it (EnhancedTimeSpan)."""
    if isinstance(value, timedelta):
        return timedelta(days=value.days, seconds=value.seconds, microseconds=value.microseconds)
    text = text_of(value).strip()
    if text.isdecimal():
        return timedelta(days=int(text))
    match = _TIMESPAN.fullmatch(text)
    if not match or int(match["hours"]) > 23 or int(match["minutes"]) > 59 or int(match["seconds"] or 0) > 59:
        raise ValueError(f'"{text}" isn\'t a valid timespan. The format is [d.]hh:mm:ss.')
    span = timedelta(
        days=int(match["days"] or 0),
        hours=int(match["hours"]),
        minutes=int(match["minutes"]),
        seconds=int(match["seconds"] or 0),
        microseconds=int((match["fraction"] or "0").ljust(7, "0")[:6]),
    )
    return -span if match["sign"] else span


def timespan_text(span: timedelta) -> str:
    """``1.00:10:00``, as TimeSpan's constant format prints it."""
    sign, rest = ("-", -span) if span < timedelta() else ("", span)
    minutes, seconds = divmod(rest.seconds, 60)
    days = f"{rest.days}." if rest.days else ""
    fraction = f".{rest.microseconds:06d}0" if rest.microseconds else ""
    return f"{sign}{days}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{fraction}"


def parse_integer(value: Any) -> int:
    """An Int32 as PowerShell converts one."""
    text = text_of(value).strip()
    try:
        number = int(text)
    except ValueError:
        raise ValueError("Input string was not in a correct format.") from None
    if not -(2**31) <= number < 2**31:
        raise ValueError("Value was either too large or too small for an Int32.")
    return number


def parse_unlimited(value: Any) -> int | str:
    """A number or the word Unlimited in any case (Unlimited<Int32>)."""
    return UNLIMITED if text_of(value).strip().lower() == "unlimited" else parse_integer(value)


def parse_boolean(value: Any) -> bool:
    """PowerShell takes booleans and numbers for a Boolean parameter, never text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value)
    name = "System.String" if isinstance(value, str) else "null" if value is None else "System.Object"
    raise ValueError(
        f'Cannot convert value "{name}" to type "System.Boolean". Boolean parameters accept only Boolean values and '
        "numbers, such as $True, $False, 1 or 0."
    )
