# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server is found to do where no public source says it is what the lab was told to do."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance import inquiry, questions
from exchange_lab.switches import Switches

CHOICES = Switches.choices()
ASKED = [question.__name__ for question in questions.QUESTIONS]
# what is not asked has to be as usual for the rest to be answered, or needs another server or language
LEFT_OUT = {"edge_role", "wording", "se_version", "max_sessions", "wire_shape", "transport_delay"}


def answers(stand: Any, in_session: Any) -> dict[str, str]:
    """The answers of a lab; nothing may be left behind."""
    names = [each.name for each in stand.lab.organisation.connectors("EX01")]
    with in_session(stand.lab) as exchange:
        found = inquiry.ask(exchange, "Acceptance question", 50265, "mark")
    assert [each.name for each in stand.lab.organisation.connectors("EX01")] == names
    assert stand.warnings == []
    return {entry["name"]: entry["answer"] for entry in found if entry["outcome"] == "answered"}


def test_each_question_is_asked_or_said_not_to_be() -> None:
    assert set(ASKED) | set(questions.NOT_ASKED) == set(CHOICES)
    assert not set(ASKED) & set(questions.NOT_ASKED)


@pytest.mark.parametrize("which", [0, -1], ids=["usual", "unusual"])
def test_answers_are_what_the_lab_was_told(which: int, relay_stand: Any, in_session: Any) -> None:
    told = {name: values[which] for name, values in CHOICES.items() if name in ASKED and name not in LEFT_OUT}
    if which:
        # a list can be changed, and a right taken away, where these say yes
        told |= {"hashtable": "accepted", "group_rights": "removable"}
    found = answers(relay_stand(language="de", **told), in_session)
    assert {name: found.get(name) for name in told} == told


def test_the_unusual_alone(relay_stand: Any, in_session: Any) -> None:
    found = answers(relay_stand(hashtable="refused", group_rights="fixed", wording="other"), in_session)
    assert (found["hashtable"], found["group_rights"]) == ("refused", "fixed")
    assert not {"add_present", "remove_missing", "partial_group", "foreign_account_names"} & set(found)
    assert found["wording"]


def test_what_lies_between_the_usual_and_the_unusual(relay_stand: Any, in_session: Any) -> None:
    """Of the questions that are asked, those with a third answer."""
    told = {name: values[1] for name, values in CHOICES.items() if name in ASKED and len(values) > 2}
    assert set(told) == {"unknown_identity", "ipv6_text"}
    found = answers(relay_stand(**told), in_session)
    assert {name: found[name] for name in told} == told
