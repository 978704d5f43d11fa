# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines in, counts out: what the logs of the different versions look like, and what may be wrong with them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils import _receive_log_reader as reader_file
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_domains import AcceptedDomains
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_line import FIELDS, quoted
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_reader import Reader
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_usage import Ledger
from hypothesis import given, settings
from hypothesis import strategies as st

HELLO = ("<,EHLO copier,", ">,250  ex1.example.org Hello [192.0.2.77] SIZE PIPELINING,")
MAIL = ("<,MAIL FROM:<copier@Example.org> SIZE=12,", ">,250 2.1.0 Sender OK,")
TO_INSIDE = ("<,RCPT TO:<ada@example.org>,", ">,250 2.1.5 Recipient OK,")
TO_OUTSIDE = ("<,RCPT TO:<bob@example.net> NOTIFY=NEVER,", ">,250 2.1.5 Recipient OK,")
REFUSED = (
    "<,RCPT TO:<bob@example.net>,",
    "*,Tarpit for '0.00:00:05',",
    ">,550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain,",
)
QUEUED = '>,"250 2.6.0 <1@device> [InternalId=7, Hostname=ex1.example.org] Queued mail for delivery",'
DATA = ("<,DATA,", ">,354 Start mail input; end with <CRLF>.<CRLF>,", QUEUED)
QUIT = ("<,QUIT,", ">,221 2.0.0 Service closing transmission channel,", "-,,Local")
WHOLE = (*HELLO, *MAIL, *TO_INSIDE, *TO_OUTSIDE, *DATA, *QUIT)


def session(
    *ends: str, key: str = "08DE1", client: str = "192.0.2.77:4242", connector: str = r"EX1\Relay", day: int = 24
) -> list[bytes]:
    """The lines of a session, a second apart."""
    rows = [
        "+,,",
        '>,"220 ex1.example.org Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 03:00:00 +0000",',
        *ends,
    ]
    return [
        f"2026-11-{day:02d}T03:00:{number:02d}.000Z,{connector},{key},{number},192.0.2.25:25,{client},{end}\r".encode()
        for number, end in enumerate(rows)
    ]


def read(*parts: list[bytes], since: bytes = b"", until: bytes = b"", most: int = 100) -> Reader:
    reader = Reader(AcceptedDomains(["example.org"]), Ledger(most), since, until)
    for lines in parts:
        reader.read(lines)
    reader.end_folder()
    return reader


def rows(reader: Reader) -> list[dict[str, Any]]:
    return list(reader.ledger.described()["usage"])


def only(reader: Reader) -> dict[str, Any]:
    (row,) = rows(reader)
    return row


def test_one_session() -> None:
    row = only(read(session(*WHOLE)))
    assert row == {
        "server": "EX1",
        "connector": "Relay",
        "client": "192.0.2.77",
        "sessions": 1,
        "messages": 1,
        "recipients_inside": 1,
        "recipients_outside": 1,
        "refused_outside": 0,
        "refusals": {},
        "tls": {},
        "authenticated": 0,
        "proxied": 0,
        "helo_names": {"copier": 1},
        "sender_domains": {"example.org": 1},
        "first_seen": "2026-11-24T03:00:00.000Z",
        "last_seen": "2026-11-24T03:00:15.000Z",
    }


def test_refusals_belong_to_the_recipient_that_they_answer() -> None:
    reader = read(session(*HELLO, *MAIL, *REFUSED, *TO_INSIDE, *DATA, *QUIT))
    row = only(reader)
    assert (row["recipients_inside"], row["recipients_outside"], row["refused_outside"]) == (1, 0, 1)
    assert row["refusals"] == {"550 5.7.54": 1}
    words = reader.ledger.described()["replies"]
    assert words == {"550 5.7.54": "SMTP; Unable to relay recipient in non-accepted domain"}


def test_commands_in_a_pipeline_are_logged_before_their_replies() -> None:
    commands = (MAIL[0], TO_INSIDE[0], TO_OUTSIDE[0], TO_OUTSIDE[0])
    replies = (MAIL[1], ">,250 2.1.5 Recipient OK,", ">,550 5.7.54 SMTP; Unable to relay,", ">,250 2.1.5 Recipient OK,")
    row = only(read(session(*HELLO, *commands, *replies, *DATA)))
    assert (row["recipients_inside"], row["recipients_outside"], row["refused_outside"]) == (1, 1, 1)


