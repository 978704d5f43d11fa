# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connector_permission against a lab: allow, deny, absent and exact, in every language, whatever Exchange does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import permission_task

SUBMIT, BYPASS = "ms-Exch-SMTP-Submit", "ms-Exch-Bypass-Anti-Spam"
SENDER, DOMAIN = "ms-Exch-SMTP-Accept-Any-Sender", "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"


def permit(stand: Any, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """The module in this process."""
    arguments = {"connector": "Printers", "rights": [RELAY], **options}
    with stand.session() as exchange:
        return permission_task.apply(exchange, arguments, check_mode, stand.warnings.append)


def entries(stand: Any, name: str = "Printers") -> set[tuple[str, str, bool]]:
    found = next(one for one in stand.lab.organisation.connectors("EX01") if one.name == name).acl
    own = (entry for entry in found if not entry.inherited and not entry.source)
    return {(entry.principal.sid, entry.right, entry.deny) for entry in own}


@pytest.fixture
def printers(relay_stand: Callable[..., Any]) -> Callable[..., Any]:
    """A lab with a connector for one device that may not relay yet."""

    def made(**options: Any) -> Any:
        stand = relay_stand((77,), **options)
        stand.hosts = (25,)
        stand.apply([{"name": "Printers", "mode": "internal_only", "address": 25, "clients": [77]}])
        stand.lab.journal.clear()
        return stand

    return made


def may_relay(stand: Any) -> bool:
    (found,) = stand.abilities().values()
    return "relay" in found


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_the_right_comes_and_goes_in_every_language(printers: Callable[..., Any], language: str) -> None:
    stand = printers(language=language, sid_user="refused")
    assert permit(stand)["changed"]
    assert entries(stand) == {("S-1-5-7", RELAY, False)}
    assert may_relay(stand)
    assert not permit(stand, user="NT AUTHORITY\\ANONYMOUS LOGON")["changed"]
    assert not permit(stand, user="S-1-5-7", state="exact")["changed"]
    assert permit(stand, state="absent")["changed"]
    assert not may_relay(stand)


def test_the_distinguished_name_is_the_identity_of_every_call(printers: Callable[..., Any]) -> None:
    stand = printers()
    permit(stand)
    permit(stand, state="absent")
    calls = [command for command in stand.lab.journal.commands if command.name.endswith("-ADPermission")]
    assert len(calls) == 6  # read, write, read again; twice
    assert {str(call.parameters["Identity"]).partition(",")[0] for call in calls} == {"CN=Printers"}


def test_a_run_without_change_costs_three_reads(printers: Callable[..., Any]) -> None:
    stand = printers()
    permit(stand)
    stand.lab.journal.clear()
    permit(stand)
    assert [command.name for command in stand.lab.journal.commands] == [
        "Get-ExchangeServer",
        "Get-ReceiveConnector",
        "Get-ADPermission",
    ]
    assert stand.lab.journal.counts()["sessions_opened"] == 1


def test_allow_and_deny_are_apart(printers: Callable[..., Any]) -> None:
    stand = printers()
    permit(stand)
    denied = permit(stand, access="deny")
    assert (denied["allowed"], denied["denied"]) == ([RELAY], [RELAY])
    assert not may_relay(stand)
    assert any("a denial outweighs a grant" in warning for warning in told(stand, permit))
    permit(stand, access="deny", state="absent")
    assert entries(stand) == {("S-1-5-7", RELAY, False)}
    permit(stand, access="deny")
    permit(stand, state="absent")
    assert entries(stand) == {("S-1-5-7", RELAY, True)}


def told(stand: Any, work: Callable[[Any], Any]) -> list[str]:
    stand.warnings.clear()
    work(stand)
    return list(stand.warnings)


def test_exact_leaves_the_rights_listed_and_those_of_groups(printers: Callable[..., Any]) -> None:
    stand = printers()
    permit(stand, rights=[RELAY, BYPASS])
    result = permit(stand, rights=[BYPASS], state="exact")
    assert result["allowed"] == [BYPASS]
    assert result["granted_by_group"][SUBMIT] == "AnonymousUsers"
    assert permit(stand, rights=[], state="exact")["allowed"] == []
    assert "inside" in next(iter(stand.abilities().values()))


@pytest.mark.parametrize("group_rights", ["removable", "fixed"])
def test_a_right_of_a_group_is_refused_with_the_advice(printers: Callable[..., Any], group_rights: str) -> None:
    stand = printers(group_rights=group_rights)
    with pytest.raises(ValueError, match="permission group AnonymousUsers") as caught:
        permit(stand, rights=[SUBMIT], state="absent")
    assert "Take AnonymousUsers out of the connector's permission_groups" in str(caught.value)
    assert "inside" in next(iter(stand.abilities().values()))


def test_inherited_entries_stay(printers: Callable[..., Any]) -> None:
    stand = printers()

    def inherited() -> list[Any]:
        found = next(one for one in stand.lab.organisation.connectors("EX01") if one.name == "Printers").acl
        return [entry for entry in found if entry.inherited]

    before = inherited()
    assert before
    account = before[0].principal.name
    permit(stand, user=account, rights=[BYPASS])
    permit(stand, user=account, rights=[], state="exact")
    assert inherited() == before


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("ms-Exch-SMTP-Accept-Any-Recipent", RELAY),
        ("Accept-Any-Recipient", RELAY),
        ("ms-exch-bypass-antispam", BYPASS),
    ],
)
def test_the_nearest_right_is_proposed(shared_stand: Any, name: str, proposed: str) -> None:
    with pytest.raises(ValueError, match=f"Did you mean {proposed}"):
        permit(shared_stand, rights=[name], connector="Default Frontend EX01")


