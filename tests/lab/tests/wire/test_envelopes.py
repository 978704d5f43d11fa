# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer takes as many envelopes as its size asks for, however fast it came and whatever the client would take."""

from __future__ import annotations

import time
from collections import Counter
from itertools import count
from typing import Any

import pytest
from exchange_lab.wire import psrp
from exchange_lab.wire.pipeline import PipelineRun
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

COUNT, SIZE = 3000, 300


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psrp, "LINGER", 600.0)


def receives(stage: Any, envelope: int = 153600) -> int:
    """How often the client asks for one long answer, beside once when it opens the session."""
    listener = stage.listen("basic", secure=True)
    stage.journal.clear()
    with (
        WSMan(
            "127.99.1.10",
            port=listener.port,
            path="PowerShell/",
            auth="basic",
            username=r"LAB\Administrator",
            password="pa55",
            cert_validation=str(stage.ca_pem),
            no_proxy=True,
            max_envelope_size=envelope,
        ) as connection,
        RunspacePool(connection, configuration_name="Microsoft.Exchange") as pool,
    ):
        shell = PowerShell(pool).add_cmdlet("Get-Many").add_parameters({"Count": COUNT, "Text": "x" * SIZE})
        assert [thing.adapted_properties["Number"] for thing in shell.invoke()] == list(range(COUNT))
    return Counter(request.verb for request in stage.journal.requests)["Receive"] - 1


def test_a_slow_answer_takes_no_more_than_a_fast_one(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = receives(stage)
    write, number = PipelineRun._write, count()

    def by_fits_and_starts(*arguments: Any) -> None:
        if next(number) % 50 == 0:
            time.sleep(0.01)
        write(*arguments)

    monkeypatch.setattr(PipelineRun, "_write", by_fits_and_starts)
    assert receives(stage) == fast > COUNT * SIZE * 4 / 3 / 512000


def test_no_envelope_is_larger_than_the_server_has_them(stage: Any) -> None:
    assert receives(stage, envelope=1 << 24) == receives(stage, envelope=512000) > 1
