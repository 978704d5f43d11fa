# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as the promised result, and what a report shows of another one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance.expectation import (
    UNCHANGED,
    differences,
    excerpt,
    shown,
)

CONNECTORS = [{"name": "Default", "originating_server": "DC01", "comment": None, "port": 25}]


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        ({"changed": False}, {"changed": False, "more": 1}),
        ({"ranges": ["a", "b"]}, {"ranges": ["b", "a"]}),
        ({"connectors": [{"relays": True}]}, {"connectors": [{"relays": True, "name": "x"}]}),
        ({"msg": {"matches": r"^[^\n]*300[^\n]*$"}}, {"msg": "192.0.2.300 is none"}),
        ({"verdict": {"one_of": ["refused", None]}}, {}),
        ({"auth": {"has": ["Tls"]}}, {"auth": ["Tls", "Integrated"]}),
        ({"auth": {"without": ["Tls"]}}, {"auth": []}),
        ({"connectors": {"same": [{"name": "Default", "port": 25}]}}, {"connectors": CONNECTORS}),
    ],
)
def test_met(expected: Any, seen: Any) -> None:
    assert differences(expected, seen) == []


@pytest.mark.parametrize(
    ("expected", "seen", "told"),
    [
        ({"changed": False}, {"changed": True}, "changed is True, not False"),
        ({"ranges": ["a", "b"]}, {"ranges": ["a"]}, "ranges is ['a'], not ['a', 'b']"),
        ({"c": [{"relays": True}]}, {"c": [{"relays": False}]}, "c[0].relays is False, not True"),
        ({"c": {"name": "x"}}, {}, "c is None, not a dictionary"),
        ({"msg": {"matches": "^one line$"}}, {"msg": "one\nline"}, "msg is 'one\\nline', not matches '^one line$'"),
        ({"auth": {"without": ["Tls"]}}, {"auth": ["Tls"]}, "auth is ['Tls'], not without ['Tls']"),
        ({"auth": {"without": ["Tls"]}}, {}, "auth is None, not without ['Tls']"),
    ],
)
def test_not_met(expected: Any, seen: Any, told: str) -> None:
    assert differences(expected, seen) == [told]


def test_what_shall_be_the_same_is_told_by_its_changes() -> None:
    expected = {"connectors": {"same": CONNECTORS}}
    seen = {"connectors": [{"name": "Default", "originating_server": "DC02", "port": 26}, {"name": "New"}]}
    assert differences(expected, seen) == ["New is new", "Default: port is 26, not 25"]
    assert excerpt(expected, seen) == {"connectors": ["New is new", "Default: port is 26, not 25"]}
    assert excerpt(expected, {"connectors": CONNECTORS}) == shown(expected) == {"connectors": UNCHANGED}


def test_an_excerpt_has_what_the_expectation_speaks_of() -> None:
    assert excerpt({"a": 1, "c": [{"d": 1}]}, {"a": 2, "b": 3, "c": [{"d": 4, "e": 5}]}) == {"a": 2, "c": [{"d": 4}]}
    assert len(str(excerpt("x", "y" * 5000))) == 1001
