# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a connector's access control list that no permission group made, kept while the groups are set.

Whether Set-ReceiveConnector -PermissionGroups drops them has no public source, so what is gone afterwards is put back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission_change import permission_command
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller


def read(caller: Caller, connector: ReceiveConnector, warn: Callable[[str], None]) -> list[Entry]:
    """Return the explicit entries, none with a warning where the account may not see them."""
    entries = entries_of(caller, connector)
    if entries is None:
        warn(
            f"the permissions of {connector.identity} could not be read with this account. Whether setting "
            "permission_groups keeps rights that were granted one by one is not documented: look at them afterwards"
        )
        return []
    groups = connector.settings.get("permission_groups")
    return beyond_groups(entries, sorted(groups) if isinstance(groups, frozenset) else [])


def beyond_groups(entries: Sequence[Entry], groups: Sequence[str]) -> list[Entry]:
    """Return the entries that are neither inherited nor brought by one of the permission groups."""
    return Principals.learn([(groups, entries)]).explicit(entries, groups)


def entries_of(caller: Caller, connector: ReceiveConnector) -> list[Entry] | None:
    """Return all entries, None where the account may not see them."""
    outcome = caller.run((Command("Get-ADPermission", {"Identity": connector.distinguished_name}),))[0]
    return None if outcome.errors else Entry.from_objects(outcome.objects)


def restore(
    caller: Caller, connector: ReceiveConnector, before: Sequence[Entry], warn: Callable[[str], None]
) -> list[Entry]:
    """Put back the entries that are gone, denials first; returns them."""
    now = set(entries_of(caller, connector) or before)
    gone = [entry for entry in before if entry not in now]
    for entry in sorted(gone, key=lambda entry: (not entry.deny, entry)):
        command = permission_command(
            "Add-ADPermission", connector.distinguished_name, entry.user, [entry.right], entry.deny
        )
        caller.call(command, f"Restoring {entry.right} for {entry.user} on {connector.identity}")
    if gone:
        warn(
            f"setting permission_groups of {connector.identity} dropped rights that were granted one by one; they were "
            f"put back: {', '.join(sorted({f'{entry.right} for {entry.user}' for entry in gone}))}"
        )
    return gone
