# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Latency is taken where and as often as it says: counted, not measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import winrm
from exchange_lab.lab import Lab
from exchange_lab.latency import PROFILES, Latency, profile
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

SNAP_IN = "Add-PSSnapin -Name 'Microsoft.Exchange.Management.PowerShell.SnapIn'"


@dataclass
class Counting:
    """In place of a latency: what would have been waited for."""

    waits: Counter[str] = field(default_factory=Counter)

    def wait(self, what: str) -> None:
        """Count it."""
        self.waits[what] += 1


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab for all tests of this file."""
    with Lab() as started:
        yield started


@pytest.fixture
def waits(lab: Lab) -> Counter[str]:
    """What a client has made the lab wait for."""
    counting: Any = Counting()
    lab.latency = counting
    found: Counter[str] = counting.waits
    return found


def test_profiles() -> None:
    assert PROFILES["off"] == Latency()
    assert [PROFILES[name].request for name in ("none", "lan", "wan")] == [0, 0.001, 0.040]
    assert {(each.session, each.snapin, each.cmdlet) for name, each in PROFILES.items() if name != "off"} == {
        (1.5, 4.0, 0.06)
    }
    with pytest.raises(ValueError, match="no latency profile 'moon'; there are off, none, lan, wan"):
        profile("moon")


def test_a_session_with_exchange(lab: Lab, waits: Counter[str]) -> None:
    lab.journal.clear()
    server = lab.servers[0]
    settings: dict[str, Any] = {"auth": "basic", "username": lab.username, "password": lab.password}
    with (
        WSMan(
            server.address,
            port=server.exchange_tls_port,
            path="PowerShell",
            cert_validation=str(lab.ca_pem),
            no_proxy=True,
            **settings,
        ) as connection,
        RunspacePool(connection, configuration_name="Microsoft.Exchange") as pool,
    ):
        PowerShell(pool).add_cmdlet("Get-ReceiveConnector").add_cmdlet("Get-ADPermission").invoke()
        PowerShell(pool).add_cmdlet("Get-ExchangeServer").invoke()
    # two commands of a pipe are two cmdlets, however many objects pass between them
    assert waits == {"request": len(lab.journal.requests), "session": 1, "cmdlet": 3}


def test_scripts_on_the_host(lab: Lab, waits: Counter[str]) -> None:
    server = lab.servers[0]
    session = winrm.Session(
        f"http://{server.address}:{server.winrm_port}/wsman",
        auth=(lab.username, lab.password),
        transport="ntlm",
        ca_trust_path=str(lab.ca_pem),
        proxy=None,
    )
    before = len(lab.journal.requests)
    done = session.run_ps(
        f"{SNAP_IN}; Get-ReceiveConnector -Server 'EX01' | Select-Object -Property 'Name' | ConvertTo-Json"
    )
    assert done.status_code == 0, done.std_err
    assert waits == {"request": len(lab.journal.requests) - before, "snapin": 1, "cmdlet": 1}
