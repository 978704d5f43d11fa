# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import receive_log
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_report import moment

Run = Callable[..., dict[str, Any]]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "SmtpReceive"
    folder.mkdir()
    receive_log.write(folder, 300_000)
    return folder


def test_a_folder(logs: Path, run: Run) -> None:
    result = run(paths=[str(logs)])
    assert (result["changed"], result["files"], result["warned"]) == (False, 1, [])
    # what Ansible would take for something else
    assert not {"skipped", "failed", "unreachable", "results", "ansible_facts"} & set(result)
    assert {row["connector"] for row in result["usage"]} >= {"Relay copiers", "Relay applications"}
    assert sum(row["messages"] for row in result["usage"]) == sum(
        day["messages"] for connector in result["connectors"] for day in connector["days"]
    )
    assert result["lines_skipped"]["headers"] == 5
    assert result["replies"] == {"550 5.7.54": "SMTP; Unable to relay recipient in non-accepted domain"}


def test_packed_and_being_written(logs: Path, run: Run) -> None:
    plain = run(paths=[str(logs)])
    (path,) = logs.iterdir()
    content = path.read_bytes()
    path.unlink()
    (logs / "RECV20261102-1.LOG.gz").write_bytes(gzip.compress(content))
    packed = run(paths=[str(logs)])
    assert packed == plain
    (logs / "RECV20261102-2.LOG").write_bytes(content[:200])
    assert run(paths=[str(logs)])["lines_skipped"]["unfinished"] == 1


def test_a_broken_file_is_told_and_the_others_are_read(logs: Path, run: Run) -> None:
    (logs / "RECV20261101-1.LOG.gz").write_bytes(gzip.compress(b"#Software: x\n" * 1000)[:30])
    result = run(paths=[str(logs)])
    assert result["files"] == 2
    assert result["usage"]
    assert len(result["problems"]) == len(result["warned"]) == 1


def test_a_window(logs: Path, run: Run) -> None:
    whole = run(paths=[str(logs)])
    middle = whole["first_seen"][:17] + "30.000Z"
    before, after = run(paths=[str(logs)], until=middle), run(paths=[str(logs)], since=middle)
    assert before["last_seen"] < middle <= after["first_seen"]
    messages = [sum(row["messages"] for row in result["usage"]) for result in (before, after, whole)]
    assert messages[0] + messages[1] == messages[2]
    assert min(messages) > 0


def test_too_many_clients(logs: Path, run: Run) -> None:
    result = run(paths=[str(logs)], max_clients=5)
    assert "Raise max_clients" in result["warned"][0]
    assert result["overflowed"] > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"since": "yesterday"}, "since is 'yesterday', which is no time"),
        ({"since": "2026-11-24", "until": "2026-11-24"}, "is not before until"),
        ({"since": "2107-01-01"}, "since, 2107-01-01T00:00:00.000Z, is still to come; in UTC it is 20"),
        ({"accepted_domains": ["@"]}, "which is no domain"),
        ({"max_clients": 0}, "max_clients must be at least 1"),
        ({"paths": ["/no/such/folder"]}, "there is no log at /no/such/folder"),
    ],
)
def test_nonsense_is_refused(logs: Path, run: Run, arguments: dict[str, Any], words: str) -> None:
    result = run(**{"paths": [str(logs)], **arguments})
    assert result["failed"]
    assert result["msg"].startswith("Receive logs not read: ")
    assert words in result["msg"]


def test_one_path_of_several_without_a_log_is_a_warning(logs: Path, run: Run) -> None:
    assert run(paths=[str(logs), "/no/such/folder"])["warned"] == ["There is no log at /no/such/folder."]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-24", "2026-11-24T00:00:00.000Z"),
        ("2026-11-24T03:04Z", "2026-11-24T03:04:00.000Z"),
        ("2026-11-24 03:04:05", "2026-11-24T03:04:05.000Z"),
        ("2026-11-24T03:04:05.678Z", "2026-11-24T03:04:05.678Z"),
        ("2026-11-24T03:04+01:00", "2026-11-24T02:04:00.000Z"),
        ("2026-11-24 03:04:05.5-0330", "2026-11-24T06:34:05.500Z"),
        # the hour that there is twice when clocks go back
        ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00.000Z"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00.000Z"),
        ("0001-01-01", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
        ("30d", "2026-10-25T12:00:00.000Z"),
        ("90m", "2026-11-24T10:30:00.000Z"),
        ("2w", "2026-11-10T12:00:00.000Z"),
        ("", ""),
    ],
)
def test_times(text: str, time: str) -> None:
    assert moment("since", text, NOW) == time


@pytest.mark.parametrize(
    "text",
    [
        "999999w",
        "24.11.2026",
        "2026-11-31",
        "-3d",
        "3",
        "2026-11-24T03:04+25:00",
        "+01:00",
        "2026-11-24+01:00",
        "0001-01-01T00:00+01:00",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="which is no time"):
        moment("since", text, NOW)
