# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domain controllers and the time that a change takes from one to the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.powershell.objects import property_of

ANONYMOUS = "NT AUTHORITY\\ANONYMOUS LOGON"
RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    """Time at the beginning."""
    return Clock()


@pytest.fixture
def shell(shells: Callable[..., Any], clock: Clock) -> Any:
    """A shell whose directory takes 30 seconds to replicate."""
    made = shells(now=clock)
    made.organisation.directory.lag = 30
    return made


def grant(shell: Any, identity: str, **more: Any) -> Any:
    """Let the anonymous logon relay through a connector."""
    given = {"Identity": identity, "User": ANONYMOUS, "ExtendedRights": RELAY, **more}
    return shell.pipe(shell.call("Add-ADPermission", **given))


def test_a_new_object_is_unknown_elsewhere_until_it_is_replicated(shell: Any, clock: Clock) -> None:
    made = shell.connector()
    dn, home = property_of(made, "DistinguishedName"), property_of(made, "OriginatingServer")
    assert "wasn't found" in grant(shell, dn).failures[0].message
    assert grant(shell, dn, DomainController=home).failures == []
    assert "wasn't found" in shell.fail("Get-ADPermission", Identity=dn).message
    clock.time += 31
    found = shell.run("Get-ADPermission", Identity=dn, User=ANONYMOUS)
    assert len(found) == 1


def test_changes_arrive_in_order(shell: Any, clock: Clock) -> None:
    shell.connector(Comment="one")
    clock.time += 10
    shell.run("Set-ReceiveConnector", Identity="Relay", Comment="two")
    far = shell.organisation.directory.controllers[1]
    clock.time += 21
    read = {"Identity": "Relay", "DomainController": far}
    assert property_of(shell.run("Get-ReceiveConnector", **read)[0], "Comment") == "one"
    clock.time += 10
    assert property_of(shell.run("Get-ReceiveConnector", **read)[0], "Comment") == "two"
    assert property_of(shell.run("Get-ReceiveConnector", **read)[0], "OriginatingServer") == far


def test_a_test_decides_when_with_an_infinite_lag(shell: Any, clock: Clock) -> None:
    shell.organisation.directory.lag = math.inf
    dn = property_of(shell.connector(), "DistinguishedName")
    clock.time += 10**6
    assert grant(shell, dn).failures
    shell.organisation.directory.replicate()
    assert grant(shell, dn).failures == []


def test_removal_is_replicated(shell: Any, clock: Clock) -> None:
    dn = property_of(shell.connector(), "DistinguishedName")
    clock.time += 31
    shell.run("Remove-ReceiveConnector", Identity="Relay", Confirm=False)
    assert shell.run("Get-ADPermission", Identity=dn)
    clock.time += 31
    assert shell.fail("Get-ADPermission", Identity=dn)


def test_an_unknown_controller_is_refused(shell: Any) -> None:
    assert "DC77" in shell.fail("Get-ReceiveConnector", DomainController="DC77").message
    assert shell.run("Get-ReceiveConnector", DomainController="dc02")


def test_each_server_has_a_controller_of_its_own(shells: Callable[..., Any], clock: Clock) -> None:
    shell = shells(server_names=["EX01", "EX02"], now=clock)
    shell.organisation.directory.lag = 30
    shell.connector(Server="EX02")
    assert len(shell.organisation.connectors("EX02")) == 5
    clock.time += 31
    assert len(shell.organisation.connectors("EX02")) == 6
