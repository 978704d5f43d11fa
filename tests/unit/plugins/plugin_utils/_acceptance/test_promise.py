# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of promises, and what becomes of one that builds on others."""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance.promise import Promise

PROMISE = Promise("again", "Nothing changes", "receive_connector", {"name": "x"}, {"changed": False}, ("create",))


def test_it_is_seen_only_after_what_it_builds_on() -> None:
    created: dict[str, Any] = {"name": "create", "outcome": "passed"}
    assert PROMISE.unmet([created]) == ""
    assert PROMISE.unmet([created | {"outcome": "failed"}]) == "It builds on create, which failed"
    assert PROMISE.unmet([created | {"outcome": "not_seen"}]) == "It builds on create, which was not seen"
    assert PROMISE.unmet([]) == "It builds on create, which was not tried"


def test_an_entry_says_what_was_expected_and_what_was_seen() -> None:
    entry = PROMISE.judged({"changed": True, "steps": ["Set it"], "secret": "s3cret"}, 0.25)
    assert entry == {
        "name": "again",
        "says": "Nothing changes",
        "outcome": "failed",
        "expected": {"changed": False},
        "seen": {"changed": True},
        "why": "changed is True, not False",
        "task": {"relayops.exchange.receive_connector": {"name": "x"}},
        "steps": ["Set it"],
        "warnings": [],
        "milliseconds": 250,
    }


def test_a_failure_tells_its_message() -> None:
    entry = PROMISE.judged({"failed": True, "changed": True, "msg": "It broke"}, 0)
    assert entry["why"] == "It broke; changed is True, not False"
    assert PROMISE.judged({}, 0)["outcome"] == "passed"


def test_what_is_not_seen_says_why() -> None:
    entry = PROMISE.not_seen("Nobody is there")
    assert (entry["outcome"], entry["seen"], entry["why"]) == ("not_seen", None, "Nobody is there")
