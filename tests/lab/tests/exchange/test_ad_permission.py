# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get-, Add- and Remove-ADPermission as a caller sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.powershell.engine import StatementFailed
from exchange_lab.powershell.objects import property_of, text_of

ANONYMOUS = "NT AUTHORITY\\ANONYMOUS LOGON"
RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"


def value(thing: Any, name: str) -> Any:
    """A property as plain text, or a list of texts."""
    found = property_of(thing, name)
    return [text_of(item) for item in found] if isinstance(found, list) else text_of(found)


def dn_of(connector: Any) -> str:
    """Where a connector is."""
    return str(value(connector, "DistinguishedName"))


def own(shell: Any, identity: str, **parameters: Any) -> set[tuple[str, str, bool]]:
    """Account, right and deny of the entries that are not inherited."""
    found = shell.run("Get-ADPermission", Identity=identity, **parameters)
    return {
        (value(each, "User"), value(each, "ExtendedRights")[0], property_of(each, "Deny"))
        for each in found
        if not property_of(each, "IsInherited")
    }


@pytest.fixture
def relay(shell: Any) -> str:
    """The distinguished name of a connector for anonymous clients."""
    return dn_of(shell.connector(PermissionGroups="AnonymousUsers"))


def test_the_groups_entries_are_in_the_list(shell: Any, relay: str) -> None:
    assert own(shell, relay) == {
        (ANONYMOUS, right, False)
        for right in (
            "ms-Exch-Accept-Headers-Routing",
            "ms-Exch-SMTP-Accept-Any-Sender",
            "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
            "ms-Exch-SMTP-Submit",
        )
    }


def test_each_entry_is_an_object_of_its_own(shell: Any, relay: str) -> None:
    for entry in shell.run("Get-ADPermission", Identity=relay):
        rights, access = property_of(entry, "ExtendedRights"), value(entry, "AccessRights")
        assert (rights is None) == (access != ["ExtendedRight"])
        assert rights is None or len(rights) == 1
        assert value(entry, "Identity") == "EX01\\Relay"


def test_inherited_entries_of_both_kinds_are_there(shell: Any, relay: str) -> None:
    found = [each for each in shell.run("Get-ADPermission", Identity=relay) if property_of(each, "IsInherited")]
    assert {property_of(each, "Deny") for each in found} == {True, False}
    assert {property_of(each, "ExtendedRights") is None for each in found} == {True, False}


def test_a_right_is_granted_and_makes_the_groups_custom(shell: Any, relay: str) -> None:
    added = shell.run("Add-ADPermission", Identity=relay, User=ANONYMOUS, ExtendedRights=RELAY.lower())
    assert [value(each, "ExtendedRights") for each in added] == [[RELAY]]
    assert (ANONYMOUS, RELAY, False) in own(shell, relay)
    assert value(shell.read(), "PermissionGroups") == "AnonymousUsers, Custom"


def test_a_whole_group_granted_by_hand_is_that_group(shell: Any) -> None:
    identity = dn_of(shell.connector(PermissionGroups="None"))
    rights = ["ms-Exch-SMTP-Submit", "ms-Exch-Accept-Headers-Routing"]
    shell.run("Add-ADPermission", Identity=identity, User="MS Exchange\\Partner Servers", ExtendedRights=rights)
    assert value(shell.read(), "PermissionGroups") == "Partners"


def test_a_duplicate_is_a_warning(shell: Any, relay: str) -> None:
    [warning] = shell.warnings("Add-ADPermission", Identity=relay, User=ANONYMOUS, ExtendedRights="ms-Exch-SMTP-Submit")
    assert warning.startswith("The appropriate access control entry is already present on the object")


def test_allow_and_deny_are_separate(shell: Any, relay: str) -> None:
    for deny in ({}, {"Deny": ...}):
        shell.run("Add-ADPermission", Identity=relay, User=ANONYMOUS, ExtendedRights=RELAY, **deny)
    assert {deny for _, right, deny in own(shell, relay) if right == RELAY} == {True, False}
    shell.run("Remove-ADPermission", Identity=relay, User=ANONYMOUS, ExtendedRights=RELAY, Deny=..., Confirm=False)
    assert {deny for _, right, deny in own(shell, relay) if right == RELAY} == {False}


