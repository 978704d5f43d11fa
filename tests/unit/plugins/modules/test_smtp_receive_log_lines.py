# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that no server writes, or only on a bad day: each is counted as what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from receive_log_lines import HEADER, NONE, SAID, content, counts, session

Run = Callable[..., dict[str, Any]]


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
        (">,550", {"550": 1}, 0),
        (">,550-", {}, 1),
        (">,550-5.7.54 SM", {}, 1),
        (">,550 5.7", {"550": 1}, 0),
        (">,550 5.7,", {"550": 1}, 0),
        (">,550 5.7.54 SMTP; Unab", {"550 5.7.54": 1}, 0),
        ('>,"550 5.7.54 SMTP, Unab', {"550 5.7.54": 1}, 0),
        (">,5501,", {}, 0),
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


@pytest.mark.parametrize("reply", [">,550", ">,550 5.7.54 SMTP; Una", '>,"550 5.7.54 SMTP, Una'])
def test_a_cut_refusal_leaves_the_recipients_after_it_in_their_order(read: Run, reply: str) -> None:
    start, end = SAID[:7], SAID[13:]
    said = [*start, "<,RCPT TO:<eve@example.net>,", reply, "<,RCPT TO:<ada@example.org>,", ">,250 2.1.5 OK,", *end]
    result = read(content(HEADER, session(said=said)))
    assert counts(result) == (1, 1, 1, 0, 1)
    assert result["usage"][0]["refused_outside"] == 1


def test_a_refusal_of_several_lines_is_one(read: Run) -> None:
    several = [">,550-5.7.1 Unable,", ">,550-5.7.1 to,", ">,550 5.7.1 relay,"]
    said = [each for end in SAID for each in (several if end.startswith(">,550") else [end])]
    result = read(content(HEADER, session(said=said)))
    assert result["usage"][0]["refusals"] == {"550 5.7.1": 1}
    assert counts(result) == (1, 1, 1, 1, 1)


def test_headers_foreign_lines_and_a_line_too_long_between_sessions(read: Run) -> None:
    strange = ["x" * 100_000, "hello, world", "\0" * 80, "# a remark", "Get-Content : access denied"]
    result = read(content(HEADER, session("A"), strange, HEADER, session("B"), HEADER, HEADER, session("C")))
    assert counts(result) == (3, 3, 3, 3, 3)
    assert result["lines_skipped"] == NONE | {"headers": 20, "foreign": 5}
    assert result["lines"] == 3 * len(SAID) + 20 + 5


@pytest.mark.parametrize("before", [0, 30_000, 65_000, 65_535])
def test_a_line_of_100_kb_is_dropped_wherever_it_stands(read: Run, before: int) -> None:
    filler = [f"#Date: {'0' * 90}"] * (before // 99)
    long = session(said=[f'<,"RCPT TO:<{"x" * 100_000}@example.net>",'])
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
