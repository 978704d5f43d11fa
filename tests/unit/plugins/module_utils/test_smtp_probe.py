# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_connection import Target
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_probe import Manners, Probe, Question
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import ProbeError

MAIL = (b"MAIL", b"250 2.1.0 Sender OK\r\n")
ALLOWED = (*MAIL, b"RCPT", b"250 2.1.5 Recipient OK\r\n")
REFUSED = (*MAIL, b"RCPT", b"550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\r\n")
RSET = (b"RSET", b"250 2.0.0 Resetting\r\n")
END = (*RSET, b"QUIT", b"221 2.0.0 bye\r\n")
ONE = Question("a@outside.test", "<me@here.test>", "<a@outside.test>")
TWO = Question("b@outside.test", "<me@here.test>", "<b@outside.test>")


def probe(server: Any, **manners: Any) -> Probe:
    return Probe(Target("127.0.0.1", server.port, timeout=2), Manners(**manners))


def test_one_transaction_for_each_question(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    server = scripted((*greeting, *REFUSED, *RSET, *ALLOWED, *END))
    answers = probe(server).ask([ONE, TWO])
    assert [(answer.verdict, answer.stage) for answer in answers] == [("refused", "rcpt"), ("allowed", "rcpt")]
    assert [line.split()[0] for line in server.heard] == [
        "EHLO",
        "MAIL",
        "RCPT",
        "RSET",
        "MAIL",
        "RCPT",
        "RSET",
        "QUIT",
    ]
    assert server.heard[:3] == ["EHLO [127.0.0.1]", "MAIL FROM:<me@here.test>", "RCPT TO:<a@outside.test>"]


def test_refused_as_a_client(scripted: Any) -> None:
    asked = probe(scripted((b"554 No SMTP service here\r\n",)))
    answers = asked.ask([ONE])
    assert (answers[0].verdict, answers[0].stage, asked.banner) == ("refused", "connect", "No SMTP service here")


def test_refused_as_a_sender(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    server = scripted((*greeting, b"MAIL", b"530 5.7.57 SMTP; Client was not authenticated\r\n", *END))
    answer = probe(server).ask([ONE])[0]
    assert (answer.verdict, answer.stage, answer.as_result()["refusal"]) == ("refused", "mail", "not_authenticated")


def test_a_refusal_for_now_is_no_refusal(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    server = scripted((*greeting, *MAIL, b"RCPT", b"450 4.7.1 Greylisted\r\n", *END))
    assert probe(server).ask([ONE])[0].verdict == "deferred"


def test_a_limit_at_the_door(scripted: Any) -> None:
    text = b"421 4.3.2 The maximum number of concurrent server connections has exceeded a per-source limit, closing\r\n"
    answer = probe(scripted((text,))).ask([ONE])[0]
    assert (answer.verdict, answer.as_result()["refusal"]) == ("deferred", "per_source_limit")


def test_helo_where_ehlo_is_unknown(scripted: Any) -> None:
    server = scripted((b"220 x\r\n", b"EHLO me", b"500 what\r\n", b"HELO me", b"250 x\r\n", *ALLOWED, *END))
    assert probe(server, name="me").ask([ONE])[0].verdict == "allowed"


def test_a_server_that_has_had_enough_is_asked_again(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    gone = scripted((*greeting, *REFUSED, b"RSET"), (*greeting, *ALLOWED, *END))
    assert [answer.verdict for answer in probe(gone).ask([ONE, TWO])] == ["refused", "allowed"]
    told = scripted(
        (*greeting, *REFUSED, *RSET, *MAIL, b"RCPT", b"421 4.7.0 Too many errors\r\n"), (*greeting, *ALLOWED, *END)
    )
    assert [answer.verdict for answer in probe(told).ask([ONE, TWO])] == ["refused", "allowed"]


def test_421_in_a_fresh_session_is_the_answer(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    busy = (*greeting, b"MAIL", b"421 4.3.2 Service not available\r\n")
    assert [answer.verdict for answer in probe(scripted(busy, busy)).ask([ONE, TWO])] == ["deferred", "deferred"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ((), "closed"),
        ((b"220 x\r\n", b"EHLO"), "closed"),
        ((b"hello\r\n",), "broken"),
        ((b"354 go on\r\n",), "broken"),
        ((b"220 x\r\n", b"EHLO", b"354 go on\r\n"), "broken"),
        ((b"220 x\r\n", b"EHLO", b"250 x\r\n", *MAIL, b"RCPT", b"354 go on\r\n"), "broken"),
        ((b"220 x\r\n", b"EHLO", b"250-a\r\n220 b\r\n"), "broken"),
        ((b"220 x\r\n", b"EHLO", b"250 x\r\n", b"MAIL", b"raw:250 2.1"), "closed"),
        ((b"220 x\r\n", b"EHLO", b"250 x\r\n", *MAIL, b"RCPT"), "closed"),
    ],
)
def test_a_broken_dialogue_is_no_answer(scripted: Any, script: tuple[bytes, ...], kind: str) -> None:
    with pytest.raises(ProbeError) as caught:
        probe(scripted(script)).ask([ONE])
    assert caught.value.kind == kind


def test_a_reply_too_many_is_no_answer(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    """Else every later reply would be taken for the answer to another question."""
    early = (b"220 x\r\n250 hello\r\n", None)
    between = (*greeting, b"MAIL", b"250 2.1.0 ok\r\n250 2.1.5 Recipient OK\r\n", None)
    ahead = (*greeting, *MAIL[:1], b"250 2.1.0 ok\r\n", b"RCPT", b"550 no\r\n250 ok\r\n", None)
    for script in (early, between, ahead):
        with pytest.raises(ProbeError, match="unasked") as caught:
            probe(scripted(script)).ask([ONE, TWO])
        assert caught.value.kind == "broken"


def test_a_farewell_between_commands_is_a_farewell(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    leaves = (*greeting, *REFUSED, b"421 4.4.1 Connection timed out\r\n")
    again = scripted(leaves, (*greeting, *ALLOWED, *END))
    assert [answer.verdict for answer in probe(again).ask([ONE, TWO])] == ["refused", "allowed"]


@pytest.mark.parametrize("code", [b"220", b"221", b"214"])
def test_only_an_acceptance_is_one(scripted: Any, greeting: tuple[bytes, ...], code: bytes) -> None:
    with pytest.raises(ProbeError, match="where no such reply belongs"):
        probe(scripted((*greeting, *MAIL, b"RCPT", code + b" bye\r\n", None))).ask([ONE])
    with pytest.raises(ProbeError, match="where no such reply belongs"):
        probe(scripted((b"250 hello\r\n", None))).ask([ONE])


def test_a_session_that_cannot_be_reset_is_left(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    """Else the next sender would be refused as a second one."""
    stuck = (*greeting, *REFUSED, b"RSET", b"500 what\r\n", None)
    assert [answer.verdict for answer in probe(scripted(stuck, (*greeting, *ALLOWED, *END))).ask([ONE, TWO])] == [
        "refused",
        "allowed",
    ]


def test_a_silent_server_is_waited_for_once(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    asked = Probe(Target("127.0.0.1", scripted((*greeting, *MAIL, None)).port, timeout=0.5), Manners())
    start = time.monotonic()
    with pytest.raises(ProbeError, match=r"no complete reply within 0\.5 s"):
        asked.ask([ONE])
    assert time.monotonic() - start < 0.9
    assert asked.transcript[-1] == "C: QUIT"


def test_the_deadline_holds_for_a_new_connection(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    slow = scripted((*greeting, *REFUSED, b"RSET", 0.4), (*greeting, *ALLOWED, *END))
    with pytest.raises(ProbeError, match="longer than") as caught:
        Probe(Target("127.0.0.1", slow.port, timeout=5, deadline=0.3), Manners()).ask([ONE, TWO])
    assert caught.value.kind == "timeout"


def test_a_refusal_of_tls_is_shown_on_one_line_without_control_characters(scripted: Any) -> None:
    offers = (b"220 x\r\n", b"EHLO", b"250-x\r\n250 starttls \r\n")
    server = scripted((*offers, b"STARTTLS", b"454-4.7.0 \x1b[2Jno\r\n454 " + b"x" * 900 + b"\r\n", None))
    with pytest.raises(ProbeError, match="refused STARTTLS") as caught:
        probe(server, starttls="required").ask([ONE])
    assert "\x1b" not in caught.value.reason
    assert len(caught.value.reason) < 300


def test_authorities_are_looked_at_before_anything_is_asked(scripted: Any, tmp_path: Path) -> None:
    server = scripted((b"220 x\r\n", None))
    with pytest.raises(ProbeError, match="ca_path"):
        probe(server, starttls="if_offered", authorities=str(tmp_path / "none.pem")).ask([ONE])
    assert server.heard == []


def test_tls_required_and_not_offered(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    with pytest.raises(ProbeError, match="STARTTLS"):
        probe(scripted((*greeting, None)), starttls="required").ask([ONE])
    server = scripted((*greeting, *ALLOWED, *END))
    assert probe(server, starttls="if_offered").ask([ONE])[0].verdict == "allowed"


def test_an_address_that_is_not_ascii(scripted: Any, greeting: tuple[bytes, ...]) -> None:
    wide = Question("jörg@outside.test", "<me@here.test>", "<jörg@outside.test>")
    with pytest.raises(ProbeError, match="ASCII"):
        probe(scripted((*greeting, None))).ask([wide])
    server = scripted((b"220 x\r\n", b"EHLO", b"250-x\r\n250 SMTPUTF8\r\n", *ALLOWED, *END))
    assert probe(server).ask([wide])[0].verdict == "allowed"
    assert server.heard[1] == "MAIL FROM:<me@here.test> SMTPUTF8"