def test_a_reply_of_several_lines_as_2007_and_2010_log_it() -> None:
    ehlo = (
        "<,EHLO copier,",
        ">,250-ex1.example.org Hello [192.0.2.77],",
        ">,250-SIZE,",
        ">,250-PIPELINING,",
        ">,250 CHUNKING,",
    )
    row = only(read(session(*ehlo, *MAIL, *TO_OUTSIDE, *DATA)))
    assert (row["recipients_outside"], row["messages"]) == (1, 1)


def test_chunks_are_one_message() -> None:
    chunks = ("<,BDAT 100,", '>,"250 2.6.0 CHUNK received OK, 100 octets",', "<,BDAT 12 LAST,", QUEUED)
    assert only(read(session(*HELLO, *MAIL, *TO_INSIDE, *chunks)))["messages"] == 1


def test_replies_without_enhanced_status_codes() -> None:
    replies = (
        "<,MAIL FROM:<a@example.org>,",
        ">,250 Sender OK,",
        "<,RCPT TO:<b@example.net>,",
        ">,250 Recipient OK,",
    )
    row = only(read(session(*HELLO, *replies, "<,DATA,", ">,354 Start,", ">,250 Queued mail for delivery,")))
    assert (row["recipients_outside"], row["messages"]) == (1, 1)


def test_tls_and_a_logon_without_enhanced_status_codes() -> None:
    """EnhancedStatusCodesEnabled may be off, and a Banner may be without a date."""
    said = (
        *HELLO,
        "<,STARTTLS,",
        ">,220 SMTP server ready,",
        *HELLO,
        "<,AUTH LOGIN,",
        ">,334 <authentication response>,",
    )
    said = (*said, ">,235 <authentication response>,", *MAIL, *TO_OUTSIDE, *DATA)
    for greeting in ('>,"220 ex1 ready at Tue, 24 Nov 2026",', ">,220 mail.example.org,"):
        lines = session(*said)
        lines[1] = lines[1].partition(b',>,"220')[0] + b"," + greeting.encode()
        row = only(read(lines))
        assert (row["tls"], row["authenticated"]) == ({"unknown": 1}, 1)
        assert (row["messages"], row["recipients_outside"]) == (1, 1)


def test_small_letters_and_addresses_without_brackets() -> None:
    told = ("<,helo Copier,", ">,250 ex1,", "<,mail from: copier@example.org,", ">,250 2.1.0 Sender OK,")
    row = only(
        read(session(*told, "<,rcpt to: <x@example.net>,", ">,250 2.1.5 OK,", "<,data,", ">,354 Start,", QUEUED))
    )
    assert (row["recipients_outside"], row["messages"], row["helo_names"]) == (1, 1, {"copier": 1})
    assert row["sender_domains"] == {"example.org": 1}


@pytest.mark.parametrize(
    ("recipient", "outside"),
    [
        ("<ada@example.org> ORCPT=rfc822;ada@example.net", 0),
        ("<bob@example.net> ORCPT=rfc822;bob@example.org", 1),
        ("<@example.org:bob@example.net>", 1),
        ("<postmaster>", 0),
        ("<ada@EXAMPLE.ORG>", 0),
    ],
)
def test_the_domain_of_a_recipient(recipient: str, outside: int) -> None:
    row = only(read(session(*HELLO, *MAIL, f"<,RCPT TO:{recipient},", ">,250 2.1.5 Recipient OK,")))
    assert (row["recipients_inside"], row["recipients_outside"]) == (1 - outside, outside)


def test_a_recipient_with_commas_and_quotes() -> None:
    given_to = '<,"RCPT TO:<""bob, jr""@example.net>",'
    assert only(read(session(*HELLO, *MAIL, given_to, ">,250 2.1.5 Recipient OK,")))["recipients_outside"] == 1


def test_tls_authentication_and_front_ends() -> None:
    secure = (
        "<,STARTTLS,",
        ">,220 2.0.0 SMTP server ready,",
        '*,,"TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded using, say, CALG_AES_256"',
    )
    logon = ("<,AUTH LOGIN,", ">,334 <authentication response>,", "<,c2VjcmV0,", ">,235 <authentication response>,")
    row = only(read(session(*HELLO, *secure, *HELLO, *logon, *MAIL, *TO_OUTSIDE)))
    assert (row["tls"], row["authenticated"], row["recipients_outside"]) == ({"TLSv1.2": 1}, 1, 1)
    old = only(read(session(*HELLO, *secure[:2], *HELLO)))
    assert old["tls"] == {"unknown": 1}
    refused = only(read(session(*HELLO, "<,STARTTLS,", ">,500 5.3.3 Unrecognized command,", *MAIL)))
    assert refused["tls"] == {}


