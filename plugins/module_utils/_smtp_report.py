# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From arguments to questions and from answers to a result. Private to the relayops.exchange collection."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.relayops.exchange.plugins.module_utils._smtp_probe import Answer, Probe, Question
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import shorten

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f<>\u2028\u2029\ud800-\udfff]")


def check_words(given: dict[str, Any]) -> str:
    """Return what is wrong with the arguments, or ""; nothing may break out of a command line."""
    if not given["host"].strip():
        return "host is empty"
    wrong = _wrong_address(given)
    if wrong:
        return wrong
    for option in ("helo_name", "local_domain"):
        if given[option] and _UNSAFE.search(given[option]):
            return f"{option} is {given[option]!r}, which is no domain"
    for option in ("connect_timeout", "timeout", "deadline"):
        if given[option] <= 0:
            return f"{option} must be more than 0 seconds, not {given[option]}"
    if not 0 < given["port"] < 65536:
        return f"port must be from 1 to 65535, not {given['port']}"
    return ""


def _wrong_address(given: dict[str, Any]) -> str:
    if not given["rcpt_to"]:
        return "rcpt_to names no recipient"
    for address in given["rcpt_to"]:
        if _UNSAFE.search(address) or "@" not in address.strip("@"):
            return f"rcpt_to has {address!r}, which is no address of the form name@domain"
    if _UNSAFE.search(given["mail_from"]):
        return f"mail_from is {given['mail_from']!r}, which is no address"
    return ""


def run(probe: Probe, given: dict[str, Any]) -> tuple[list[Answer], list[Answer]]:
    """Ask for every recipient and, if wanted, in every address form; raises ProbeError."""
    sender = given["mail_from"]
    plain = [Question(address, f"<{sender}>", f"<{address}>") for address in given["rcpt_to"]]
    answers = probe.ask(plain)
    if given["forms"] != "all":
        return answers, []
    local = given["local_domain"] or ""
    return answers, probe.ask(
        [form for address in given["rcpt_to"] for form in probe.all_forms(address, sender, local)]
    )


def report(probe: Probe, answers: list[Answer], forms: list[Answer], with_forms: bool) -> dict[str, Any]:
    """Return the module's result."""
    verdicts = {answer.verdict for answer in answers}
    result: dict[str, Any] = {
        "verdict": verdicts.pop() if len(verdicts) == 1 else "mixed",
        "recipients": [answer.as_result() for answer in answers],
        "banner": probe.banner,
        "extensions": probe.extensions,
        "tls": probe.tls,
        "source_address": probe.local,
        "peer_address": probe.peer,
        "transcript": probe.transcript,
    }
    if with_forms:
        result["forms"] = [answer.as_result() for answer in forms]
        result["open_forms"] = _names(forms, True)
        result["doubtful_forms"] = _names(forms, False)
    return result


def _names(forms: list[Answer], proves: bool) -> list[str]:
    found = (each for each in forms if each.verdict == "allowed" and each.question.proves is proves)
    return list(dict.fromkeys(each.question.form for each in found))


def disappointment(expect: str | None, place: str, probe: Probe, answers: list[Answer], forms: list[Answer]) -> str:
    """Return the message for an expectation that was not met, or ""; it names both sides."""
    if not expect:
        return ""
    wrong = [answer for answer in answers if answer.verdict != expect]
    if expect == "refused":
        wrong += [answer for answer in forms if answer.verdict == "allowed" and answer.question.proves]
    if not wrong:
        return ""
    did = "; ".join(_what(answer) for answer in wrong[:3]) + (f"; and {len(wrong) - 3} more" if wrong[3:] else "")
    hint = _hint(wrong[0])
    return f"{place} was expected to answer {expect} to the client {probe.local}, but {did}.{hint}"


def _what(answer: Answer) -> str:
    form = f" in the form {answer.question.form} ({answer.question.recipient})" if answer.question.form else ""
    return f"it {answer.verdict} {answer.question.address}{form} with {shorten(str(answer.reply), 200)!r}"


def _hint(answer: Answer) -> str:
    shown = answer.as_result()
    if answer.verdict == "allowed":
        return " Find with relay_audit by which connector and grant, and take one of them away."
    if answer.verdict == "deferred" and not shown["cause"]:
        return " A refusal for now proves nothing; try again later."
    return f" {shown['cause']} {shown['remedy']}".rstrip()
