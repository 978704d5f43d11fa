# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connectors a purge by relay_connector removes: those that it made and the list no longer names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    connector_listing,
    connector_task,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.mark import MARK
from relay_list import by_hand, connector, printers, run


def test_purge_removes_what_this_collection_made_and_nothing_else(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand()
    stand.apply([printers(), {"name": "Scanners", "clients": [79], "comment": "by hand"}])
    with_hand = {"Identity": "EX01\\Scanners", "Comment": "by hand"}
    run(stand, "Set-ReceiveConnector", **with_hand)
    names = {one.name for one in stand.lab.organisation.connectors("EX01")}
    result = stand.apply([], purge=True)
    assert result["removed"] == ["EX01\\Printers"]
    assert result["steps"] == ["Remove EX01\\Printers, which this collection made and the list no longer names"]
    assert {one.name for one in stand.lab.organisation.connectors("EX01")} == names - {"Printers"}
    assert not stand.apply([], purge=True)["changed"]


def test_without_purge_nothing_is_removed(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand()
    stand.apply([printers()])
    assert not stand.apply([])["changed"]
    assert stand.apply([{"name": "Printers", "state": "absent"}])["removed"] == ["EX01\\Printers"]
    assert not stand.apply([{"name": "Printers", "state": "absent"}])["changed"]


def test_the_mark_stays_beside_a_comment(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand()
    stand.apply([printers(comment="second floor")])
    assert connector(stand).properties["Comment"].startswith("second floor ")
    assert not stand.apply([printers(comment="second floor")])["changed"]
    assert not stand.apply([printers()])["changed"]


def test_a_mark_in_the_comment_asked_for_does_not_make_it_ours(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand()
    run(stand, "New-ReceiveConnector", **by_hand(stand))
    comment = f"taken over {MARK}"
    stand.apply([printers(comment=comment)])
    assert connector(stand).properties["Comment"] == "taken over"
    assert not stand.apply([printers(comment=comment)])["changed"]
    assert not stand.apply([], purge=True)["changed"]


def test_a_default_connector_is_never_purged_whatever_its_comment_says(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand()
    run(stand, "Set-ReceiveConnector", Identity="EX01\\Default Frontend EX01", Comment=MARK)
    assert not stand.apply([], purge=True)["changed"]


def test_a_connector_that_others_made_is_taken_over_but_never_purged(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand((77,))
    run(stand, "New-ReceiveConnector", **by_hand(stand))
    assert stand.apply([printers()])["changed"]
    assert "relay" in stand.abilities()[stand.address(77), stand.address(25)]
    assert not stand.apply([printers()])["changed"]
    assert not stand.apply([], purge=True)["changed"]
    assert connector(stand)


@pytest.mark.parametrize("comment", ["second floor", ""])
def test_a_copy_on_another_server_is_not_purged_there(
    relay_stand: Callable[..., Any], in_session: Any, comment: str
) -> None:
    stand = relay_stand(servers=2)
    stand.apply([{"name": "Scanners", "clients": [77], "mode": "internal_only", "comment": comment}])
    with stand.session() as exchange:
        listed = connector_listing.read(exchange, {"name": "Scanners"}, stand.warnings.append)["connectors"]
    with in_session(stand.lab, stand.warnings, server="EX02") as exchange:
        for changed in (True, False):
            arguments = {"settings": listed[0]}
            made = connector_task.apply(exchange, arguments, check_mode=False, warn=stand.warnings.append)
            assert made["changed"] is changed
    assert (connector(stand, "Scanners", "EX02").properties["Comment"] or "") == comment
    assert not stand.apply([{"name": "Others", "server": "EX02", "clients": []}], purge=True)["changed"]
