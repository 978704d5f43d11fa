# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders that hold no log, half of one, or one in other clothes: each has a clear result."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_files as log_files
from receive_log_lines import HEADER, NAME, NONE, WHOLE, content, counts, session

Run = Callable[..., dict[str, Any]]


def test_the_whole_of_it(read: Run) -> None:
    result = read(WHOLE)
    assert counts(result) == (1, 1, 1, 1, 1)
    assert (result["lines"], result["lines_skipped"], result["warned"]) == (24, NONE, [])


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + WHOLE,
        b"\xff\xfe" + WHOLE.decode().encode("utf-16-le"),
        b"\xfe\xff" + WHOLE.decode().encode("utf-16-be"),
        WHOLE.replace(b"\r\n", b"\n"),
        gzip.compress(WHOLE),
        gzip.compress(b"\xff\xfe" + WHOLE.decode().encode("utf-16-le")),
        gzip.compress(WHOLE[:700]) + gzip.compress(WHOLE[700:]),
    ],
    ids=["BOM", "UTF-16 LE", "UTF-16 BE", "LF", "gzip", "UTF-16 in gzip", "gzip in two members"],
)
@pytest.mark.parametrize("block", [1, 7, 1 << 16])
def test_the_same_in_other_clothes(read: Run, data: bytes, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "BLOCK", block)
    result = read(data)
    assert counts(result) == (1, 1, 1, 1, 1)
    assert (result["lines"], result["lines_skipped"], result["problems"]) == (24, NONE, [])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (gzip.compress(WHOLE)[:-20], "Compressed file ended before the end-of-stream marker was reached"),
        (gzip.compress(WHOLE)[:10], "Compressed file ended before the end-of-stream marker was reached"),
        (bytes(range(256)) * 40, "No line of it belongs to a receive log"),
        (b"MZ\x90\0" + b"\0" * 5000 + b"\n" * 3, "No line of it belongs to a receive log"),
        (b"hello, world\r\n", "No line of it belongs to a receive log"),
    ],
    ids=["cut gzip", "gzip of nothing but its header", "binary", "program", "text"],
)
def test_what_is_no_log_or_half_of_one_is_told(read: Run, data: bytes, problem: str, tmp_path: Path) -> None:
    result = read(data)
    assert result["problems"] == [{"path": str(tmp_path / NAME), "problem": problem}]
    assert result["warned"] == [f"{tmp_path / NAME} was not read, or not to its end: {problem}."]


@pytest.mark.parametrize("data", [b"", gzip.compress(b"", mtime=0), content(HEADER), b"\0" * 100])
def test_a_file_with_nothing_in_it_is_none_to_warn_of(read: Run, data: bytes) -> None:
    result = read(data)
    assert (result["usage"], result["problems"], result["warned"]) == ([], [], [])


def test_a_file_that_grows_counts_in_full_at_every_length_in_the_end(read: Run) -> None:
    lengths = [len(WHOLE) - 400, len(WHOLE) - 150, len(WHOLE) - 1]
    for length in lengths:
        result = read(WHOLE[:length])
        whole, _end, rest = WHOLE[:length].rpartition(b"\n")
        assert result["lines_skipped"] == NONE | {"unfinished": 1}
        assert result["lines"] == whole.count(b"\n") + 1 + bool(rest)
    grown = read(WHOLE)
    assert (counts(grown), grown["lines_skipped"]) == ((1, 1, 1, 1, 1), NONE)


