# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between a task and Exchange, as sentences a user can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord, Outcome, Plain

# Control characters and those that turn the reading direction: Ansible prints messages and warnings as they are
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Distinguished names, thumbprints and addresses are shorter; and a sentence that nobody reads to its end
LONGEST_WORD = 400
LONGEST_SENTENCE = 20_000


class Failure(Exception):
    """``<what failed> on <server>: <reason>. <what to do>``, with the record behind it where there is one."""

    def __init__(
        self, what: str, server: str, reason: str, remedy: str = "", record: ErrorRecord | None = None
    ) -> None:
        self.what = what
        self.server = server
        self.reason = reason
        self.remedy = remedy
        self.record = record
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The whole message on one line."""
        where = f"{self.what} on {self.server}" if self.server else self.what
        return on_one_line(f"{where}: {_ended(self.reason)} {_ended(self.remedy)}")

    def as_result(self) -> dict[str, Plain]:
        """The keys of a failed result: ``msg`` and ``error`` with what the server said, word for word."""
        record = self.record or ErrorRecord(message=self.reason)
        return {
            "msg": self.sentence(),
            "error": {
                "category": record.category,
                "error_id": record.error_id,
                "reason": record.reason,
                "cmdlet": record.cmdlet,
                "target": record.target,
                "message": record.message,
                "raw": record.raw or record.message,
            },
        }


class ShellError(Failure):
    """The shell itself failed: no connection, no authentication, no time left."""


class HostLost(ShellError):
    """The host's own connection failed while a script was on its way, so nobody knows how far it got."""


class UnknownOutcome(ShellError):
    """The answer to a write was lost, so only reading again tells whether it was done."""


class ExchangeError(Failure):
    """A cmdlet answered with an error record."""


def explain(record: ErrorRecord, server: str, what: str) -> ExchangeError:
    """Return the error record as a sentence with a remedy; an unknown record keeps Exchange's own words."""
    # the table is for what went wrong
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.known_errors import recognise

    reason, remedy = recognise(record)
    return ExchangeError(what, server, reason, remedy, record)


def check(outcomes: Sequence[Outcome], what: str, server: str) -> None:
    """Raise ExchangeError for the first error record among the outcomes."""
    for outcome in outcomes:
        for record in outcome.errors:
            raise explain(record, server, what)


def on_one_line(text: str) -> str:
    """The text without line ends, words of no use to a reader cut short, what steers a terminal shown as such."""
    words = _STEERING.sub("\ufffd", " ".join(text.split())).split(" ")
    line = " ".join(word if len(word) <= LONGEST_WORD else f"{word[:60]}…" for word in words)
    return line if len(line) <= LONGEST_SENTENCE else f"{line[:LONGEST_SENTENCE]}…"


def _ended(text: str) -> str:
    """One line that ends like a sentence."""
    line = " ".join(text.split())
    return line if not line or line[-1] in ".!?" else f"{line}."
