# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A promise of the collection, and the entry that a report has for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance.expectation import (
    differences,
    excerpt,
    shown,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain

PASSED, FAILED, NOT_SEEN = "passed", "failed", "not_seen"
# results of a task that say why it is as it is
_TOLD = ("steps", "warnings")


@dataclass(frozen=True)
class Promise:
    """``name`` identifies it, ``says`` is the promise as a sentence; ``needs`` names those that it builds on."""

    name: str
    says: str
    module: str
    options: Mapping[str, Plain]
    expected: Plain
    needs: Sequence[str] = field(default_factory=tuple)

    def unmet(self, entries: Sequence[Mapping[str, Plain]]) -> str:
        """Why it cannot be seen after these entries, or an empty string."""
        outcomes = {str(entry["name"]): str(entry["outcome"]) for entry in entries}
        for need in self.needs:
            if outcomes.get(need) != PASSED:
                words = {FAILED: "failed", NOT_SEEN: "was not seen"}.get(outcomes.get(need, ""), "was not tried")
                return f"It builds on {need}, which {words}"
        return ""

    def not_seen(self, why: str) -> dict[str, Plain]:
        """The entry of a promise that could not be looked at."""
        return self._entry(NOT_SEEN, None, why, 0.0, {})

    def judged(self, result: Mapping[str, Plain], seconds: float) -> dict[str, Plain]:
        """The entry of a promise whose task gave this result."""
        seen = {"failed": False, "changed": False, **result}
        found = differences(self.expected, seen)
        if found and seen["failed"] and isinstance(seen.get("msg"), str):
            found.insert(0, str(seen["msg"]))
        outcome = FAILED if found else PASSED
        return self._entry(outcome, excerpt(self.expected, seen), "; ".join(found), seconds, seen)

    def _entry(
        self, outcome: str, seen: Plain, why: str, seconds: float, result: Mapping[str, Plain]
    ) -> dict[str, Plain]:
        told = {key: result.get(key) or [] for key in _TOLD}
        return {
            "name": self.name,
            "says": self.says,
            "outcome": outcome,
            "expected": shown(self.expected),
            "seen": seen,
            "why": why,
            "task": {f"relayops.exchange.{self.module}": dict(self.options)},
            **told,
            # a fraction of a second would be no Plain value
            "milliseconds": round(seconds * 1000),
        }
