# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a promise expects of a task's result, as data, and where the result differs from it.

An expectation has the shape of the result, with only the keys that matter: a dictionary is met key by key, a list of
dictionaries item by item, any other list whatever its order. In place of a value there may be one word with what it
compares to: ``{matches: pattern}`` (a regular expression), ``{one_of: [...]}``, ``{has: [...]}`` (a list with these
items among others), ``{without: [...]}`` (a list that has none of them), ``{same: ...}`` (equal in every detail).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain

# characters of a text that a report shows
LONGEST_TEXT = 1000
# what a reading says of itself: which domain controller answered
PASSING = ("originating_server",)
UNCHANGED = "as it was before"


def _matches(wanted: Plain, seen: Plain) -> bool:
    return isinstance(seen, str) and re.search(str(wanted), seen) is not None


def _one_of(wanted: Plain, seen: Plain) -> bool:
    return seen in _items(wanted)


def _has(wanted: Plain, seen: Plain) -> bool:
    return isinstance(seen, list) and all(any(not differences(one, item) for item in seen) for one in _items(wanted))


def _without(wanted: Plain, seen: Plain) -> bool:
    return isinstance(seen, list) and not any(not differences(one, item) for one in _items(wanted) for item in seen)


def _same(wanted: Plain, seen: Plain) -> bool:
    return _lasting(wanted) == _lasting(seen)


WORDS: dict[str, Callable[[Plain, Plain], bool]] = {
    "matches": _matches,
    "one_of": _one_of,
    "has": _has,
    "without": _without,
    "same": _same,
}


def differences(expected: Plain, seen: Plain, place: str = "") -> list[str]:
    """Where a result is not as expected, one text for each place; empty when it is."""
    word = _word(expected)
    if word and isinstance(expected, dict):
        wanted = expected[word]
        if WORDS[word](wanted, seen):
            return []
        return _changes(wanted, seen) if word == "same" else [f"{place or 'it'} is {seen!r}, not {word} {wanted!r}"]
    if isinstance(expected, dict):
        if not isinstance(seen, dict):
            return [f"{place or 'it'} is {seen!r}, not a dictionary"]
        dot = f"{place}." if place else ""
        return [text for key, value in expected.items() for text in differences(value, seen.get(key), f"{dot}{key}")]
    if isinstance(expected, list):
        return _list_differences(expected, seen, place)
    return [] if expected == seen else [f"{place or 'it'} is {seen!r}, not {expected!r}"]


def excerpt(expected: Plain, seen: Plain) -> Plain:
    """Of a result, what an expectation speaks of; long texts are cut, and of what shall be the same only changes."""
    if _word(expected) == "same":
        return list[Plain](differences(expected, seen)) or UNCHANGED
    if isinstance(expected, dict) and not _word(expected) and isinstance(seen, dict):
        return {key: excerpt(value, seen.get(key)) for key, value in expected.items()}
    if isinstance(expected, list) and isinstance(seen, list) and len(expected) == len(seen):
        return [excerpt(one, item) for one, item in zip(expected, seen, strict=True)]
    return f"{seen[:LONGEST_TEXT]}…" if isinstance(seen, str) and len(seen) > LONGEST_TEXT else seen


def shown(expected: Plain) -> Plain:
    """An expectation for a reader, who is spared the whole of what shall be the same."""
    if _word(expected) == "same":
        return UNCHANGED
    return {key: shown(value) for key, value in expected.items()} if isinstance(expected, dict) else expected


def _changes(wanted: Plain, seen: Plain) -> list[str]:
    """What differs between two lists of dictionaries with names."""
    before, after = (
        {str(item["name"]): item for item in _items(each) if isinstance(item, dict)} for each in (wanted, seen)
    )
    found = [f"{name} is gone" for name in before if name not in after]
    found += [f"{name} is new" for name in after if name not in before]
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        keys = sorted(key for key in {*old, *new} - set(PASSING) if (old.get(key) or None) != (new.get(key) or None))
        found += [f"{name}: {key} is {new.get(key)!r}, not {old.get(key)!r}" for key in keys]
    return found or [f"it is {seen!r}, not {wanted!r}"]


def _lasting(value: Plain) -> Plain:
    """A value without what differs from one reading to the next, and without what is empty."""
    if isinstance(value, dict):
        kept = ((key, _lasting(item)) for key, item in value.items() if key not in PASSING)
        return {key: item for key, item in kept if item not in (None, "")}
    return [_lasting(item) for item in value] if isinstance(value, list) else value


def _list_differences(expected: list[Plain], seen: Plain, place: str) -> list[str]:
    if not isinstance(seen, list) or len(seen) != len(expected):
        return [f"{place or 'it'} is {seen!r}, not {expected!r}"]
    if any(isinstance(item, dict) for item in expected):
        pairs = enumerate(zip(expected, seen, strict=True))
        return [text for number, (one, item) in pairs for text in differences(one, item, f"{place}[{number}]")]
    same = sorted(map(str, expected)) == sorted(map(str, seen))
    return [] if same else [f"{place or 'it'} is {seen!r}, not {expected!r}"]


def _word(expected: Plain) -> str:
    """The word that an expectation consists of, or an empty string."""
    if isinstance(expected, dict) and len(expected) == 1:
        (key,) = expected
        return key if key in WORDS else ""
    return ""


def _items(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else [value]
