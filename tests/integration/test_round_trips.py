# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a task sends, exactly.

Receives are counted apart from the others: a server sends as many answers as its output fills, and on a busy machine
the lab may cut an answer short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

READS = [
    "Get-ExchangeServer",
    "Get-ReceiveConnector; Get-ReceiveConnector | Get-ADPermission; Get-NetworkConnectionInfo",
]


def listed(count: int) -> list[dict[str, Any]]:
    return [{"name": f"R{number}", "port": 30 + number, "clients": [100 + number]} for number in range(count)]


def pipelines(stand: Any) -> list[str]:
    """What was sent, a statement after the other; the requests of one session are all that there are."""
    journal = stand.lab.journal
    sent = [each.text.replace("\n", "; ") for each in journal.pipelines]
    verbs = Counter(request.verb for request in journal.requests)
    assert verbs == {"Create": 1, "Command": len(sent), "Receive": verbs["Receive"], "Delete": 1}
    assert verbs["Receive"] > len(sent)
    journal.clear()
    return sent


@pytest.mark.parametrize(
    ("switches", "more"),
    [
        ({}, []),
        (
            {"statements": "single"},
            ["Get-ReceiveConnector", "Get-ReceiveConnector | Get-ADPermission", "Get-NetworkConnectionInfo"],
        ),
    ],
    ids=["several statements", "single statements"],
)
def test_a_rerun_costs_the_same_however_many_connectors_there_are(
    relay_stand: Callable[..., Any], switches: dict[str, str], more: list[str]
) -> None:
    stand = relay_stand(whole=True, **switches)
    for count in (1, 6):
        stand.apply(listed(count))
        stand.lab.journal.clear()
        assert not stand.apply(listed(count))["changed"]
        assert pipelines(stand) == [*READS, *more], count


def test_a_rerun_where_no_cmdlet_may_be_piped(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(pipelines="single")
    stand.apply(listed(2))
    stand.lab.journal.clear()
    assert not stand.apply(listed(2))["changed"]
    alone = ["Get-ReceiveConnector", "Get-ReceiveConnector | Get-ADPermission"]
    entries = "; ".join(["Get-ADPermission"] * 3)
    assert pipelines(stand) == [*READS, *alone, entries, "Get-NetworkConnectionInfo"]
