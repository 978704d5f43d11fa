# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sample report in headless Chromium: on a screen, in the dark, on a phone, on paper, by keyboard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
REPORT = CHECKOUT / "docs" / "examples" / "audit" / "relay-audit.html"
MODULES = CHECKOUT / "build" / "browser" / "node_modules"
ADDRESSES = 4


def missing() -> str:
    """What is needed and not there; ``make browser`` and Debian's chromium bring it."""
    found = {
        "chromium": chromium(),
        "node": shutil.which("node"),
        "playwright-core": (MODULES / "playwright-core").exists(),
        "axe-core": (MODULES / "axe-core").exists(),
    }
    return ", ".join(name for name, there in found.items() if not there)


def chromium() -> str:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """Everything that look.cjs saw; its pictures go to build/browser/pictures for people."""
    lacking = missing()
    if lacking:
        pytest.skip(f"the report cannot be looked at without {lacking}")
    pictures = CHECKOUT / "build" / "browser" / "pictures"
    pictures.mkdir(exist_ok=True)
    script = str(Path(__file__).with_name("look.cjs"))
    command = ["node", script, str(MODULES), chromium(), str(REPORT), str(pictures)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_renders_without_an_error_and_asks_nobody(seen: dict[str, Any]) -> None:
    assert seen["title"] == "Who may relay through Exchange"
    assert (seen["console"], seen["requests"]) == ([], [])


def test_parts_come_in_the_order_of_their_weight(seen: dict[str, Any]) -> None:
    assert [text for text in seen["headings"] if text in PARTS] == PARTS


PARTS = [
    "Findings",
    "Clients, connectors, and what they may do",
    "Who may do what",
    "Registered clients",
    "Servers and accepted domains",
    "Changed since the last report",
]


@pytest.mark.parametrize("way", ["light", "dark", "phone", "print"])
def test_axe_finds_nothing(seen: dict[str, Any], way: str) -> None:
    assert seen["axe"][way] == []


def test_nothing_is_wider_than_its_page(seen: dict[str, Any]) -> None:
    assert {way: width for way, width in seen["width"].items() if width > 0} == {}


def test_search_finds_rows_and_says_how_many(seen: dict[str, Any]) -> None:
    tables = seen["tables"]
    assert [row[1] for row in tables["found"]] == ["Relay copiers"]
    assert tables["count"] == f"1 of {len(tables['all'])} rows"
    assert tables["nothing"] == []


def test_sorts_by_number_both_ways_and_loses_no_row(seen: dict[str, Any]) -> None:
    up, down = (seen["tables"][way] for way in ("ascending", "descending"))
    assert (up["sort"], down["sort"]) == ("ascending", "descending")
    numbers = [int(row[ADDRESSES]) for row in up["rows"]]
    assert numbers == sorted(numbers)
    assert [int(row[ADDRESSES]) for row in down["rows"]] == numbers[::-1]
    assert sorted(up["rows"]) == sorted(seen["tables"]["all"])


def test_everything_is_reached_by_keyboard_and_shows_it(seen: dict[str, Any]) -> None:
    stops = [stop["name"] for stop in seen["keyboard"]]
    assert stops[0] == "a Skip to the findings"
    assert {"input access-search", "input clients-search", "button Connector", "summary As an Ansible task"} <= set(
        stops
    )
    assert [stop["name"] for stop in seen["keyboard"] if not stop["outline"]] == []


def test_paper_is_white_and_shows_what_is_folded(seen: dict[str, Any]) -> None:
    assert seen["paper"]["background"] == "rgb(255, 255, 255)"
    assert seen["paper"]["bytes"] > 10_000
    assert seen["closed"] == 0


def test_reads_without_scripts(seen: dict[str, Any]) -> None:
    assert seen["still"]["tools"] == 0
    assert seen["still"]["rows"] >= len(seen["tables"]["all"])
