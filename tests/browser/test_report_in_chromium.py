# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sample report in headless Chromium: on a screen, in the dark, on a phone, on paper, by keyboard.

And one with thousands of ranges, and names that are long or mean harm.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.relayops.exchange.plugins.filter.relay_usage import relay_usage

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


LONG = "W" * 64
HOSTILE = "<script>document.title='gone'</script>\u202e" + "Q" * 200
PLAY = {
    "hosts": "all",
    "gather_facts": False,
    "tasks": [
        {
            "ansible.builtin.set_fact": {"__relay_audit_result": "{{ lookup('file', result) | from_json }}"},
            "when": "inventory_hostname == 'ex01'",
        },
        {"ansible.builtin.include_role": {"name": "relayops.exchange.relay_audit", "tasks_from": "report.yml"}},
    ],
}


def use() -> dict[str, Any]:
    """What the logs say of 40 connectors: one in three has a chart, one in four does not log."""
    names = [f"{HOSTILE if number % 2 else LONG}{number}" for number in range(40)]
    seen = {"first_seen": "2026-11-01T00:00:00.000Z", "last_seen": "2026-11-23T16:40:51.482Z"}
    days = [{"day": f"2026-11-{day:02}", "sessions": day % 7, "messages": day % 5} for day in range(1, 24)]
    rows = [
        {
            "server": "EX01",
            "connector": name,
            "client": "2001:db8::77",
            "sessions": 9,
            "messages": 9,
            "tls": {"TLSv1.2": 2},
        }
        | seen
        for name in names[::3]
    ]
    used = [{"server": "EX01", "connector": name, "days": days} for name in names[::3]]
    levels = ("none", "verbose", "verbose", "verbose")
    connectors = [
        {"server": "EX01", "name": name, "protocol_logging_level": levels[number % 4]}
        for number, name in enumerate(names)
    ]
    return relay_usage([{"usage": rows, "connectors": used}], [], connectors)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with long and hostile names, thousands of ranges, and a host that could not be audited."""
    result = json.loads(REPORT.with_suffix(".json").read_text())
    for row in result["access"]:
        row["connector"] = LONG
    row["ranges"] = [f"10.1.{number // 256}.{number % 256}" for number in range(3000)]
    for finding in result["findings"]:
        finding["message"] += f" {HOSTILE}"
    for client in result["clients"]:
        client |= {"name": HOSTILE, "owner": LONG * 2}
    folder = tmp_path_factory.mktemp("crowded")
    (folder / "result.json").write_text(json.dumps(result))
    (folder / "play.yml").write_text(yaml.safe_dump([PLAY]))
    hosts = {name: {"ansible_connection": "local"} for name in ("ex01", LONG)}
    given = {"result": str(folder / "result.json"), "relay_audit_folder": str(folder), "relay_audit_formats": "html"}
    (folder / "usage.json").write_text(json.dumps(use()))
    given["relay_audit_usage"] = f"{{{{ lookup('file', '{folder}/usage.json') | from_json }}}}"
    given["ansible_python_interpreter"] = sys.executable
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": given}}))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(folder / "hosts.yml")]
    environment = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build" / "collections")}
    subprocess.run([*command, str(folder / "play.yml")], env=environment, check=True, capture_output=True, timeout=100)
    return folder / "relay-audit.html"


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Everything that look.cjs saw; its pictures go to build/browser/pictures for people."""
    lacking = missing()
    if lacking:
        pytest.skip(f"the report cannot be looked at without {lacking}")
    pictures = CHECKOUT / "build" / "browser" / "pictures"
    pictures.mkdir(exist_ok=True)
    script = str(Path(__file__).with_name("look.cjs"))
    command = ["node", script, str(MODULES), chromium(), str(REPORT), str(pictures)]
    command.append(str(request.getfixturevalue("crowded")))
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


def test_long_and_hostile_names_break_nothing(seen: dict[str, Any]) -> None:
    crowded = seen["crowded"]
    assert crowded["axe"] == []
    assert [len(crowded["charts"]), min(crowded["charts"]) >= 0] == [len(range(0, 40, 3)), True]
    assert {way: width for way, width in crowded["width"].items() if width > 0} == {}
    assert "<script>document.title='gone'</script>\ufffdQQQ" in crowded["text"]
    assert f"{LONG}: It had failed before it was asked." in crowded["text"]