def test_case_does_not_matter(printers: Callable[..., Any]) -> None:
    stand = printers()
    permit(stand, rights=[RELAY.upper()])
    assert entries(stand) == {("S-1-5-7", RELAY, False)}


def test_a_send_connector_has_rights_of_its_own(shared_stand: Any) -> None:
    right = "ms-Exch-Send-Headers-Organization"
    options = {"connector": "Internet mail", "connector_type": "send", "rights": [right]}
    assert permit(shared_stand, **options)["allowed"].count(right) == 1
    assert not permit(shared_stand, **options)["changed"]
    assert permit(shared_stand, **options, state="absent")["changed"]
    with pytest.raises(ValueError, match="a right on receive connectors, it means nothing on a send connector"):
        permit(shared_stand, **options | {"rights": [RELAY]})


@pytest.mark.parametrize("set_groups", ["keep", "drop"])
def test_explicit_entries_outlive_a_change_of_groups(printers: Callable[..., Any], set_groups: str) -> None:
    """Whether setting PermissionGroups drops them is not known; what was read again is put back where it did."""
    stand = printers(set_groups=set_groups)
    permit(stand)
    permit(stand, rights=[DOMAIN], access="deny")
    kept = entries(stand)
    stand.apply([{"name": "Printers", "address": 25, "clients": [77], "mode": "anonymous", "enabled": True}])
    assert entries(stand) == kept
    trusted = {"mode": "externally_secured", "acknowledge_trust": True}
    stand.apply([{"name": "Printers", "address": 25, "clients": [77], **trusted}])
    assert entries(stand) == {("S-1-5-7", DOMAIN, True)}
    stand.apply([{"name": "Printers", "address": 25, "clients": [77]}])
    assert entries(stand) == kept


def test_same_named_connectors_of_two_servers_are_not_mixed_up(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(servers=2)
    for server in ("EX01", "EX02"):
        stand.apply([{"name": "Printers", "server": server, "mode": "internal_only", "clients": [77]}])
    result = permit(stand, connector="EX02\\Printers")
    assert result["connector"] == "EX02\\Printers"
    assert entries(stand) == set()