def test_who_speaks_for_others_is_who_may() -> None:
    """A front end on the way to its own transport service; who only says so is a client like others."""
    asked = "<,XPROXYFROM SID=08DE IP=192.0.2.77 PORT=1 DOMAIN=copier,"
    accepted = only(read(session(*HELLO, asked, ">,250 XProxyFrom accepted,", *MAIL, *TO_OUTSIDE)))
    assert (accepted["proxied"], accepted["recipients_outside"]) == (1, 1)
    refused = only(read(session(*HELLO, asked, ">,500 5.3.3 Unrecognized command,", *MAIL, *TO_OUTSIDE)))
    assert (refused["proxied"], refused["recipients_outside"]) == (0, 1)


def test_sessions_whose_lines_are_mixed() -> None:
    one, two = session(*WHOLE, key="A"), session(*WHOLE, key="B", client="192.0.2.78:1")
    mixed = [line for pair in zip(one, two, strict=True) for line in pair]
    found = {row["client"]: (row["messages"], row["recipients_outside"]) for row in rows(read(mixed))}
    assert found == {"192.0.2.77": (1, 1), "192.0.2.78": (1, 1)}


def test_a_session_in_two_files_and_two_sessions_in_two_folders() -> None:
    lines = session(*WHOLE)
    assert only(read(lines[:7], lines[7:]))["sessions"] == 1
    reader = read(lines[:7])
    reader.read(lines)
    reader.end_folder()
    assert only(reader)["sessions"] == 2


def test_names_with_a_comma() -> None:
    reader = read(session(*WHOLE, connector='"EX1\\Relay, ""old"""'))
    row = only(reader)
    assert (row["connector"], row["messages"], row["recipients_outside"]) == ('Relay, "old"', 1, 1)
    assert not any(reader.skipped.values())


def test_fields_in_another_order_and_several_headers() -> None:
    usual = session(*WHOLE, key="A")
    order = [8, 7, 6, 5, 4, 3, 2, 1, 0]
    split = [line.rstrip(b"\r").split(b",", 7) for line in session(*WHOLE, key="B", day=25)]
    whole = [[*parts[:7], *_rest(parts[7])] for parts in split]
    other = [b",".join(quoted(fields[place]) for place in order) for fields in whole]
    header = b"#Fields: " + b",".join(FIELDS[place] for place in order)
    begin = [b"\xef\xbb\xbf#Software: Microsoft Exchange Server\r", b"#Fields: " + b",".join(FIELDS)]
    reader = read([*begin, *usual, header, *other, begin[1], *session(*WHOLE, key="C")])
    assert only(reader)["messages"] == 3
    assert reader.skipped["headers"] == 4
    assert not reader.skipped["foreign"]


def _rest(rest: bytes) -> list[bytes]:
    if rest.startswith(b'"'):
        data, _, context = rest[1:].partition(b'",')
        return [data, context]
    return rest.split(b",", 1)


def test_another_log_in_the_same_file() -> None:
    send = [b"#Log-type: SMTP Send Protocol Log", *session(*WHOLE, key="S")]
    back = [b"#Log-type: SMTP Receive Protocol Log", *session(*WHOLE, key="R")]
    reader = read([*send, *back])
    assert only(reader)["sessions"] == 1
    assert reader.skipped["foreign"] == len(send) - 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"2026-11-24T03:00:0", "foreign"),
        (rb"2026-11-24T03:00:01.000Z,EX1\Relay,08DE1,3,192.0.2.25:25", "truncated"),
        (rb"2026-11-24T03:00:01.000Z,EX1\Relay,08DE1,3,192.0.2.25:25,192.0.2.77:4242,<,AUTH LO", "truncated"),
        (rb'2026-11-24T03:00:01.000Z,EX1\Relay,08DE1,3,192.0.2.25:25,192.0.2.77:4242,<,"AUTH, so', "truncated"),
        (b"\0" * 500, "foreign"),
        (b"hello, world", "foreign"),
        (b"a,b,c,d,e,f,g,h,i", "foreign"),
        (b"now,EX1,08DE9,0,l,r:1,+,,", "foreign"),
        (b"# a remark", "foreign"),
    ],
)
def test_lines_that_are_none(line: bytes, reason: str) -> None:
    lines = session(*WHOLE)
    reader = read([*lines[:5], line, *lines[5:]])
    assert only(reader)["messages"] == 1
    assert reader.skipped[reason] == sum(reader.skipped.values()) == 1


def test_a_line_that_comes_after_the_end() -> None:
    lines = session(*WHOLE)
    late = lines[-1].replace(b"-,,Local", b"<,NOOP,")
    reader = read([*lines, late])
    assert (only(reader)["sessions"], reader.skipped["late"]) == (1, 1)


