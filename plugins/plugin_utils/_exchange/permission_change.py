# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be written to a connector's access control list, and what must not be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals


@dataclass(frozen=True)
class Wanted:
    """What one task asks for: these rights of one account, allowed or denied, to be there, gone, or the only ones."""

    user: str
    rights: tuple[str, ...]
    deny: bool = False
    state: str = "present"


@dataclass(frozen=True)
class PermissionChange:
    """The rights to add and to remove for one account and one access, and what the reader should know of them."""

    user: str
    deny: bool
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def commands(self, distinguished_name: str) -> list[Command]:
        """Removal first, so that at no moment more is allowed than before or after."""
        calls = (("Remove-ADPermission", self.remove), ("Add-ADPermission", self.add))
        order = calls if not self.deny else tuple(reversed(calls))
        return [
            permission_command(name, distinguished_name, self.user, rights, self.deny)
            for name, rights in order
            if rights
        ]


def permission_command(
    name: str, distinguished_name: str, user: str, rights: Sequence[str], deny: bool = False
) -> Command:
    """One Add- or Remove-ADPermission; a denial is removed only by a call that carries ``-Deny``."""
    parameters: dict[str, Plain] = {
        "Identity": distinguished_name,
        "User": user,
        "ExtendedRights": list[Plain](rights),
    }
    return Command(name, {**parameters, **({"Deny": True} if deny else {}), "Confirm": False})


def permission_change(
    wanted: Wanted, entries: Iterable[Entry], groups: Iterable[str], principals: Principals
) -> PermissionChange:
    """Compare; ValueError where a right to be removed comes from a permission group of the connector."""
    present = [entry for entry in entries if principals.same(entry.user, wanted.user)]
    own = [entry for entry in present if entry.deny == wanted.deny and not entry.inherited]
    explicit = {entry.right for entry in principals.explicit(own, list(groups))}
    by_group = {entry.right: principals.granted_by(entry, groups) for entry in own if entry.right not in explicit}
    account = next((entry.user for entry in present), principals.account(wanted.user))
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    if wanted.state == "absent":
        _refuse_groups(wanted, by_group)
        remove = tuple(right for right in wanted.rights if right in explicit)
    else:
        add = tuple(right for right in wanted.rights if right not in explicit and right not in by_group)
        if wanted.state == "exact":
            remove = tuple(sorted(explicit.difference(wanted.rights)))
    return PermissionChange(account, wanted.deny, add, remove, tuple(_notes(wanted, present)))


def _refuse_groups(wanted: Wanted, by_group: dict[str, str]) -> None:
    for right in wanted.rights:
        if right in by_group:
            group = by_group[right]
            raise ValueError(
                f"{right} is granted to {wanted.user} by the permission group {group}, not by an entry of its own, "
                f"and does not go away by itself. Take {group} out of the connector's permission_groups instead."
            )


def _notes(wanted: Wanted, present: Iterable[Entry]) -> Iterable[str]:
    """What stays although the reader may not expect it: the other access, and what the connector inherits."""
    for entry in present:
        if entry.right not in wanted.rights:
            continue
        if entry.deny and not wanted.deny and wanted.state != "absent":
            yield f"{entry.right} stays denied to {entry.user} by another entry, and a denial outweighs a grant."
        elif entry.inherited and entry.deny == wanted.deny and wanted.state == "absent":
            yield f"{entry.right} stays {entry.access} for {entry.user} by an inherited entry, which is never touched."
