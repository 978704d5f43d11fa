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
    connector_listing,
    connector_task,
    recipients,
    relay_task,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import plan as plans
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.draft import Draft
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.mark import MARK
from exchange_lab.exchange.model import AcceptedDomain, AccessControlEntry
from exchange_lab.inventory import inventory

MODES: dict[str, dict[str, Any]] = {
    "anonymous": {},
    "internal_only": {"mode": "internal_only"},
    "externally_secured": {"mode": "externally_secured", "acknowledge_trust": True},
}
ABLE = {
    "anonymous": {"inside", "relay"},
    "internal_only": {"inside"},
    "externally_secured": {"inside", "relay", "big", "trusted", "unfiltered"},
}
BYPASS = "ms-Exch-Bypass-Anti-Spam"


def printers(mode: str = "anonymous", **options: Any) -> dict[str, Any]:
    return {"name": "Printers", "address": 25, "clients": [77], "max_message_size": "64KB", **MODES[mode], **options}


def connector(stand: Any, name: str = "Printers", server: str = "EX01") -> Any:
    return next((one for one in stand.lab.organisation.connectors(server) if one.name == name), None)


def granted(stand: Any, name: str = "Printers") -> set[tuple[str, str, bool]]:
    """What was granted or denied to somebody beyond the groups."""
    own = (entry for entry in connector(stand, name).acl if not entry.inherited and not entry.source)
    return {(entry.principal.name, entry.right, entry.deny) for entry in own}


def sent(stand: Any) -> list[str]:
    return [command.name for command in stand.lab.journal.commands if not command.name.startswith("Get-")]


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
        f"Create EX01\\Printers, closed, on {stand.address(25)}:25 for {stand.address(77)}, {stand.address(78)} with "
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


def test_a_connector_on_every_address_moves_to_another_port_and_keeps_it(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand()
    listed = {"name": "Scanners", "mode": "internal_only", "clients": [79]}
    for port, found in ((2524, 2524), (None, 2524), (2526, 2526)):
        stand.apply([{**listed, "port": port}])
        assert connector(stand, "Scanners").properties["Bindings"] == (("0.0.0.0", found),)
    assert not stand.apply([{**listed, "name": "EX01\\Scanners"}])["changed"]


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


def by_hand(stand: Any) -> dict[str, Any]:
    """What another administrator gives to New-ReceiveConnector."""
    return {
        "Name": "Printers",
        "Custom": True,
        "Server": "EX01",
        "TransportRole": "FrontendTransport",
        "Bindings": [f"{stand.address(25)}:25"],
        "RemoteIPRanges": [stand.address(78)],
    }


def test_a_connector_that_others_made_is_taken_over_but_never_purged(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand((77,))
    run(stand, "New-ReceiveConnector", **by_hand(stand))
    assert stand.apply([printers()])["changed"]
    assert "relay" in stand.abilities()[stand.address(77), stand.address(25)]
    assert not stand.apply([printers()])["changed"]
    assert not stand.apply([], purge=True)["changed"]
    assert connector(stand)


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


@pytest.mark.parametrize(
    ("switches", "requests"),
    [
        ({}, 12),
        ({"pipelines": "single"}, 14),
    ],
)
def test_a_rerun_costs_the_same_however_many_connectors_there_are(
    relay_stand: Callable[..., Any], switches: dict[str, str], requests: int
) -> None:
    stand = relay_stand(whole=True, **switches)
    for count in (1, 6):
        listed = [{"name": f"R{number}", "port": 30 + number, "clients": [100 + number]} for number in range(count)]
        stand.apply(listed)
        stand.lab.journal.clear()
        assert not stand.apply(listed)["changed"]
        counts = stand.lab.journal.counts()
        assert (counts["sessions_opened"], counts["requests_exchange"]) == (1, requests), count


def test_what_is_written_for_one_connector(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(whole=True)
    stand.apply([printers()])
    names = [command.name for command in stand.lab.journal.commands]
    assert names == [
        "Get-ExchangeServer",
        "Get-ReceiveConnector",
        *("Get-ReceiveConnector", "Get-ADPermission"),
        "Get-NetworkConnectionInfo",
        *("New-ReceiveConnector", "Add-ADPermission", "Set-ReceiveConnector"),
        *("Get-ReceiveConnector", "Get-ADPermission"),
    ]
    new, add = (next(c for c in stand.lab.journal.commands if c.name.startswith(verb)) for verb in ("New-", "Add-"))
    assert new.parameters["Enabled"] is False
    assert new.parameters["TransportRole"] == "FrontendTransport"
    assert add.parameters["Identity"].startswith("CN=Printers,CN=SMTP Receive Connectors,")


def run(stand: Any, name: str, **parameters: Any) -> Any:
    """One cmdlet, as another administrator runs it."""
    from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command

    with stand.session() as exchange:
        return exchange.call(Command(name, parameters))


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


def test_a_step_that_fails_says_how_far_the_plan_came(
    relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = relay_stand((77,))
    stand.lab.organisation.write_protected.add("Printers")
    with pytest.raises(Exception, match="Grant ms-Exch-SMTP-Accept-Any-Recipient"):
        stand.apply([printers()])
    assert any("1 of 3 steps were made before the one that failed" in warning for warning in stand.warnings)
    assert "relay" not in stand.abilities()[stand.address(77), stand.address(25)]
    stand.lab.organisation.write_protected.clear()
    stand.apply([printers()])
    assert "relay" in stand.abilities()[stand.address(77), stand.address(25)]


def test_a_change_that_somebody_else_makes_again_and_again_is_an_error(
    relay_stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = relay_stand()
    make = relay_task.execution.make

    def and_somebody_else(*arguments: Any) -> None:
        make(*arguments)
        run(stand, "Set-ReceiveConnector", Identity="EX01\\Printers", Enabled=False)

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

    def beside_somebody_else(*arguments: Any) -> None:
        monkeypatch.setattr(relay_task.execution, "make", make)
        if when == "after the last write":
            make(*arguments)
        INTRUSIONS[intrusion](stand, identity)
        if when != "after the last write":
            make(*arguments)

    monkeypatch.setattr(relay_task.execution, "make", beside_somebody_else)
    result = stand.apply([printers()])
    assert stand.abilities() == {
        (stand.address(77), stand.address(25)): ABLE["anonymous"],
        (stand.address(78), stand.address(25)): {"inside"},
    }
    assert any("somebody else changed relay connectors on EX01" in warning for warning in stand.warnings)
    assert len(result["steps"]) > 1
    assert not stand.apply([printers()])["changed"]


@pytest.mark.parametrize("exchange", ["2010", "se"])
def test_recipients_in_accepted_domains_need_no_relay(relay_stand: Callable[..., Any], exchange: str) -> None:
    stand = relay_stand((), exchange)
    stand.lab.organisation.accepted_domains.append(AcceptedDomain("branch", "*.branch.example", "InternalRelay"))
    with stand.session() as opened:
        result = recipients.read(opened, {"recipients": ["a@lab.example", "b@x.branch.example"]})
        assert [one["internal"] for one in result["recipients"]] == [True, True]
        assert (result["needs_relay"], result["changed"]) == (False, False)
        assert result["verdict"].startswith("None of the recipients needs a relay")
        mixed = recipients.read(opened, {"recipients": ["a@lab.example", "c@fabrikam.example"]})
        assert mixed["verdict"] == "A relay is needed for c@fabrikam.example only; the other recipients need none"


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