def test_removing_asks_unless_told_not_to(shell: Any, relay: str) -> None:
    with pytest.raises(StatementFailed, match="user interaction"):
        shell.run("Remove-ADPermission", Identity=relay, User=ANONYMOUS, ExtendedRights="ms-Exch-SMTP-Submit")


def test_removing_what_is_not_there_is_a_warning(shell: Any, relay: str) -> None:
    given = {"Identity": relay, "User": ANONYMOUS, "ExtendedRights": RELAY, "Confirm": False}
    assert shell.warnings("Remove-ADPermission", **given) == [
        f'Can\'t remove the access control entry on the object "{relay}" for account "{ANONYMOUS}" because the ACE '
        "doesn't exist on the object."
    ]


def test_inherited_entries_stay(shell: Any, relay: str) -> None:
    given = {"User": "LAB\\Organization Management", "ExtendedRights": "Send-As", "Deny": ..., "Confirm": False}
    assert "inherited" in shell.warnings("Remove-ADPermission", Identity=relay, **given)[0]


@pytest.mark.parametrize(
    ("choice", "partial", "groups"),
    [
        ("removable", "custom", "Custom"),
        ("removable", "group", "AnonymousUsers, Custom"),
        ("fixed", "custom", "AnonymousUsers"),
    ],
)
def test_a_groups_right_may_be_removable(shells: Callable[..., Any], choice: str, partial: str, groups: str) -> None:
    shell = shells(group_rights=choice, partial_group=partial)
    identity = dn_of(shell.connector(PermissionGroups="AnonymousUsers"))
    given = {"User": ANONYMOUS, "ExtendedRights": "ms-Exch-SMTP-Accept-Any-Sender", "Confirm": False}
    assert len(shell.warnings("Remove-ADPermission", Identity=identity, **given)) == (choice == "fixed")
    assert value(shell.read(), "PermissionGroups") == groups


@pytest.mark.parametrize(("choice", "left"), [("keep", True), ("drop", False)])
def test_setting_groups_may_drop_explicit_entries(shells: Callable[..., Any], choice: str, left: bool) -> None:
    shell = shells(set_groups=choice)
    identity = dn_of(shell.connector(PermissionGroups="AnonymousUsers"))
    shell.run("Add-ADPermission", Identity=identity, User=ANONYMOUS, ExtendedRights=RELAY)
    shell.run("Set-ReceiveConnector", Identity="Relay", PermissionGroups="AnonymousUsers, Partners")
    assert ((ANONYMOUS, RELAY, False) in own(shell, identity)) is left
    assert "Partners" in value(shell.read(), "PermissionGroups")
    shell.run("Set-ReceiveConnector", Identity="Relay", PermissionGroups="Partners")
    assert (ANONYMOUS, "ms-Exch-SMTP-Submit", False) not in own(shell, identity)


def test_custom_cannot_be_set(shells: Callable[..., Any], shell: Any) -> None:
    shell.connector()
    assert "Custom" in shell.fail("Set-ReceiveConnector", Identity="Relay", PermissionGroups="Custom").message
    easy = shells(custom_group="ignored")
    easy.connector()
    easy.run("Set-ReceiveConnector", Identity="Relay", PermissionGroups="AnonymousUsers, Custom")
    assert value(easy.read(), "PermissionGroups") == "AnonymousUsers"


class TestIdentity:
    def test_server_and_name_are_not_found_remotely(self, shell: Any, relay: str) -> None:
        failure = shell.fail("Get-ADPermission", Identity="EX01\\Relay")
        assert failure.message == "EX01\\Relay wasn't found. Please make sure you've typed it correctly."

    def test_a_local_shell_finds_them(self, shells: Callable[..., Any]) -> None:
        shell = shells(remote=False)
        shell.connector()
        assert shell.run("Get-ADPermission", Identity="EX01\\Relay")

    def test_a_guid_will_do(self, shell: Any, relay: str) -> None:
        assert own(shell, value(shell.read(), "Guid")) == own(shell, relay)

    def test_a_bare_name_means_every_connector_of_that_name(self, shells: Callable[..., Any]) -> None:
        shell = shells(server_names=["EX01", "EX02"])
        shell.connector(PermissionGroups="AnonymousUsers")
        shell.connector(Server="EX02", PermissionGroups="Partners")
        found = shell.run("Get-ADPermission", Identity="Relay")
        assert {value(each, "Identity") for each in found} == {"EX01\\Relay", "EX02\\Relay"}
        failure = shell.fail("Add-ADPermission", Identity="Relay", User=ANONYMOUS, ExtendedRights=RELAY)
        assert failure.reason == "ManagementObjectAmbiguousException"


