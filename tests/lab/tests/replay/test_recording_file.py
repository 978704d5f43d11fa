# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording that is not one, or not a whole one, is refused with one line that says where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.__main__ import main
from exchange_lab.replay.recording import FORMAT, read

HEADER = {"format": FORMAT, "version": 1}
OPEN = {
    "session": "a",
    "round": 1,
    "host": "ex01",
    "shell": "exchange",
    "sent": {"open": "Microsoft.Exchange"},
    "received": {"protocol": "2.3"},
}
GET = OPEN | {
    "round": 2,
    "sent": {"statements": [[{"cmdlet": "Get-X", "parameters": {}}]]},
    "received": {"messages": []},
}
SCRIPT = OPEN | {"shell": "host", "sent": {"script": "Get-X"}, "received": {"exit_code": 0, "stdout": "", "stderr": ""}}
PROBE = OPEN | {"shell": "smtp", "sent": {"probe": []}, "received": {"transcript": []}}
BOMB = '<!DOCTYPE a [<!ENTITY b "c">]><S>&b;</S>'


def written(path: Path, *entries: Any) -> Path:
    file = path / "recording"
    file.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    return file


def test_rounds_come_by_host_with_the_variables(tmp_path: Path) -> None:
    found = read(written(tmp_path, HEADER, OPEN, SCRIPT | {"host": "ex02"}, GET, {"variables": {"relay": "192.0.2.1"}}))
    assert [(host, len(rounds)) for host, rounds in found.hosts.items()] == [("ex01", 2), ("ex02", 1)]
    assert found.variables == {"relay": "192.0.2.1"}


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([], "it is no recording of version 1"),
        ([HEADER | {"version": 2}, OPEN], "it is no recording of version 1"),
        ([[1, 2]], "it is no recording of version 1"),
        ([HEADER], "nothing is recorded in it"),
        ([HEADER, 5], "line 2: it is no object"),
        ([HEADER, OPEN | {"host": None}], "line 2: host is missing, or is no text of one line"),
        ([HEADER, OPEN | {"host": "a\u202eb"}], "line 2: host is missing, or is no text of one line"),
        ([HEADER, OPEN | {"round": "1"}], "line 2: round is missing, or is no number that can be"),
        ([HEADER, OPEN | {"shell": "bash"}], "line 2: shell is none of exchange, host, smtp"),
        ([HEADER, OPEN, GET | {"shell": "host"}], "line 3: sent has none of script"),
        ([HEADER, OPEN, GET | {"sent": {"statements": [["Get-X"]]}}], "line 3: sent.statements is no list of lists"),
        ([HEADER, GET | {"received": {"messages": [{"type": "OUTPUT"}]}}], "line 2: received.messages is no list"),
        (
            [HEADER, GET | {"received": {"messages": [{"type": "PIPELINE_OUTPUT", "clixml": BOMB}]}}],
            "line 2: received.messages is no list",
        ),
        (
            [HEADER, PROBE | {"received": {"transcript": ["S: 220", 5]}}],
            "line 2: received.transcript is no list of lines",
        ),
        ([HEADER, PROBE | {"received": {}}], "line 2: received.transcript is no list of lines"),
        (
            [HEADER, OPEN, {"variables": {"a": [{"b": "{{ 1 }}"}]}}],
            "line 3: variables has a template, which Ansible would",
        ),
        ([HEADER, OPEN, {"variables": {"a": {"{% raw": 1}}}], "line 3: variables has a template, which"),
        (
            [HEADER, OPEN, {"variables": {"Ansible_shell_type": "cmd"}}],
            "line 3: variables has Ansible_shell_type, which",
        ),
        ([HEADER, OPEN | {"received": {"protocol": "9" * 99}}], "line 2: received.protocol is no version"),
        ([HEADER, SCRIPT | {"received": {"exit_code": "0"}}], "line 2: received is not exit_code, stdout and stderr"),
        ([HEADER, OPEN | {"broken": {"how": "explosion"}}], "line 2: broken.how is none of status, fault"),
        ([HEADER, OPEN | {"broken": {"how": "status", "status": "503"}}], "line 2: broken.status or broken.code"),
    ],
)
def test_what_is_wrong_is_told(
    tmp_path: Path, entries: list[Any], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, *entries)
    assert main(["--replay", str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"exchange_lab: {file}: {reason}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00", "it is no recording, since it is no text"),
        (f"{json.dumps(HEADER)}\n{json.dumps(OPEN)[:50]}".encode(), "line 2 is cut off"),
        (f"{json.dumps(HEADER)}\n{json.dumps(OPEN)}".encode(), "line 2 is cut off"),
        (f"{json.dumps(HEADER)}\n{'[' * 100_000}\n".encode(), "line 2: it is no JSON"),
        (b"[" * 100_000, "it is no recording of version 1"),
        (b"<Objs/>\n", "it is no recording of version 1"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "recording"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=f"^{file}: {reason}$"):
        read(file)


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--replay", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == f"exchange_lab: {tmp_path / 'none'}: No such file or directory\n"
