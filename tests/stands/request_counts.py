# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the requests of a run of relay_connector, those that fetch an answer too, beside the least possible.

The lab has to wait for the end of an answer before it cuts it into envelopes, see ``patient``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.wire import psrp
from relay_bench import direct


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


def fresh(stand: Any, number: int, single: bool = False) -> tuple[int, int]:
    """Requests to make so many connectors, and the least; ``single`` where the stand takes no several statements."""
    ours = _counted(stand, lambda: stand.apply(_wanted(stand, number)))
    others = direct.Script(stand.lab.details(), number)
    others.numbers = range(number, number * 2)
    return ours, _counted(stand, lambda: direct.limit(others, "fresh", single))


def nochange(stand: Any, number: int, single: bool = False) -> tuple[int, int]:
    """Requests to see that so many connectors are as they should be, and the least; makes them first."""
    stand.apply(_wanted(stand, number))
    ours = _counted(stand, lambda: stand.apply(_wanted(stand, number)))
    script = direct.Script(stand.lab.details(), number)
    return ours, _counted(stand, lambda: direct.limit(script, "nochange", single))


def _wanted(stand: Any, number: int) -> list[dict[str, Any]]:
    return [
        {"name": direct.name(each), "address": stand.address(10), "clients": [direct.client(each)]}
        for each in range(number)
    ]
