# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a run of relay_connector sends in all, those for an answer too, beside the least possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from request_counts import fresh, nochange, patient

Counts = tuple[int, int]


@pytest.mark.parametrize(
    ("number", "switches", "making", "looking"),
    [
        (1, {}, (7, 5), (8, 6)),
        (50, {}, (7, 5), (10, 9)),
        (1, {"statements": "single"}, (15, 5), (14, 8)),
        (50, {"statements": "single"}, (113, 103), (16, 10)),
    ],
)
def test_requests(
    relay_stand: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    switches: dict[str, str],
    making: Counts,
    looking: Counts,
) -> None:
    """Ours and the least, each in one session."""
    patient(monkeypatch)
    assert nochange(relay_stand(whole=True, **switches), number, bool(switches)) == looking
    assert fresh(relay_stand(whole=True, **switches), number, bool(switches)) == making
