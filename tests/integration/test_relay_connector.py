# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""relay_connector against a lab: what the list says is what the devices can do, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    recipients,
)
from exchange_lab.exchange.model import AcceptedDomain
from exchange_lab.inventory import inventory
from relay_list import ABLE, BYPASS, MODES, connector, granted, printers, run, sent


@pytest.mark.parametrize("set_groups", ["keep", "drop"])
def test_a_connector_moves_between_the_modes_in_place(relay_stand: Callable[..., Any], set_groups: str) -> None:
    stand = relay_stand((77,), set_groups=set_groups)
    stand.hosts = (25,)
    one, two, three = MODES
    guids = set()
    for mode in (one, two, three, one, three, two, one):  # every way from one to another
        result = stand.apply([printers(mode)])
        assert stand.abilities() == {(stand.address(77), stand.address(25)): ABLE[mode]}, result["steps"]
        guids.add(connector(stand).guid)
    assert len(guids) == 1


@pytest.mark.parametrize(
    ("language", "sid_user"), [("en", "refused"), ("de", "refused"), ("fr", "refused"), ("de", "accepted")]
)
def test_the_anonymous_logon_is_found_in_every_language(
    relay_stand: Callable[..., Any], language: str, sid_user: str
) -> None:
    stand = relay_stand((77,), language=language, sid_user=sid_user)
    stand.apply([printers()])
    assert granted(stand) == {(stand.lab.organisation.principals.anonymous.name, RELAY, False)}
    assert "relay" in stand.abilities()[stand.address(77), stand.address(25)]


