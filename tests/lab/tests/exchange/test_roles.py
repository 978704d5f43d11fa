# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user's roles leave of the cmdlets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.powershell.engine import StatementFailed
from exchange_lab.powershell.objects import property_of


@pytest.fixture
def reopened(shells: Callable[..., Any]) -> Callable[..., Any]:
    """Open a shell after an account has been given roles."""

    def open_shell(*names: str, version: str = "2019", remote: bool = True, **without: Any) -> Any:
        first = shells(version)
        first.organisation.assign("scott@lab.example", *names, without=without)
        return type(first)(first.organisation, "EX01", "LAB\\Scott", remote)

    return open_shell


def missing(shell: Any, name: str, **parameters: Any) -> str:
    """The error id of a call that cannot be bound."""
    with pytest.raises(StatementFailed) as caught:
        shell.run(name, **parameters)
    return str(caught.value.failure.error_id)


def test_server_management_makes_connectors_but_grants_nothing(reopened: Callable[..., Any]) -> None:
    shell = reopened("Server Management")
    dn = property_of(shell.connector(), "DistinguishedName")
    assert missing(shell, "Add-ADPermission", Identity=dn) == "CommandNotFoundException"
    assert missing(shell, "Get-AcceptedDomain") == "CommandNotFoundException"


def test_organization_management_is_what_everybody_holds_otherwise(shell: Any) -> None:
    assert shell.run("Get-ADPermission", Identity="Default EX01")


def test_a_custom_role_hides_a_parameter(reopened: Callable[..., Any]) -> None:
    shell = reopened("Receive Connectors", **{"Set-ReceiveConnector": ["PermissionGroups"]})
    shell.connector(PermissionGroups="AnonymousUsers")
    shell.run("Set-ReceiveConnector", Identity="Relay", Comment="x")
    found = missing(shell, "Set-ReceiveConnector", Identity="Relay", PermissionGroups="Partners")
    assert found == "NamedParameterNotFound,Set-ReceiveConnector"
    assert missing(shell, "Get-ExchangeServer") == "CommandNotFoundException"


@pytest.mark.parametrize(("version", "remote"), [("2007", True), ("edge", True), ("2019", False)])
def test_local_shells_edge_and_2007_know_no_roles(reopened: Callable[..., Any], version: str, remote: bool) -> None:
    shell = reopened("View-Only Organization Management", version=version, remote=remote)
    shell.connector()


def test_role_assignments_are_shown(shell: Any) -> None:
    shell.organisation.assign("LAB\\scott", "Server Management", "Active Directory Permissions")
    found = shell.run("Get-ManagementRoleAssignment", RoleAssignee="scott")
    roles = {(property_of(each, "Role"), property_of(each, "RoleAssigneeName")) for each in found}
    assert ("Receive Connectors", "Server Management") in roles
    assert ("Active Directory Permissions", "scott") in roles
    assert ("Role Management", "Organization Management") not in roles
    holders = shell.run("Get-ManagementRoleAssignment", Role="active directory permissions")
    assert {property_of(each, "RoleAssigneeName") for each in holders} == {"Organization Management", "scott"}


def test_unknown_roles_are_refused(shell: Any) -> None:
    with pytest.raises(ValueError, match="Lord of the Mails"):
        shell.organisation.assign("scott", "Lord of the Mails")