class TestPipelines:
    @pytest.mark.parametrize("shape", ["strings", "objects"])
    def test_connectors_are_piped_in(self, shells: Callable[..., Any], shape: str) -> None:
        shell = shells(wire_shape=shape)
        shell.connector(PermissionGroups="AnonymousUsers")
        grant = shell.call("Add-ADPermission", User=ANONYMOUS, ExtendedRights=RELAY)
        result = shell.pipe(shell.call("Get-ReceiveConnector", Identity="EX01\\Relay"), grant)
        assert (len(result.objects), result.failures) == (1, [])
        everything = shell.pipe(shell.call("Get-ReceiveConnector", Server="EX01"), shell.call("Get-ADPermission"))
        assert len({value(each, "Identity") for each in everything.objects}) == 6

    @pytest.mark.parametrize("shape", ["strings", "objects"])
    def test_entries_are_piped_to_their_removal(self, shells: Callable[..., Any], shape: str) -> None:
        shell = shells(wire_shape=shape)
        identity = dn_of(shell.connector(PermissionGroups="AnonymousUsers"))
        shell.run("Add-ADPermission", Identity=identity, User=ANONYMOUS, ExtendedRights=RELAY)
        read = shell.call("Get-ADPermission", Identity=identity, User=ANONYMOUS)
        result = shell.pipe(read, shell.call("Remove-ADPermission", Confirm=False))
        assert result.failures == []
        assert own(shell, identity, User=ANONYMOUS) == set()


class TestAccounts:
    @pytest.mark.parametrize(
        ("language", "name"),
        [
            ("en", "NT AUTHORITY\\ANONYMOUS LOGON"),
            ("de", "NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG"),
            ("fr", "AUTORITE NT\\ANONYMOUS LOGON"),
        ],
    )
    def test_the_anonymous_logon_has_the_servers_name(
        self, shells: Callable[..., Any], language: str, name: str
    ) -> None:
        shell = shells(language=language)
        identity = dn_of(shell.connector(PermissionGroups="AnonymousUsers"))
        assert {user for user, _, _ in own(shell, identity)} == {name}
        shell.run("Add-ADPermission", Identity=identity, User=name, ExtendedRights=RELAY)
        if language != "en":
            failure = shell.fail("Add-ADPermission", Identity=identity, User=ANONYMOUS, ExtendedRights=RELAY)
            assert "wasn't found" in failure.message

    def test_an_identifier_may_be_taken(self, shells: Callable[..., Any]) -> None:
        for choice in ("accepted", "refused"):
            shell = shells(sid_user=choice)
            given = {"Identity": dn_of(shell.connector()), "User": "S-1-5-7", "ExtendedRights": RELAY}
            result = shell.pipe(shell.call("Add-ADPermission", **given))
            assert len(result.failures) == (choice == "refused")

    def test_unknown_accounts_and_rights_are_refused(self, shell: Any, relay: str) -> None:
        for given in (
            {"User": "LAB\\nobody", "ExtendedRights": RELAY},
            {"User": ANONYMOUS, "ExtendedRights": "ms-Exch-Relay"},
        ):
            assert "wasn't found" in shell.fail("Add-ADPermission", Identity=relay, **given).message

    def test_the_user_filters(self, shell: Any, relay: str) -> None:
        assert shell.run("Get-ADPermission", Identity=relay, User="LAB\\scanner") == []
        assert len(shell.run("Get-ADPermission", Identity=relay, User="anonymous logon")) == 4


def test_send_connectors_have_permissions_too(shell: Any) -> None:
    identity = dn_of(shell.run("Get-SendConnector")[0])
    right = "ms-Exch-Send-Headers-Organization"
    shell.run("Add-ADPermission", Identity=identity, User=ANONYMOUS, ExtendedRights=right)
    assert (ANONYMOUS, right, False) in own(shell, identity)
