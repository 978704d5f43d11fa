# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook acceptance is given and cannot be meant is refused before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance import accepted
from exchange_lab.lab import Lab

WRITING = ("New-", "Set-", "Add-", "Remove-")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as started:
        yield started


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        # until 2.19 ansible-core itself refuses null
        ({"address": None}, "relay_acceptance_address"),
        (
            {"recipient": ""},
            "ex01 wants relay_acceptance_recipient, a recipient of a domain that is not yours such as "
            "someone@example.net, not ''",
        ),
        (
            {"recipient": "someone"},
            "ex01 wants relay_acceptance_recipient, a recipient of a domain that is not yours such as "
            "someone@example.net, not 'someone'",
        ),
        ({"address": "192.0.2.99"}, "EX01 does not hold the address 192.0.2.99 of 192.0.2.99:25; it holds 127."),
        ({"address": "ex01"}, "'ex01:25' is not a binding; write it as 192.0.2.1:25"),
        ({"recipient": "ada@lab.example"}, "Set relay_acceptance_recipient to one of a domain that is not yours"),
    ],
)
def test_nothing_is_written_for_what_cannot_be_meant(
    given: dict[str, Any], reason: str, lab: Lab, ansible_playbook: Any, tmp_path: Path
) -> None:
    lab.journal.clear()
    run = accepted(lab, ansible_playbook, tmp_path, **given)
    assert run.played.code == 2
    (failed,) = [each["result"] for each in run.played.events if each["kind"] == "failed"]
    assert reason in " ".join(failed["msg"].split())
    assert [each.name for each in lab.journal.commands if each.name.startswith(WRITING)] == []
    assert run.report == {}
