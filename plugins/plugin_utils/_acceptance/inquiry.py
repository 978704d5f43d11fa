# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the open questions to a server, with a connector that is there only for that."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance import questions, subject
from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance.subject import Subject
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import (
    Command,
    ErrorRecord,
    Outcome,
    Pipeline,
    Plain,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import literal
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError, check
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange

ANSWERED, NOT_SEEN = "answered", "not_seen"
NO_ANSWER = "This server cannot tell, or what it builds on was not so."


@dataclass
class Questioner:
    """Says something to a server and remembers what, question by question."""

    exchange: Exchange
    said: list[Plain] = field(default_factory=list)
    heard: list[Plain] = field(default_factory=list)

    def say(self, *pipeline: Command) -> Outcome:
        """Run one pipeline; what the version does not know counts as an error of the server."""
        self._note(pipeline)
        try:
            outcome = self.exchange.run(pipeline)[0]
        except ExchangeError as error:
            outcome = Outcome(errors=(ErrorRecord(message=error.reason),))
        self.heard += [record.message for record in outcome.errors]
        return outcome

    def statements(self, *pipelines: Pipeline) -> Outcome | None:
        """Run several pipelines as one."""
        for pipeline in pipelines:
            self._note(pipeline)
        return self.exchange.together(*pipelines)

    def _note(self, pipeline: Pipeline) -> None:
        self.said.append(literal.render(pipeline))

    def answer(self, question: str, answer: str, why: str = "") -> dict[str, Plain]:
        """The entry of a question, with what was said since the last one."""
        entry: dict[str, Plain] = {
            "name": question,
            "outcome": ANSWERED if answer else NOT_SEEN,
            "answer": answer,
            "why": "" if answer else why or NO_ANSWER,
            "commands": self.said,
            "errors": self.heard,
        }
        self.said, self.heard = [], []
        return entry


def ask(exchange: Exchange, name: str, port: int, comment: str) -> list[Plain]:
    """Make a closed connector of that name, put the questions, and remove it in any case; raises ExchangeError.

    The result has one entry for each question: name, outcome (``answered`` or ``not_seen``), answer, why, commands and
    errors.
    """
    quiet = Exchange(exchange.session, lambda _text: None, exchange.domain_controller, exchange.facts.name)
    asked, facts = Questioner(quiet), quiet.facts
    about = Subject(name, facts.name, port, comment, facts.edge)
    made = asked.say(about.new(name, "0.0.0.0", subject.NOBODY, Custom=True, PermissionGroups=["AnonymousUsers"]))  # noqa: S104
    check([made], "Making a connector for the open questions", facts.name)
    about.made = made.objects[0].properties
    try:
        about.user = _anonymous(asked, about)
        found = [asked.answer(one.__name__, one(asked, about)) for one in questions.QUESTIONS]
    finally:
        asked.say(subject.remove(about.identity))
    return [*found, *(Questioner(quiet).answer(name, "", why) for name, why in questions.NOT_ASKED.items())]


def _anonymous(asked: Questioner, about: Subject) -> str:
    """The name of the anonymous logon, which has all the entries that the new connector does not inherit."""
    for entry in asked.say(about.permission("Get")).objects:
        rights = str(entry.properties.get("ExtendedRights")).lower()
        if not entry.properties.get("IsInherited") and subject.SENDER.lower() in rights:
            return str(entry.properties.get("User"))
    return subject.ENGLISH
