# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks an SMTP server whether it would take a recipient, and stops before any message.

Private to the relayops.exchange collection.
"""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass, field

from ansible_collections.relayops.exchange.plugins.module_utils._smtp_connection import Connection, Target
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_forms import fill
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_refusals import known_refusal
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import ProbeError, Reply, shorten
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_tls import tls_context


@dataclass(frozen=True)
class Question:
    """One sender and recipient as they go into MAIL and RCPT; ``form`` is "" for a recipient as it was given."""

    address: str
    sender: str
    recipient: str
    form: str = ""
    proves: bool = True


@dataclass(frozen=True)
class Answer:
    """The reply that settled a question and the command it answered: connect, ehlo, mail or rcpt."""

    question: Question
    stage: str
    reply: Reply

    @property
    def verdict(self) -> str:
        """``allowed``, ``refused`` (for good) or ``deferred`` (for now, which proves nothing)."""
        return self.reply.outcome

    def as_result(self) -> dict[str, object]:
        """Return the answer as the module shows it."""
        refusal = known_refusal(self.reply) if self.verdict != "allowed" else None
        shown: dict[str, object] = {
            "address": self.question.address,
            "verdict": self.verdict,
            "stage": self.stage,
            "code": self.reply.code,
            "enhanced": self.reply.enhanced,
            "reply": str(self.reply),
            "refusal": refusal.name if refusal else "",
            "cause": refusal.cause if refusal else "",
            "remedy": refusal.remedy if refusal else "",
        }
        if self.question.form:
            shown.update(form=self.question.form, sender=self.question.sender, recipient=self.question.recipient)
            shown["conclusive"] = self.question.proves or self.verdict != "allowed"
        return shown


@dataclass(frozen=True)
class Manners:
    """How to introduce oneself: the EHLO name ("" for one's address), TLS (never, if_offered, required) and trust."""

    name: str = ""
    starttls: str = "never"
    validate_certs: bool = True
    authorities: str = ""


@dataclass
class Probe:
    """A dialogue that reconnects where the server had enough of us; facts of the last connection are kept."""

    target: Target
    manners: Manners
    transcript: list[str] = field(default_factory=list)
    banner: str = ""
    extensions: list[str] = field(default_factory=list)
    tls: dict[str, object] = field(default_factory=dict)
    local: str = ""
    peer: str = ""
    _connection: Connection | None = None
    _context: ssl.SSLContext | None = None
    _started: float = field(default_factory=time.monotonic)

    def ask(self, questions: list[Question]) -> list[Answer]:
        """Put the questions in order; each gets its answer or a ProbeError ends it all."""
        try:
            answers = [self._settle(question) for question in questions]
        except ProbeError:
            self._drop()  # who does not answer is not waited for again
            raise
        if self._connection:
            self._connection.close()
            self._connection = None
        return answers

    def all_forms(self, address: str, sender: str, local_domain: str) -> list[Question]:
        """Return the address forms; needs the banner and the peer's address, so ask something plain before."""
        literal = f"[IPv6:{self.peer}]" if ":" in self.peer else f"[{self.peer}]"
        words = self.banner.split()
        server = words[0] if words and "." in words[0] else ""
        filled = fill(address, sender, {"server": server, "literal": literal, "local": local_domain})
        return [Question(address, mail, rcpt, form.name, form.proves) for form, mail, rcpt in filled]

    def _settle(self, question: Question) -> Answer:
        """Ask in the session under way, and once more in a fresh one where the server ended it."""
        if self._connection:
            try:
                if _fitting(self._connection.ask("RSET")).outcome == "allowed":
                    answer = self._transact(question)
                    if answer.reply.code != 421:
                        return answer
            except ProbeError as error:
                if error.kind != "closed":
                    raise
            self._drop()
        refused = self._open()
        if refused:
            return Answer(question, *refused)
        answer = self._transact(question)
        if answer.reply.code == 421:
            self._drop()
        return answer

    def _drop(self) -> None:
        if self._connection:
            self._connection.abandon()
            self._connection = None

    def _open(self) -> tuple[str, Reply] | None:
        """Connect and greet; return stage and reply where the server turned us away."""
        if self._context is None and self.manners.starttls != "never":
            self._context = tls_context(self.manners.validate_certs, self.manners.authorities)
        connection = Connection(self.target, self.transcript, self._started)
        self._connection = connection
        self.local, self.peer = connection.local, connection.peer
        greeting = connection.read()
        self.banner = greeting.text
        if greeting.outcome != "allowed":
            self._drop()
            return "connect", _fitting(greeting)
        _fitting(greeting, 220)
        refused = self._greet(connection)
        if refused is None and self.manners.starttls != "never":
            refused = self._secure(connection)
        if refused is not None:
            self._drop()
            return "ehlo", refused
        return None

    def _greet(self, connection: Connection) -> Reply | None:
        name = self.manners.name or _literal(connection.local)
        reply = _fitting(connection.ask(f"EHLO {name}"))
        self.extensions = list(reply.lines[1:])
        if reply.outcome == "refused":
            self.extensions = []
            reply = _fitting(connection.ask(f"HELO {name}"))
        return None if reply.outcome == "allowed" else reply

    def _secure(self, connection: Connection) -> Reply | None:
        offered = self._offers("STARTTLS")
        if not offered and self.manners.starttls == "if_offered":
            return None
        if not offered:
            raise ProbeError(
                "tls", "the server does not offer STARTTLS", "Check the connector's AuthMechanism for Tls."
            )
        reply = connection.ask("STARTTLS")
        if reply.code != 220 or self._context is None:
            reason = f"the server refused STARTTLS ({shorten(str(reply))!r})"
            raise ProbeError("tls", reason, "Check the connector's certificate.")
        self.tls = connection.start_tls(self._context)
        return self._greet(connection)

    def _offers(self, extension: str) -> bool:
        return any(line.upper().split()[:1] == [extension] for line in self.extensions)

    def _transact(self, question: Question) -> Answer:
        connection = self._connection
        if connection is None:
            raise ProbeError("broken", "there is no connection")
        wide = " SMTPUTF8" if not (question.sender + question.recipient).isascii() else ""
        if wide and not self._offers("SMTPUTF8"):
            pair = f"{question.sender} or {question.recipient}"
            raise ProbeError("broken", f"{pair} is not ASCII and the server does not offer SMTPUTF8")
        stage, reply = "mail", connection.ask(f"MAIL FROM:{question.sender}{wide}")
        if _fitting(reply).outcome == "allowed":
            stage, reply = "rcpt", connection.ask(f"RCPT TO:{question.recipient}")
        return Answer(question, stage, _fitting(reply))


def _fitting(reply: Reply, accepted: int = 250) -> Reply:
    """Return a reply that may follow a command; 25x accepts, and only 220 greets (RFC 5321 4.3.2)."""
    if reply.outcome == "continued" or (reply.outcome == "allowed" and reply.code // 10 != accepted // 10):
        raise ProbeError("broken", f"the server answered {shorten(str(reply))!r} where no such reply belongs")
    return reply


def _literal(address: str) -> str:
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
