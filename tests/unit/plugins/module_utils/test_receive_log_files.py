# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_files as files
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_files import Blocks, find, within
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PATTERNS = ["RECV*.log", "RECV*.log.gz"]


def names(found: list[files.LogFile]) -> list[str]:
    return [os.path.basename(each.path) for each in found]


def make(folder: Path, *made: str) -> None:
    for name in made:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_the_files_of_a_folder_in_the_order_in_which_they_were_begun(tmp_path: Path) -> None:
    make(
        tmp_path,
        "RECV20261124-10.LOG",
        "RECV20261124-9.LOG",
        "RECV20261123-11.log.gz",
        "other.log",
        "SEND20261124-1.log",
    )
    make(tmp_path, "RECV2026112513-1.LOG", "RECV2026112507-2.LOG", "recv-copy.log", "RECV20269999-1.log")
    make(tmp_path, "RECV99991231-1.log")
    found, nothing, closed = find([str(tmp_path)], PATTERNS, True)
    assert names(found) == [
        "RECV20261123-11.log.gz",
        "RECV20261124-9.LOG",
        "RECV20261124-10.LOG",
        "RECV2026112507-2.LOG",
        "RECV2026112513-1.LOG",
        "recv-copy.log",
        "RECV20269999-1.log",
        "RECV99991231-1.log",
    ]
    assert (nothing, closed) == ([], [])


def test_folders_in_folders_globs_and_paths_without_a_log(tmp_path: Path) -> None:
    make(tmp_path, "EX1/FrontEnd/RECV20261124-1.log", "EX1/Hub/RECV20261124-1.log", "EX2/RECV20261124-1.log", "one.txt")
    assert len(find([str(tmp_path)], PATTERNS, True)[0]) == 3
    assert len(find([str(tmp_path)], PATTERNS, False)[0]) == 0
    assert len(find([f"{tmp_path}/EX*/RECV*.log", str(tmp_path / "EX2")], PATTERNS, True)[0]) == 1
    assert names(find([str(tmp_path / "one.txt")], PATTERNS, True)[0]) == ["one.txt"]
    missing = str(tmp_path / "EX3")
    assert find([missing], PATTERNS, True) == ([], [missing], [])


def test_a_packed_file_beside_its_original_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "RECV20261124-1.log", "RECV20261124-1.log.gz", "RECV20261124-2.log.gz")
    assert names(find([str(tmp_path)], PATTERNS, True)[0]) == ["RECV20261124-1.log", "RECV20261124-2.log.gz"]


@pytest.mark.parametrize(
    ("since", "until", "kept"),
    [
        ("", "", [1, 2, 3, 4]),
        ("2026-11-22T00:00:00.000Z", "", [1, 2, 3, 4]),
        ("2026-11-22T12:00:00.000Z", "", [1, 2, 3, 4]),
        ("2026-11-23T00:00:00.000Z", "", [2, 3, 4]),
        ("2026-11-24T00:00:00.000Z", "", [3, 4]),
        ("2027-01-01T00:00:00.000Z", "", [4]),
        ("", "2026-11-22T00:00:00.000Z", [1]),
        ("", "2026-11-22T00:00:01.000Z", [1, 2]),
    ],
)
def test_files_that_by_their_names_are_outside_a_window_are_not_opened(
    tmp_path: Path, since: str, until: str, kept: list[int]
) -> None:
    """A file goes on until the next one is begun, at an unknown time of its day."""
    make(tmp_path, "RECV20261120-1.log", "RECV20261122-2.log", "RECV20261123-3.log", "RECV20261124-4.log")
    found = within(find([str(tmp_path)], PATTERNS, True)[0], since, until)
    assert [int(each.path[-5]) for each in found] == kept


def test_lines_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BLOCK", 7)
    path = tmp_path / "log"
    path.write_bytes(b"one\r\ntwo\n\nthree, and more\nhalf")
    blocks = Blocks(str(path))
    assert [line for lines in blocks for line in lines] == [b"one\r", b"two", b"", b"three, and more"]
    assert (blocks.unfinished, blocks.problem, blocks.size) == (True, "", 30)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=300).map(lambda text: text.replace(b"\0", b"\n")),
    size=st.integers(1, 40),
    packed=st.booleans(),
)
def test_lines_are_the_same_however_they_fall_into_blocks(
    tmp_path: Path, content: bytes, size: int, packed: bool
) -> None:
    path = tmp_path / "log"
    content = b"x" + content
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK", size)
        blocks = Blocks(str(path))
        lines = [line for each in blocks for line in each]
    *whole, rest = content.split(b"\n")
    assert lines == whole
    assert blocks.unfinished == bool(rest.strip(b"\r"))


@pytest.mark.parametrize("length", [70_000, 200_000, 1_000_000])
def test_a_line_without_end_is_dropped_and_not_kept(tmp_path: Path, length: int) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before\n" + b"x" * length * 2 + b"\nafter\nlast\n")
    blocks = Blocks(str(path))
    lines = [line for each in blocks for line in each]
    assert lines[0] == b"before"
    assert lines[-2:] == [b"after", b"last"]
    assert (blocks.too_long, max(map(len, lines)) <= 2 * files.LONGEST_LINE) == (1, True)


def test_a_packed_file_that_is_cut_or_broken(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    packed = gzip.compress(b"".join(b"line %d\n" % number for number in range(10_000)), mtime=0)
    path.write_bytes(packed[: len(packed) // 2])
    blocks = Blocks(str(path))
    assert sum(len(lines) for lines in blocks) > 100
    assert "end-of-stream" in blocks.problem
    path.write_bytes(packed[:200] + b"\xff" * 50 + packed[250:])
    broken = Blocks(str(path))
    list(broken)
    assert broken.problem


def test_a_file_that_has_gone(tmp_path: Path) -> None:
    blocks = Blocks(str(tmp_path / "gone"))
    assert list(blocks) == []
    assert blocks.problem == "No such file or directory"