def test_check_mode_says_all_that_a_run_does(relay_stand: Callable[..., Any], ansible_playbook: Any) -> None:
    stand = relay_stand((77, 78))
    client = {"name": "copier", "address": 78, "owner": "facilities", "note": "2nd floor", "expires": "2099-12-31"}
    listed = stand.connectors(
        [printers(clients=[77, client]), {"name": "Scanners", "mode": "internal_only", "clients": [79]}]
    )
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": [{"name": "Relay", "relayops.exchange.relay_connector": {"connectors": listed}}],
    }
    hosts = inventory(stand.lab.details())
    checked = ansible_playbook(play, hosts, "--check", "--diff").result("Relay")
    assert sent(stand) == []
    done = ansible_playbook(play, hosts, "--diff").result("Relay")
    again = ansible_playbook(play, hosts, "--diff").result("Relay")
    assert {key: checked[key] for key in ("changed", "steps", "connectors", "diff", "expired", "removed")} == {
        key: done[key] for key in ("changed", "steps", "connectors", "diff", "expired", "removed")
    }
    assert done["steps"][0] == (
        f"Create EX01\\Printers on {stand.address(25)}:25 for {stand.address(77)}, {stand.address(78)} with "
        "AnonymousUsers"
    )
    assert f"Grant {RELAY} to NT AUTHORITY\\ANONYMOUS LOGON on EX01\\Printers" in done["steps"]
    assert done["connectors"][0]["clients"][1] == {
        "name": "copier",
        "address": stand.address(78),
        "owner": "facilities",
        "note": "2nd floor",
        "expires": "2099-12-31",
        "state": "active",
    }
    assert (again["changed"], again["steps"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"]


def test_an_expired_client_is_taken_off_and_reported(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand((77, 78))
    yesterday = str(date.today() - timedelta(days=1))
    old = {"name": "copier", "address": 78, "owner": "facilities", "expires": yesterday}
    stand.apply([printers(clients=[77, 78])])
    result = stand.apply([printers(clients=[77, old])])
    assert result["expired"][0]["name"] == "copier"
    assert result["expired"][0]["owner"] == "facilities"
    assert result["steps"] == [f"Take {stand.address(78)} off EX01\\Printers"]
    assert any("copier" in warning and yesterday in warning for warning in stand.warnings)
    assert "relay" not in stand.abilities()[stand.address(78), stand.address(25)]


def test_a_connector_whose_clients_have_all_expired_stays_closed_without_a_right(
    relay_stand: Callable[..., Any],
) -> None:
    stand = relay_stand((77,))
    stand.apply([printers()])
    old = {"name": "copier", "address": 77, "expires": str(date.today() - timedelta(days=1))}
    stand.apply([printers(clients=[old])])
    assert connector(stand).properties["Enabled"] is False
    assert granted(stand) == set()
    assert stand.apply([printers(clients=[old])])["steps"] == []
    stand.apply([printers()])
    assert "relay" in stand.abilities()[stand.address(77), stand.address(25)]


def test_a_last_day_still_counts(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand((77,))
    stand.apply([printers(clients=[{"address": 77, "expires": str(date.today())}])])
    assert "relay" in stand.abilities()[stand.address(77), stand.address(25)]


def test_a_connector_on_every_address_moves_to_another_port_and_keeps_it(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand()
    listed = {"name": "Scanners", "mode": "internal_only", "clients": [79]}
    for port, found in ((2524, 2524), (None, 2524), (2526, 2526)):
        stand.apply([{**listed, "port": port}])
        assert connector(stand, "Scanners").properties["Bindings"] == (("0.0.0.0", found),)
    assert not stand.apply([{**listed, "name": "EX01\\Scanners"}])["changed"]


def test_several_servers_through_one_session(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand((77,), servers=2)
    listed = [
        printers(),
        {"name": "Printers", "server": "EX02", "clients": [77]},
        {"name": "Scanners", "server": "ex02.lab.example", "clients": [78], "mode": "internal_only"},
    ]
    result = stand.apply(listed)
    assert [(one["server"], one["name"]) for one in result["connectors"]] == [
        ("EX01", "Printers"),
        ("EX02", "Printers"),
        ("EX02", "Scanners"),
    ]
    assert stand.lab.journal.counts()["sessions_opened"] == 1
    assert granted(stand) == {("NT AUTHORITY\\ANONYMOUS LOGON", RELAY, False)}
    assert connector(stand, "Scanners", "EX02")
    assert not stand.apply(listed)["changed"]
    gone = stand.apply(listed[:2], purge=True)
    assert gone["removed"] == ["EX02\\Scanners"]


def test_what_is_written_for_one_connector(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(whole=True)
    stand.apply([printers()])
    names = [command.name for command in stand.lab.journal.commands]
    assert names == [
        "Get-ExchangeServer",
        "Get-ReceiveConnector",
        "Get-NetworkConnectionInfo",
        *("New-ReceiveConnector", "Add-ADPermission"),
        "Get-ReceiveConnector",
    ]
    new, add = (next(c for c in stand.lab.journal.commands if c.name.startswith(verb)) for verb in ("New-", "Add-"))
    assert new.parameters["Enabled"] is True
    assert new.parameters["TransportRole"] == "FrontendTransport"
    assert "Identity" not in add.parameters
    assert add.parameters["DomainController"] == new.parameters["DomainController"]


def test_rights_of_others_go_and_denials_stay(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand((77,))
    stand.apply([printers()])
    identity = stand.lab.organisation.naming.receive_connector("EX01", "Printers")
    run(stand, "Add-ADPermission", Identity=identity, User="NT AUTHORITY\\ANONYMOUS LOGON", ExtendedRights=[BYPASS])
    run(stand, "Add-ADPermission", Identity=identity, User="NT AUTHORITY\\Authenticated Users", ExtendedRights=[RELAY])
    denied = {"ExtendedRights": ["ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"], "Deny": True}
    run(stand, "Add-ADPermission", Identity=identity, User="NT AUTHORITY\\ANONYMOUS LOGON", **denied)
    inherited = [entry for entry in connector(stand).acl if entry.inherited]
    stand.apply([printers()])
    anonymous = "NT AUTHORITY\\ANONYMOUS LOGON"
    assert granted(stand) == {(anonymous, RELAY, False), (anonymous, denied["ExtendedRights"][0], True)}
    assert [entry for entry in connector(stand).acl if entry.inherited] == inherited
    stand.apply([printers(rights=[BYPASS])])
    assert (anonymous, BYPASS, False) in granted(stand)


@pytest.mark.parametrize("exchange", ["2010", "se"])
def test_recipients_in_accepted_domains_need_no_relay(relay_stand: Callable[..., Any], exchange: str) -> None:
    stand = relay_stand((), exchange)
    stand.lab.organisation.accepted_domains.append(AcceptedDomain("branch", "*.branch.example", "InternalRelay"))
    with stand.session() as opened:
        result = recipients.read(opened, {"recipients": ["a@lab.example", "b@x.branch.example"]})
        assert [one["internal"] for one in result["recipients"]] == [True, True]
        assert (result["needs_relay"], result["changed"]) == (False, False)
        assert result["verdict"].startswith("None of the recipients needs a relay")
        mixed = recipients.read(opened, {"recipients": ["a@lab.example", "c@example.net"]})
        assert mixed["verdict"] == "A relay is needed for c@example.net only; the other recipients need none"
