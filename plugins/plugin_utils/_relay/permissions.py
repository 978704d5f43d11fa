# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights of one account on one connector: read, compare, write, read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights as known_rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import (
    ANONYMOUS_LOGON,
    Entry,
    Principals,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission_change import (
    PermissionChange,
    Wanted,
    permission_change,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import guard, reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller


@dataclass
class Target:
    """One connector with what was read of it; ``server`` is "" for a send connector."""

    connector: WireObject
    server: str
    siblings: list[WireObject]
    entries: list[Entry]
    principals: Principals
    resolved: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The connector's name."""
        return reading.text(self.connector, "Name")

    @property
    def title(self) -> str:
        """The connector as Exchange writes its identity; a send connector belongs to no server."""
        return f"{self.server}\\{self.name}" if self.server else self.name

    @property
    def distinguished_name(self) -> str:
        """The only identity that *-ADPermission takes in every session and that no other server's connector has."""
        return reading.text(self.connector, "DistinguishedName")

    @property
    def groups(self) -> list[str]:
        """The permission groups; a send connector has none."""
        return reading.permission_groups(self.connector)


def server_of(connector: str, server: str, default: str) -> str:
    """The server whose connector is meant: the option, else the part before the backslash, else the session's."""
    named = connector.partition("\\")[0] if "\\" in connector and "=" not in connector else ""
    if named and server and named.lower() != server.partition(".")[0].lower():
        raise ValueError(f"connector {connector} is not on the server {server} that is given beside it; leave one out")
    return server or named or default


def read(caller: Caller, connector: str, server: str, kind: str) -> Target:
    """Find the connector and read its entries; ValueError where it does not exist."""
    items = reading.send_connectors(caller) if kind == "send" else reading.first_look(caller, server)
    found = reading.find(items, connector)
    if found is None:
        have = ", ".join(sorted(reading.text(item, "Name") for item in items)) or "none"
        where = "in the organization" if kind == "send" else f"on {server}"
        raise ValueError(f"{kind} connector {connector} does not exist {where}; there are: {have}. Correct the name")
    dn = reading.text(found, "DistinguishedName")
    entries = reading.entries(caller, dn)
    own = "" if kind == "send" else reading.text(found, "Server") or server
    return Target(found, own, items, entries, Principals())


def wanted(arguments: Mapping[str, Plain]) -> Wanted:
    """What the task's options ask for; ValueError for a right that does not exist."""
    side: Literal["receive", "send"] = "send" if arguments.get("connector_type") == "send" else "receive"
    listed = arguments.get("rights")
    names = [known_rights.known(str(name), side) for name in listed] if isinstance(listed, list) else []
    return Wanted(
        str(arguments.get("user") or ANONYMOUS_LOGON),
        tuple(sorted(set(names))),
        arguments.get("access") == "deny",
        str(arguments.get("state") or "present"),
    )


def learn(caller: Caller, target: Target, asked: Wanted) -> Wanted:
    """Learn the accounts' names, and let Exchange look up an account that is not written as it writes it itself."""
    target.principals = reading.principals(caller, target.siblings, {target.distinguished_name: target.entries})
    listed = any(target.principals.same(entry.user, asked.user) for entry in target.entries)
    if listed or "\\" in asked.user or target.principals.key(asked.user) == known_rights.ANONYMOUS:
        return asked
    named = {entry.user for entry in reading.entries(caller, target.distinguished_name, asked.user)}
    return Wanted(named.pop() if len(named) == 1 else asked.user, asked.rights, asked.deny, asked.state)


def check(caller: Caller, target: Target, change: PermissionChange, allowed: guard.Allowed) -> None:
    """Refuse to let anybody relay through a connector that is open to more than its devices; ValueError.

    A grant that a denial outweighed begins to count when the denial goes.
    """
    touched = change.remove if change.deny else change.add
    if known_rights.RELAY not in touched or not target.server:
        return
    if change.deny and not any(_grants_relay(entry, target, change.user) for entry in target.entries):
        return
    ranges = [IPRange.parse(text) for text in reading.texts(target.connector, "RemoteIPRanges")]
    guard.check_default(target.name, target.server, allowed)
    guard.check_ranges(target.name, ranges, allowed)
    addresses = reading.server_addresses(caller, target.server, target.siblings)
    guard.check_server_addresses(target.name, ranges, addresses, allowed)


def _grants_relay(entry: Entry, target: Target, user: str) -> bool:
    return entry.right == known_rights.RELAY and not entry.deny and target.principals.same(entry.user, user)


def compare(target: Target, asked: Wanted) -> PermissionChange:
    """What differs; ValueError that names the connector."""
    try:
        return permission_change(asked, target.entries, target.groups, target.principals)
    except ValueError as problem:
        raise ValueError(f"connector {target.name}: {problem}") from None


def steps(change: PermissionChange, target: Target) -> list[tuple[str, Command]]:
    """The commands with what they do in words, in the order in which they are safe."""
    return [
        (_words(command.name.startswith("Add"), change, target.title, command.parameters["ExtendedRights"]), command)
        for command in change.commands(target.distinguished_name)
    ]


def _words(adds: bool, change: PermissionChange, connector: str, listed: Plain) -> str:
    names = " and ".join(map(str, listed if isinstance(listed, list) else []))
    if change.deny:
        verb = "Deny" if adds else "Stop denying"
        return f"{verb} {names} to {change.user} on {connector}"
    return f"{'Grant' if adds else 'Take away'} {names} {'to' if adds else 'from'} {change.user} on {connector}"


def described(target: Target, entries: Sequence[Entry]) -> list[str]:
    """Every entry that is neither inherited nor a group's, one line each, for the diff."""
    return [
        f"{entry.access} {entry.user}: {entry.right}" for entry in target.principals.explicit(entries, target.groups)
    ]


def predicted(target: Target, change: PermissionChange) -> list[Entry]:
    """The entries as they will be after the change."""
    gone = {(right, change.deny) for right in change.remove}
    kept = [
        entry
        for entry in target.entries
        if entry.inherited
        or (entry.right, entry.deny) not in gone
        or not target.principals.same(entry.user, change.user)
    ]
    user = target.principals.anonymous or change.user if change.user.upper() == "S-1-5-7" else change.user
    return sorted({*kept, *(Entry(user, right, change.deny) for right in change.add)})