def test_a_file_that_is_deleted_or_replaced_while_it_is_read(tmp_path: Path, run: Run, monkeypatch: Any) -> None:
    """What was open is read to its end; what has gone is a problem."""
    for number in (1, 2):
        (tmp_path / f"RECV20261124-{number}.LOG").write_bytes(content(HEADER, session(f"K{number}")))
    monkeypatch.setattr(log_files, "BLOCK", 100)
    blocks = log_files.Blocks._blocks

    def rotating(self: log_files.Blocks, file: Any) -> Iterator[list[bytes]]:
        for number, lines in enumerate(blocks(self, file)):
            if number == 3:
                for path in tmp_path.iterdir():
                    path.unlink()
                (tmp_path / "RECV20261124-1.LOG").write_bytes(b"new\n")
            yield lines

    monkeypatch.setattr(log_files.Blocks, "_blocks", rotating)
    result = run(paths=[str(tmp_path)], accepted_domains=["example.org"])
    assert counts(result) == (1, 1, 1, 1, 1)
    gone = {"path": str(tmp_path / "RECV20261124-2.LOG"), "problem": "No such file or directory"}
    assert result["problems"] == [gone]


def test_links_that_lead_in_circles(tmp_path: Path, run: Run) -> None:
    (tmp_path / NAME).write_bytes(WHOLE)
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "RECV20261124-2.LOG").symlink_to(tmp_path / "RECV20261124-3.LOG")
    (tmp_path / "RECV20261124-3.LOG").symlink_to(tmp_path / "RECV20261124-2.LOG")
    (tmp_path / "RECV20261124-4.LOG").symlink_to(tmp_path / NAME)
    result = run(paths=[str(tmp_path), str(tmp_path / "again")], accepted_domains=["example.org"])
    assert counts(result) == (1, 1, 1, 1, 1)
    assert {each["problem"] for each in result["problems"]} == {"Too many levels of symbolic links"}


@pytest.mark.timeout(20)
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, run: Run) -> None:
    """A pipe that nobody writes to, and a device without end."""
    (tmp_path / NAME).write_bytes(WHOLE)
    os.mkfifo(tmp_path / "RECV20261124-2.LOG")
    result = run(paths=[str(tmp_path), "/dev/zero"], accepted_domains=["example.org"])
    assert counts(result) == (1, 1, 1, 1, 1)
    told = {each["path"]: each["problem"] for each in result["problems"]}
    assert told == dict.fromkeys([str(tmp_path / "RECV20261124-2.LOG"), "/dev/zero"], "It is no regular file")


def test_folders_that_may_not_be_looked_into(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shut = tmp_path / "shut"
    shut.mkdir()
    scan = os.scandir

    def refusing(path: Any) -> Any:
        if str(path) == str(shut):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    alone = run(paths=[str(tmp_path)], accepted_domains=[])
    assert f"{shut} cannot be read: Permission denied." in alone["msg"]
    (tmp_path / NAME).write_bytes(WHOLE)
    beside = run(paths=[str(tmp_path)], accepted_domains=["example.org"])
    assert counts(beside) == (1, 1, 1, 1, 1)
    assert beside["problems"] == [{"path": str(shut), "problem": "Permission denied"}]


@pytest.mark.parametrize("path", ["*.LOG", "RECV[0-9", "**/EX?/RECV*", ""])
def test_a_glob_that_matches_nothing(tmp_path: Path, run: Run, path: str) -> None:
    result = run(paths=[str(tmp_path / path)], accepted_domains=[])
    assert (result["failed"], "there is no log at" in result["msg"]) == (True, True)


def test_a_window_in_local_time_over_the_change_of_clocks(read: Run) -> None:
    """The log is in UTC; 02:30 is twice in the night in which clocks go back, told apart by its offset."""
    lines = [
        line.replace("T03:", "T00:") if key == "A" else line.replace("T03:", "T01:")
        for key in "AB"
        for line in session(key, day="2026-10-25")
    ]
    name = "RECV20261025-1.LOG"
    first = read(content(HEADER, lines), name, until="2026-10-25T02:30:00+02:00")
    both = read(content(HEADER, lines), name, since="2026-10-25T02:00:00+02:00", until="2026-10-25T02:30:00+01:00")
    second = read(content(HEADER, lines), name, since="2026-10-25T02:00:00+01:00")
    assert [counts(each)[0] for each in (first, both, second)] == [1, 2, 1]
    assert second["first_seen"] == "2026-10-25T01:00:00.000Z"
