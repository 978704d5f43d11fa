# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_connection import Target
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_probe import Answer, Manners, Probe, Question
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import Reply
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_report import check_words, disappointment, report

GIVEN: dict[str, Any] = {
    "host": "ex1",
    "rcpt_to": ["a@outside.test"],
    "mail_from": "me@here.test",
    "helo_name": None,
    "local_domain": None,
    "connect_timeout": 1,
    "timeout": 1,
    "deadline": 1,
    "port": 25,
}


def answer(text: str, form: str = "", proves: bool = True) -> Answer:
    question = Question("a@outside.test", "<me@here.test>", "<a@outside.test>", form, proves)
    return Answer(question, "rcpt", Reply(int(text[:3]), (text[4:],)))


def judge(expect: str | None, *texts: str, forms: tuple[Answer, ...] = ()) -> str:
    probe = Probe(Target("ex1", 25), Manners(), local="192.0.2.7")
    return disappointment(expect, "ex1:25", probe, [answer(text) for text in texts], list(forms))


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": " "},
        {"rcpt_to": []},
        {"rcpt_to": ["a@b.test\r\nDATA"]},
        {"rcpt_to": ["postmaster"]},
        {"rcpt_to": ["a@b.test>"]},
        {"mail_from": "a b"},
        {"helo_name": "x\ny"},
        {"local_domain": "a b"},
        {"timeout": 0},
        {"port": 70000},
    ],
)
def test_words_that_would_break_the_dialogue(wrong: dict[str, Any]) -> None:
    assert next(iter(wrong)) in check_words({**GIVEN, **wrong})


def test_good_words() -> None:
    assert check_words(GIVEN) == ""
    assert check_words({**GIVEN, "mail_from": "", "helo_name": "me"}) == ""


def test_met() -> None:
    assert judge(None, "250 ok", "550 no") == ""
    assert judge("allowed", "250 ok") == ""
    assert judge("refused", "550 no") == ""
    assert judge("refused", "550 no", forms=(answer("250 ok", "percent_hack", proves=False),)) == ""


def test_not_met_names_both_sides() -> None:
    text = judge("refused", "250 2.1.5 Recipient OK")
    assert "ex1:25 was expected to answer refused to the client 192.0.2.7, but it allowed a@outside.test" in text
    assert "'250 2.1.5 Recipient OK'" in text
    assert "relay_audit" in text
    assert "accepted domain" in judge("allowed", "550 5.7.1 Unable to relay")
    assert "try again later" in judge("refused", "450 4.7.1 Greylisted")
    assert "and 2 more" in judge("allowed", *["550 no"] * 5)


def test_a_long_reply_is_cut() -> None:
    text = judge("allowed", "550 " + "x" * 5000 + "\x1b[2J", "550 " + "y" * 5000)
    assert len(text) < 1200
    assert "\x1b" not in text


def test_an_open_form_is_named() -> None:
    text = judge("refused", "550 no", forms=(answer("250 ok", "null_sender"),))
    assert "in the form null_sender" in text


def test_report() -> None:
    probe = Probe(Target("ex1", 25), Manners())
    result = report(
        probe, [answer("250 ok"), answer("550 no")], [answer("250 ok", "x", False), answer("250 ok", "y")], True
    )
    assert (result["verdict"], result["open_forms"], result["doubtful_forms"]) == ("mixed", ["y"], ["x"])
    assert "forms" not in report(probe, [answer("250 ok")], [], False)
