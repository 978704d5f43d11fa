# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, folders and lines that no server writes, or only on a bad day: each has a clear result, with exact counts."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_files as log_files

Run = Callable[..., dict[str, Any]]
NAME = "RECV20261124-1.LOG"
FIELDS = "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context"
HEADER = [
    "#Software: Microsoft Exchange Server",
    "#Version: 15.02.1544.004",
    "#Log-type: SMTP Receive Protocol Log",
    "#Date: 2026-11-24T03:00:00.000Z",
    f"#Fields: {FIELDS}",
]
# to one recipient inside, to one outside, and a refusal of another
SAID = [
    "+,,",
    '>,"220 ex1.contoso.com Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 03:00:00 +0000",',
    "<,EHLO copier,",
    ">,250  ex1.contoso.com Hello [192.0.2.77] SIZE PIPELINING,",
    "<,MAIL FROM:<copier@contoso.com> SIZE=12,",
    "*,08DE;2026-11-24T03:00:00.000Z;1,receiving message",
    ">,250 2.1.0 Sender OK,",
    "<,RCPT TO:<ada@contoso.com>,",
    ">,250 2.1.5 Recipient OK,",
    '<,"RCPT TO:<""bob, jr""@fabrikam.example>",',
    ">,250 2.1.5 Recipient OK,",
    "<,RCPT TO:<eve@fabrikam.example>,",
    ">,550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain,",
    "<,DATA,",
    ">,354 Start mail input; end with <CRLF>.<CRLF>,",
    '>,"250 2.6.0 <1@device> [InternalId=7, Hostname=ex1.contoso.com] Queued mail for delivery",',
    "<,QUIT,",
    ">,221 2.0.0 Service closing transmission channel,",
    "-,,Local",
]


def session(
    key: str = "08DE1",
    client: str = "192.0.2.77:4242",
    connector: str = "EX1\\Relay",
    said: list[str] | None = None,
    day: str = "2026-11-24",
) -> list[str]:
    return [
        f"{day}T03:00:{number:02d}.000Z,{connector},{key},{number},192.0.2.25:25,{client},{end}"
        for number, end in enumerate(SAID if said is None else said)
    ]


def content(*parts: list[str], encoding: str = "utf-8") -> bytes:
    return "".join(f"{line}\r\n" for part in parts for line in part).encode(encoding)


WHOLE = content(HEADER, session())
NONE = {"truncated": 0, "foreign": 0, "late": 0, "outside_window": 0, "unfinished": 0, "headers": 5}


@pytest.fixture
def read(tmp_path: Path, run: Run) -> Callable[..., dict[str, Any]]:
    """Reads one file with this content; the accepted domain is contoso.com."""

    def call(data: bytes, name: str = NAME, **options: Any) -> dict[str, Any]:
        (tmp_path / name).write_bytes(data)
        return run(paths=[str(tmp_path)], **{"accepted_domains": ["contoso.com"], **options})

    return call


def counts(result: dict[str, Any]) -> tuple[int, int, int, int, int]:
    """Sessions, messages, recipients inside and outside, and refusals."""
    names = ("sessions", "messages", "recipients_inside", "recipients_outside")
    sessions, messages, inside, outside = (sum(row[name] for row in result["usage"]) for name in names)
    return sessions, messages, inside, outside, sum(sum(row["refusals"].values()) for row in result["usage"])


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


@pytest.mark.parametrize("data", [b"", gzip.compress(b""), content(HEADER), b"\0" * 100])
def test_a_file_with_nothing_in_it_is_none_to_warn_of(read: Run, data: bytes) -> None:
    result = read(data)
    assert (result["usage"], result["problems"], result["warned"]) == ([], [], [])


def test_every_line_cut_at_every_place(read: Run) -> None:
    """A cut line is told as such and counts for nothing, unless what it is counted by stands before the cut."""
    lines = session()
    for place, line in enumerate(lines):
        end = len(line.split(",", 6)[6])
        data_ends = len(line) - len(line.rpartition(",")[2])
        for length in range(1, len(line)):
            cut = [*lines[:place], line[:length], *lines[place + 1 :]]
            result = read(content(HEADER, cut))
            skipped = result["lines_skipped"]
            told = skipped["truncated"] + skipped["foreign"]
            sessions, messages, inside, outside, refused = counts(result)
            assert (sessions, messages <= 1, inside <= 1, outside <= 1, refused <= 1) == (1, True, True, True, True)
            if length <= len(line) - end:
                assert told == 1, line[:length]
            elif length < data_ends:
                # a command is counted by all that it says, other lines by how they begin
                assert told == 1 or (told == 0 and line[-end] != "<"), line[:length]


@pytest.mark.parametrize(
    ("reply", "refusals", "truncated"),
    [
        (">,550,", {"550": 1}, 0),
        (">,550 ,", {"550": 1}, 0),
        (">,550-,", {}, 0),
        (">,550", {}, 1),
        (">,550 5.7", {}, 1),
        (">,550 5.7,", {"550": 1}, 0),
        (">,550 5.7.54 SMTP; Unab", {}, 1),
        ('>,"550 5.7.54 SMTP, Unab', {}, 1),
        (">,55", {}, 1),
        (">,55,", {}, 0),
        (">,", {}, 1),
    ],
)
def test_a_reply_that_is_cut(read: Run, reply: str, refusals: dict[str, int], truncated: int) -> None:
    said = [reply if end.startswith(">,550") else end for end in SAID]
    result = read(content(HEADER, session(said=said)))
    (row,) = result["usage"]
    assert row["refusals"] == refusals
    assert result["lines_skipped"] == NONE | {"truncated": truncated}
    assert (row["sessions"], row["messages"], row["recipients_inside"], row["recipients_outside"]) == (1, 1, 1, 1)


