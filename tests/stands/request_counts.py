# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the requests of a run of relay_connector, those that fetch an answer too, beside the least possible.

The lab has to wait for the end of an answer before it cuts it into envelopes, see ``patient``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from exchange_lab.wire import psrp
from relay_bench import direct


class Counts(NamedTuple):
    """Requests of this collection, each followed by the least: of a list to be made, and where nothing is to do."""

    fresh: int
    fresh_limit: int
    nochange: int
    nochange_limit: int


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have labs of this process wait, so that the counts are the same on any machine."""
    monkeypatch.setattr(psrp, "LINGER", 600.0)


def _counted(stand: Any, work: Callable[[], object]) -> int:
    """Requests of one session, Basic authentication included, which needs none of its own."""
    stand.lab.journal.clear()
    work()
    verbs = Counter(request.verb for request in stand.lab.journal.requests)
    assert (verbs["Create"], verbs["Delete"]) == (1, 1)
    return sum(verbs.values())


def counts(stand: Any, number: int, single: bool = False) -> Counts:
    """Count for so many connectors, on a stand without any of them; ``single`` where it takes no more statements."""
    wanted = [
        {"name": direct.name(each), "address": stand.address(10), "clients": [direct.client(each)]}
        for each in range(number)
    ]
    least = direct.Script(stand.lab.details(), number)
    fresh = _counted(stand, lambda: stand.apply(wanted))
    nochange = _counted(stand, lambda: stand.apply(wanted))
    read = _counted(stand, lambda: direct.limit(least, "nochange", single))
    least.numbers = range(number, number * 2)
    made = _counted(stand, lambda: direct.limit(least, "fresh", single))
    return Counts(fresh, made, nochange, read)
