# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lengths of time (EnhancedTimeSpan)."""

from __future__ import annotations

import contextlib
import re
from datetime import timedelta

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]{1,7})?")
_CLOCK = re.compile(r"(?:(?P<days>\d+)\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2}(?:\.\d{1,7})?)")
_ISO = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"(?:(?P<weeks>\d+)\s*w)?\s*(?:(?P<days>\d+)\s*d)?\s*(?:(?P<hours>\d+)\s*h)?\s*(?:(?P<minutes>\d+)\s*m(?!s))?"
    r"\s*(?:(?P<seconds>\d+)\s*s)?\s*(?:(?P<milliseconds>\d+)\s*ms)?",
    re.IGNORECASE,
)


def parse(value: object) -> timedelta:
    """Read ``[d.]hh:mm:ss``, ``1h30m``, ``PT10M`` or a number of seconds; raises ValueError.

    A bare number is seconds, not days as in .NET: YAML 1.1 reads an unquoted 10:00:00 as the number 36000 and
    10:00:00.5 as 36000.5.
    """
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    with contextlib.suppress(OverflowError):
        if _SECONDS.fullmatch(text):
            return timedelta(seconds=float(text))
        if (clock := _CLOCK.fullmatch(text)) and _on_the_clock(clock):
            return _sum(clock)
        for pattern in (_ISO, _UNITS):
            if (match := pattern.fullmatch(text)) and any(match.groups()):
                return _sum(match)
    raise ValueError(f"{value!r} is not a length of time; write it as 00:10:00, 10m, PT10M or a number of seconds")


def render(span: timedelta) -> str:
    """Write ``[d.]hh:mm:ss[.fffffff]`` as .NET and Exchange do."""
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{span.days}." if span.days else ""
    fraction = f".{span.microseconds:06d}0" if span.microseconds else ""
    return f"{days}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"


def _on_the_clock(clock: re.Match[str]) -> bool:
    return int(clock["hours"]) < 24 and int(clock["minutes"]) < 60 and float(clock["seconds"]) < 60


def _sum(match: re.Match[str]) -> timedelta:
    return timedelta(**{unit: float(number) for unit, number in match.groupdict().items() if number})