def test_a_time_window() -> None:
    days = [line for day in (20, 21, 22) for line in session(*WHOLE, key=f"D{day}", day=day)]
    reader = read(days, since=b"2026-11-21T00:00:00.000Z", until=b"2026-11-22T00:00:00.000Z")
    row = only(reader)
    assert (row["sessions"], row["first_seen"][:10], row["last_seen"][:10]) == (1, "2026-11-21", "2026-11-21")
    assert reader.skipped["outside_window"] > 0
    connectors = reader.ledger.described()["connectors"]
    assert connectors[0]["days"] == [{"day": "2026-11-21", "sessions": 1, "messages": 1}]


def test_a_session_that_began_before_the_window() -> None:
    reader = read(session(*HELLO, *MAIL, *TO_INSIDE, *TO_OUTSIDE, *DATA), since=b"2026-11-24T03:00:08.000Z")
    row = only(reader)
    assert (row["sessions"], row["recipients_outside"], row["messages"]) == (1, 1, 1)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["in", "out", "refused"]), max_size=12), st.booleans(), st.randoms())
def test_pipelines_of_any_shape(recipients: list[str], piped: bool, chance: random.Random) -> None:
    """Replies come in the order of the commands, however many commands go ahead of them."""
    exchanges = [{"in": TO_INSIDE, "out": TO_OUTSIDE, "refused": (REFUSED[0], REFUSED[2])}[each] for each in recipients]
    waiting: list[str] = []
    ends: list[str] = []
    for command, reply in [MAIL, *exchanges]:
        ends.append(command)
        waiting.append(reply)
        while waiting and (not piped or chance.random() < 0.5):
            ends.append(waiting.pop(0))
    row = only(read(session(*HELLO, *ends, *waiting, *DATA, *QUIT)))
    got = (row["recipients_inside"], row["recipients_outside"], row["refused_outside"], row["messages"])
    assert got == (recipients.count("in"), recipients.count("out"), recipients.count("refused"), 1)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from(session(*WHOLE))), max_size=40))
def test_nothing_in_a_file_is_fatal_and_every_line_is_accounted_for(lines: list[bytes]) -> None:
    reader = read([line.replace(b"\n", b"") for line in lines])
    assert reader.lines == len(lines)
    assert all(row["sessions"] for row in rows(reader))


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_lost_lines_never_count_more_than_was_there(data: st.DataObject) -> None:
    lines = session(*WHOLE, *())
    kept = [line for line in lines if data.draw(st.booleans())]
    found = rows(read(kept))
    assert all(row["messages"] <= 1 and row["recipients_inside"] + row["recipients_outside"] <= 2 for row in found)


def test_clients_without_end_share_a_row() -> None:
    lines = [line for number in range(50) for line in session(*WHOLE, key=f"K{number}", client=f"10.0.0.{number}:1")]
    reader = read(lines, most=10)
    found = rows(reader)
    assert (len(found), sum(row["messages"] for row in found)) == (11, 50)
    assert next(row for row in found if row["client"] == "")["messages"] == 40
    assert reader.ledger.overflowed == 40


def test_names_replies_and_connectors_without_end_are_bounded() -> None:
    lines: list[bytes] = []
    for number in range(300):
        ends = (f"<,EHLO n{number},", ">,250 OK,", f"<,MAIL FROM:<a@d{number}.example>,", f">,550 5.{number}.1 No,")
        lines += session(*ends, key=f"K{number}")
    row = only(read(lines))
    assert (len(row["helo_names"]), row["helo_names"]["…"]) == (21, 280)
    assert (len(row["sender_domains"]), row["sender_domains"]["…"]) == (21, 280)
    assert (len(row["refusals"]), row["refusals"]["…"]) == (51, 250)


@pytest.fixture
def few_sessions(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reader]:
    monkeypatch.setattr(reader_file, "MOST_SESSIONS", 10)
    return read


def test_sessions_that_never_end_are_given_up(few_sessions: Callable[..., Reader]) -> None:
    lines = [session(*HELLO, *MAIL, *TO_OUTSIDE, *DATA, key=f"K{number}") for number in range(25)]
    reader = few_sessions(*lines)
    row = only(reader)
    assert (row["sessions"], row["messages"]) == (25, 25)
    assert reader.given_up == 15


def test_commands_that_are_never_answered_are_forgotten() -> None:
    reader = Reader(AcceptedDomains([]), Ledger(10))
    reader.read(session(*["<,RCPT TO:<a@b.example>,"] * 5000)[:5000])
    (open_session,) = reader._sessions.values()
    assert len(open_session) > 4000
    reader.trim()
    assert len(open_session) == 2000
