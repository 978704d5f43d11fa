# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role based access control: who sees which cmdlets ("Mail flow permissions", the role pages)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from exchange_lab.powershell.cmdlet import Cmdlet

_READING = (
    "Get-ExchangeServer",
    "Get-NetworkConnectionInfo",
    "Get-TransportServer",
    "Get-TransportService",
    "Get-FrontendTransportService",
)

# management role → cmdlets, as far as the lab has them
ROLES: Mapping[str, tuple[str, ...]] = {
    "Receive Connectors": (
        "Get-ReceiveConnector",
        "New-ReceiveConnector",
        "Set-ReceiveConnector",
        "Remove-ReceiveConnector",
    ),
    "Send Connectors": ("Get-SendConnector",),
    "Active Directory Permissions": ("Get-ADPermission", "Add-ADPermission", "Remove-ADPermission"),
    "Exchange Servers": _READING,
    "Monitoring": ("Test-SmtpConnectivity",),
    "Remote and Accepted Domains": ("Get-AcceptedDomain", "Remove-AcceptedDomain"),
    "Role Management": ("Get-ManagementRoleAssignment",),
    "View-Only Configuration": (*_READING, "Get-ReceiveConnector", "Get-SendConnector", "Get-AcceptedDomain"),
}
# role group → management roles
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Organization Management": tuple(ROLES),
    "Server Management": ("Receive Connectors", "Exchange Servers", "Monitoring"),
    "Hygiene Management": ("Receive Connectors", "View-Only Configuration"),
    "View-Only Organization Management": ("View-Only Configuration", "Monitoring"),
}


@dataclass(frozen=True)
class Administrator:
    """What one account holds: role groups, single roles, and parameters that a custom role leaves out."""

    groups: tuple[str, ...] = ("Organization Management",)
    roles: tuple[str, ...] = ()
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def assigned(self) -> list[tuple[str, str]]:
        """Role and assignee; the assignee is a group, or "" for the account itself."""
        by_group = [(role, group) for group in self.groups for role in GROUPS[group]]
        return by_group + [(role, "") for role in self.roles]

    def offers(self, cmdlets: Iterable[Cmdlet]) -> Iterable[Cmdlet]:
        """Those cmdlets, and of them those parameters, that the roles leave."""
        names = {name for role, _ in self.assigned() for name in ROLES[role]}
        for cmdlet in cmdlets:
            if cmdlet.name in names:
                hidden = self.without.get(cmdlet.name, frozenset())
                yield replace(cmdlet, parameters=tuple(each for each in cmdlet.parameters if each.name not in hidden))


def administrator(
    names: Iterable[str] = ("Organization Management",), without: Mapping[str, Iterable[str]] | None = None
) -> Administrator:
    """An account with these role groups and roles; raises ValueError for a name that is neither."""
    given = tuple(names)
    unknown = [name for name in given if name not in GROUPS and name not in ROLES]
    if unknown:
        raise ValueError(f"no role or role group {unknown[0]!r}; there are {', '.join([*GROUPS, *ROLES])}")
    return Administrator(
        tuple(name for name in given if name in GROUPS),
        tuple(name for name in given if name in ROLES),
        {cmdlet: frozenset(parameters) for cmdlet, parameters in (without or {}).items()},
    )


def account_key(user: str) -> str:
    """The bare account of ``DOMAIN\\account`` or ``account@realm``, without case."""
    return user.rpartition("\\")[2].partition("@")[0].casefold()
