# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.recent import read, warnings
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.usage import Usage, usages


def used(*addresses: str, connector: str = "Relay", messages: int = 1) -> list[Usage]:
    rows = [
        {
            "server": "EX1",
            "connector": connector,
            "client": address,
            "messages": messages,
            "recipients_outside": 2,
            "first_seen": "2026-11-01T00:00:00.000Z",
            "last_seen": "2026-11-23T16:40:51.482Z",
        }
        for address in addresses
    ]
    return usages([{"usage": rows}])


def one(before: list[str] | None, after: list[str] | None) -> dict[str, Any]:
    sides = [
        {"state": "absent"} if each is None else {"state": "present", "remote_ip_ranges": each}
        for each in (before, after)
    ]
    return {"before": sides[0], "after": sides[1], "before_header": "EX1\\Relay"}


def several(before: list[str], after: list[str]) -> dict[str, Any]:
    return {
        "before": {"EX1\\Relay": {"remote_ip_ranges": before}},
        "after": {"EX1\\Relay": {"remote_ip_ranges": after}},
        "before_header": "relay connectors",
    }


def test_words() -> None:
    (text,) = warnings(used("192.0.2.77", "192.0.2.78"), one(["192.0.2.77", "192.0.2.78"], ["192.0.2.78"]))
    assert text == (
        "192.0.2.77 loses EX1\\Relay, and was last seen there 2026-11-23 16:40 UTC, with 1 message and 2 recipients"
        " outside since 2026-11-01"
    )


@pytest.mark.parametrize(
    ("diff", "count"),
    [
        (several(["192.0.2.0/24"], ["192.0.2.0-192.0.2.76"]), 1),
        (several(["192.0.2.0/24"], ["192.0.2.0/24", "10.0.0.1"]), 0),
        (several([], ["192.0.2.77"]), 0),
        (one(["192.0.2.77"], None), 1),
        (one(None, ["192.0.2.77"]), 0),
        ({}, 0),
    ],
)
def test_only_who_is_taken_away(diff: dict[str, Any], count: int) -> None:
    assert len(list(warnings(used("192.0.2.77"), diff))) == count


def test_use_of_another_connector_and_connections_without_mail_do_not_count() -> None:
    diff = one(["192.0.2.77"], [])
    assert list(warnings(used("192.0.2.77", connector="Other"), diff)) == []
    silent = used("192.0.2.77", messages=0)
    silent[0].sums["recipients_outside"] = 0
    assert list(warnings(silent, diff)) == []


def test_many_are_summed_up() -> None:
    texts = list(warnings(used(*(f"10.0.0.{number}" for number in range(50))), one(["10.0.0.0/24"], [])))
    assert (len(texts), texts[-1]) == (21, "30 more clients that are taken away have been seen in the logs")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"usage": 1}', '{"usage": [{}]}'])
def test_files_that_hold_no_use(tmp_path: Path, text: str) -> None:
    path = tmp_path / "relay-usage.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="holds no use of connectors"):
        read(str(path))
    with pytest.raises(ValueError, match=r"cannot be read \(No such file"):
        read(str(tmp_path / "none.json"))
    path.write_text(json.dumps({"usage": []}))
    assert read(str(path)) == []
