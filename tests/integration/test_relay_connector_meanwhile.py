# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Others at the connectors of a relay_connector list while it is at work, and steps that fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    relay_task,
)
from relay_list import ABLE, BYPASS, by_hand, connector, printers, run


def test_a_step_that_fails_says_how_far_the_plan_came(
    relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = relay_stand((77,))
    stand.lab.organisation.write_protected.add("Printers")
    with pytest.raises(Exception, match="Grant ms-Exch-SMTP-Accept-Any-Recipient"):
        stand.apply([printers()])
    assert any("1 of 2 steps were made before the one that failed" in warning for warning in stand.warnings)
    assert "relay" not in stand.abilities()[stand.address(77), stand.address(25)]
    stand.lab.organisation.write_protected.clear()
    stand.apply([printers()])
    assert "relay" in stand.abilities()[stand.address(77), stand.address(25)]


def test_a_change_that_somebody_else_makes_again_and_again_is_an_error(
    relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = relay_stand()
    stand.apply([printers("internal_only")])
    make = relay_task.execution.make

    def and_somebody_else(*arguments: Any) -> Any:
        made = make(*arguments)
        run(stand, "Set-ReceiveConnector", Identity="EX01\\Printers", Enabled=False)
        return made

    monkeypatch.setattr(relay_task.execution, "make", and_somebody_else)
    with pytest.raises(ValueError, match="reading again shows that there is more to do: Open"):
        stand.apply([printers()])


INTRUSIONS: dict[str, Callable[[Any, str], None]] = {
    "wider": lambda stand, identity: run(
        stand, "Set-ReceiveConnector", Identity=identity, RemoteIPRanges=[f"{stand.address(64)}/26"]
    ),
    "trusted": lambda stand, identity: run(
        stand, "Add-ADPermission", Identity=identity, User="NT AUTHORITY\\ANONYMOUS LOGON", ExtendedRights=[BYPASS]
    ),
    "denied": lambda stand, identity: run(
        stand, "Add-ADPermission", Identity=identity, User="S-1-5-7", ExtendedRights=[RELAY], Deny=True
    ),
}


@pytest.mark.parametrize("intrusion", INTRUSIONS)
@pytest.mark.parametrize("when", ["between the read and the first write", "after the last write"])
def test_what_somebody_else_changes_meanwhile_is_put_right(
    relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, intrusion: str, when: str
) -> None:
    """The right to relay was about to be given for one device, when somebody let all its neighbours in."""
    stand = relay_stand((77, 78), sid_user="accepted")
    stand.hosts = (25,)
    stand.apply([printers("internal_only")])
    make, identity = relay_task.execution.make, stand.lab.organisation.naming.receive_connector("EX01", "Printers")

    def beside_somebody_else(*arguments: Any) -> Any:
        monkeypatch.setattr(relay_task.execution, "make", make)
        if when == "after the last write":
            made = make(*arguments)
            INTRUSIONS[intrusion](stand, identity)
            return made
        INTRUSIONS[intrusion](stand, identity)
        return make(*arguments)

    monkeypatch.setattr(relay_task.execution, "make", beside_somebody_else)
    result = stand.apply([printers()])
    assert stand.abilities() == {
        (stand.address(77), stand.address(25)): ABLE["anonymous"],
        (stand.address(78), stand.address(25)): {"inside"},
    }
    assert any("somebody else changed relay connectors on EX01" in warning for warning in stand.warnings)
    assert len(result["steps"]) > 1
    assert not stand.apply([printers()])["changed"]


def test_what_somebody_else_does_to_a_connector_that_was_just_made_is_put_right(
    relay_stand: Callable[..., Any],
) -> None:
    """Between the call that made it and the list of the same pipeline."""
    stand = relay_stand((77, 78), sid_user="accepted")
    stand.hosts = (25,)
    identity = stand.lab.organisation.naming.receive_connector("EX01", "Printers")
    waiting = ["Add-ADPermission", "New-ReceiveConnector"]

    def somebody_else() -> None:
        if waiting and waiting.pop() == "Add-ADPermission":
            INTRUSIONS["wider"](stand, identity)

    stand.lab.organisation.on_change(somebody_else)
    stand.apply([printers()])
    assert not waiting
    assert stand.abilities() == {
        (stand.address(77), stand.address(25)): ABLE["anonymous"],
        (stand.address(78), stand.address(25)): {"inside"},
    }


NEIGHBOURS: dict[str, Callable[[Any], Any]] = {
    "made": lambda stand: run(stand, "New-ReceiveConnector", **by_hand(stand) | {"Name": "Theirs"}),
    "removed": lambda stand: run(stand, "Remove-ReceiveConnector", Identity="EX01\\Scanners", Confirm=False),
}


@pytest.mark.parametrize("what", NEIGHBOURS)
def test_a_connector_beside_those_of_the_list_may_come_and_go_meanwhile(
    relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    stand = relay_stand()
    stand.apply([{"name": "Scanners", "clients": [79]}])
    make = relay_task.execution.make

    def beside_somebody_else(*arguments: Any) -> Any:
        made = make(*arguments)
        NEIGHBOURS[what](stand)
        return made

    monkeypatch.setattr(relay_task.execution, "make", beside_somebody_else)
    assert stand.apply([printers()])["changed"]
    assert stand.warnings == []
    assert bool(connector(stand, "Theirs")) is (what == "made")
    assert bool(connector(stand, "Scanners")) is (what == "made")
