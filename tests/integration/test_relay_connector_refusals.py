# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What relay_connector refuses before anything is written, and what it says that the list cannot have meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import plan as plans
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.draft import Draft
from exchange_lab.exchange.model import AccessControlEntry
from relay_list import connector, printers, sent


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"clients": [77, 77]}, "have the same address"),
        ({"clients": [{"name": "a", "address": 77}, {"name": "b", "address": (70, 80)}]}, "a ({0}77) lies inside b"),
        ({"clients": [(70, 80), (75, 85)]}, "shares addresses with"),
        ({"clients": [(5, 15)]}, "allow_server_address"),
        ({"clients": ["10.0.0.0/23"]}, "allow_wide_range"),
        ({"clients": ["2001:db8::/63"], "bindings": ["[::]:25"], "address": None}, "allow_wide_range"),
        ({"clients": ["0.0.0.0/0"]}, "allow_any_range"),
        ({"mode": "externally_secured", "acknowledge_trust": False}, "acknowledge_trust"),
        ({"name": "Default Frontend EX01"}, "allow_default_connector"),
        ({"name": "Default Frontend EX01", "mode": "internal_only"}, "allow_default_connector"),
        ({"name": "Default Frontend EX01", "state": "absent"}, "allow_default_connector"),
        (
            {"clients": [{"name": "a", "address": (70, 80)}, {"name": "b", "address": 77, "expires": "2020-01-01"}]},
            "b (",
        ),
        ({"address": 99}, "allow_absent_address"),
        ({"address": "192.0.2.25:25"}, "a port goes in port"),
        ({"port": 0}, "port: 0 is not between 1 and 65535"),
        ({"name": "EX02\\Printers", "server": "EX01"}, "not on the server EX01"),
        ({"name": "Printers "}, "white space around it"),
        ({"name": "EX01\\Printers\u202e"}, "characters that cannot be seen"),
        ({"mode": "internal_only", "rights": [RELAY]}, "mode internal_only is without"),
        ({"rights": ["ms-Exch-SMTP-Accept-Any-Recipent"]}, "Did you mean ms-Exch-SMTP-Accept-Any-Recipient?"),
        ({"auth_mechanism": ["Tls", "ExternalAuthoritative"]}, "mode externally_secured"),
        ({"clients": [{"name": "x"}]}, "clients: x: address is missing"),
        ({"clients": [{"address": 77, "expires": "soon"}]}, "'soon' is not a date"),
        ({"clients": [{"address": 77, "owned_by": "me"}]}, "owned_by is none of name, address"),
    ],
)
def test_danger_and_nonsense_are_refused_before_anything_is_written(
    shared_stand: Any, options: dict[str, Any], named: str
) -> None:
    network = shared_stand.address(0)[:-1]
    with pytest.raises(ValueError, match=r"Printers|Default Frontend") as caught:
        shared_stand.apply([printers(**{"mode": "anonymous", **options})])
    assert named.format(network) in str(caught.value)
    assert sent(shared_stand) == []
    if named.startswith("allow_"):
        assert shared_stand.apply([printers(**options, **{named: True})], check_mode=True)["steps"]


def test_the_address_of_any_exchange_server_is_refused(shared_stand: Any) -> None:
    with pytest.raises(ValueError, match="an address of the Exchange server EX02"):
        shared_stand.apply([printers(clients=[(11, 12)])])


def test_what_the_list_cannot_have_meant_is_said(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand((77,))
    listed = [printers("internal_only", clients=[77, "2001:db8::7"])]
    stand.apply(listed)
    (deaf,) = stand.warnings
    assert "it listens on no IPv6 address, so it will never serve 2001:db8::7" in deaf
    anonymous = stand.lab.organisation.principals.anonymous
    directory, here = stand.lab.organisation.directory, connector(stand)
    acl = [*here.acl, AccessControlEntry(anonymous, RELAY, inherited=True)]
    directory.update(directory.controllers[0], here.guid, {}, acl=acl)
    stand.warnings.clear()
    result = stand.apply(listed)
    assert (result["steps"], result["connectors"][0]["relays"]) == ([], True)
    assert "may relay although its mode is internal_only, by an entry that it inherits" in stand.warnings[0]


def test_an_account_that_may_not_grant_changes_nothing(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand()
    user = stand.lab.add_user("operator", "An0ther-Passw0rd", "Server Management")
    details = stand.lab.details
    stand.lab.details = lambda: details() | {"username": user, "password": "An0ther-Passw0rd"}
    with pytest.raises(Exception, match="Active Directory Permissions"):
        stand.apply([printers()])
    assert sent(stand) == []


def test_a_plan_that_would_widen_is_refused_with_the_evidence(
    relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opening_first(drafts: list[Draft], _crowded: set[str], order: Any) -> list[Any]:
        return [step for draft in drafts for step in [*draft.grow(), *draft.narrow(False, order.parking(0))]]

    stand = relay_stand()
    stand.apply([printers()])
    written = len(sent(stand))
    monkeypatch.setattr(plans, "WAYS", (opening_first,))
    with pytest.raises(ValueError, match="no safe order of steps is known") as caught:
        stand.apply([printers("internal_only", clients=[(77, 79)])])
    assert f"Printers would relay for {stand.address(78)}" in str(caught.value)
    assert len(sent(stand)) == written
