# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as text and as JSON, near enough to Windows PowerShell for a reader of either."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from psrpcore.types import PSObject

from .objects import properties_of, text_of

# Windows PowerShell 5.1 escapes these in JSON strings
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'"}


def lines_of(things: Iterable[Any]) -> Iterator[str]:
    """Lines on the console: strings as they are, objects as a list of their properties (Format-List)."""
    for thing in things:
        properties = list(properties_of(thing))
        if not properties or isinstance(thing, str):
            yield from text_of(thing).splitlines() or [""]
            continue
        width = max(len(name) for name, _ in properties)
        yield ""
        for name, content in properties:
            shown = f"{{{', '.join(map(text_of, content))}}}" if isinstance(content, list) else text_of(content)
            yield f"{name.ljust(width)} : {shown}"
        yield ""


def json_of(things: list[Any], depth: int, *, compress: bool) -> str:
    """What ConvertTo-Json writes: one object alone, several in an array."""
    data = [plain_of(thing, depth) for thing in things]
    shown: Any = data[0] if len(data) == 1 else data
    separators = (",", ":") if compress else (",", ":  ")
    return json.dumps(shown, ensure_ascii=False, indent=None if compress else 4, separators=separators).translate(
        _ESCAPED
    )


def plain_of(thing: Any, depth: int = 8) -> Any:
    """JSON types for an object; what lies deeper than ``depth`` becomes text."""
    if thing is None or isinstance(thing, bool | float):
        return thing
    if isinstance(thing, Enum):
        return int(thing.value)
    if isinstance(thing, int):
        return int(thing)
    if isinstance(thing, str):
        return str(thing)
    if isinstance(thing, datetime):
        moment = thing if thing.tzinfo else thing.replace(tzinfo=UTC)
        return f"/Date({int(moment.timestamp() * 1000)})/"
    if isinstance(thing, uuid.UUID | timedelta):
        return str(thing)
    return _nested(thing, depth)


def _nested(thing: Any, depth: int) -> Any:
    if isinstance(thing, list | tuple):
        return [plain_of(item, depth - 1) for item in thing] if depth >= 0 else text_of(thing)
    if depth < 0 or not isinstance(thing, PSObject | Mapping):
        return text_of(thing)
    return {name: plain_of(content, depth - 1) for name, content in properties_of(thing)}