def test_a_refusal_of_several_lines_is_one(read: Run) -> None:
    several = [">,550-5.7.1 Unable,", ">,550-5.7.1 to,", ">,550 5.7.1 relay,"]
    said = [each for end in SAID for each in (several if end.startswith(">,550") else [end])]
    result = read(content(HEADER, session(said=said)))
    assert result["usage"][0]["refusals"] == {"550 5.7.1": 1}
    assert counts(result) == (1, 1, 1, 1, 1)


def test_a_file_that_grows_counts_in_full_at_every_length_in_the_end(read: Run) -> None:
    lengths = [len(WHOLE) - 400, len(WHOLE) - 150, len(WHOLE) - 1]
    for length in lengths:
        result = read(WHOLE[:length])
        whole, _end, rest = WHOLE[:length].rpartition(b"\n")
        assert result["lines_skipped"] == NONE | {"unfinished": 1}
        assert result["lines"] == whole.count(b"\n") + 1 + bool(rest)
    grown = read(WHOLE)
    assert (counts(grown), grown["lines_skipped"]) == ((1, 1, 1, 1, 1), NONE)


def test_headers_foreign_lines_and_a_line_too_long_between_sessions(read: Run) -> None:
    strange = ["x" * 100_000, "hello, world", "\0" * 80, "# a remark", "Get-Content : access denied"]
    result = read(content(HEADER, session("A"), strange, HEADER, session("B"), HEADER, HEADER, session("C")))
    assert counts(result) == (3, 3, 3, 3, 3)
    assert result["lines_skipped"] == NONE | {"headers": 20, "foreign": 5}
    assert result["lines"] == 3 * len(SAID) + 20 + 5


@pytest.mark.parametrize("before", [0, 30_000, 65_000, 65_535])
def test_a_line_of_100_kb_is_dropped_wherever_it_stands(read: Run, before: int) -> None:
    filler = [f"#Date: {'0' * 90}"] * (before // 99)
    long = session(said=[f'<,"RCPT TO:<{"x" * 100_000}@fabrikam.example>",'])
    result = read(content(filler, session("A"), long, session("B")))
    assert counts(result) == (2, 2, 2, 2, 2)
    assert result["lines_skipped"] == NONE | {"headers": len(filler), "foreign": 1}


@pytest.mark.parametrize(
    "stamp",
    [
        "9999-99-99T99:99:99.999Z",
        "2026-02-30T00:00:00.000Z",
        "2026-11-24T25:00:00.000Z",
        "2026-11-24T03:00:99.000Z",
        "yesterday",
        "",
    ],
)
@pytest.mark.parametrize("place", [0, 10, len(SAID) - 1])
def test_a_date_that_is_none_is_neither_first_nor_last(read: Run, stamp: str, place: int) -> None:
    lines = session()
    lines[place] = stamp + lines[place][24:]
    result = read(content(HEADER, lines))
    assert counts(result) == (1, 1, 1, 1, 1)
    first, last = result["first_seen"], result["last_seen"]
    assert ("2026-11-24T03:00:00.000Z" <= first <= last <= "2026-11-24T03:00:18.000Z") is True
    assert result["lines_skipped"]["foreign"] == (place == 0)


def test_connectors_of_one_name_on_two_servers_and_names_that_are_not_ascii(read: Run) -> None:
    names = ["EX1\\Übergang", "EX2\\Übergang", "ex1\\übergang", '"EX1\\Relay, ""alt"""', "EX1\\中継 ☎"]
    parts = [session(f"K{number}", connector=name) for number, name in enumerate(names)]
    result = read(content(HEADER, *parts))
    found = {(row["server"], row["connector"]): row["sessions"] for row in result["usage"]}
    assert found == {
        ("EX1", "Übergang"): 2,
        ("EX2", "Übergang"): 1,
        ("EX1", 'Relay, "alt"'): 1,
        ("EX1", "中継 ☎"): 1,
    }
    assert counts(result) == (5, 5, 5, 5, 5)


@pytest.mark.parametrize(
    ("remote", "client"),
    [
        ("[2001:db8::7]:4242", "2001:db8::7"),
        ("[fe80::1%12]:4242", "fe80::1"),
        ("[fe80::1%Ethernet 2]:4242", "fe80::1"),
        ("[::ffff:192.0.2.77]:4242", "192.0.2.77"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_where_a_client_is(read: Run, remote: str, client: str) -> None:
    result = read(content(HEADER, session(client=remote)))
    assert [row["client"] for row in result["usage"]] == [client]
    assert counts(result) == (1, 1, 1, 1, 1)


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
    result = run(paths=[str(tmp_path)], accepted_domains=["contoso.com"])
    assert counts(result) == (1, 1, 1, 1, 1)
    gone = {"path": str(tmp_path / "RECV20261124-2.LOG"), "problem": "No such file or directory"}
    assert result["problems"] == [gone]


def test_links_that_lead_in_circles(tmp_path: Path, run: Run) -> None:
    (tmp_path / NAME).write_bytes(WHOLE)
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "RECV20261124-2.LOG").symlink_to(tmp_path / "RECV20261124-3.LOG")
    (tmp_path / "RECV20261124-3.LOG").symlink_to(tmp_path / "RECV20261124-2.LOG")
    (tmp_path / "RECV20261124-4.LOG").symlink_to(tmp_path / NAME)
    result = run(paths=[str(tmp_path), str(tmp_path / "again")], accepted_domains=["contoso.com"])
    assert counts(result) == (1, 1, 1, 1, 1)
    assert {each["problem"] for each in result["problems"]} == {"Too many levels of symbolic links"}


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
    beside = run(paths=[str(tmp_path)], accepted_domains=["contoso.com"])
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
