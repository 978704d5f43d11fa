# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read connectors, their entries and the servers' addresses, through whatever session a task has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import (
    Command,
    Outcome,
    Pipeline,
    WireObject,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import parse_address
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version


class Caller(Protocol):
    """What is needed of an Exchange session: one command with an error raised, or several with errors returned."""

    @property
    def facts(self) -> ServerFacts:
        """The server that the session is on."""

    def call(self, command: Command, what: str = "") -> list[WireObject]:
        """Run one command; raises ExchangeError that begins with ``what``."""

    def pipe(self, pipeline: Pipeline, what: str = "") -> list[WireObject]:
        """Run commands joined by a pipe; raises ExchangeError that begins with ``what``."""

    def run(self, *pipelines: Pipeline) -> list[Outcome]:
        """Run pipelines up to the first error record."""

    def gather(self, *pipelines: Pipeline) -> Outcome:
        """Run reading pipelines in as few calls as the server takes, and join what they give."""

    def together(self, *pipelines: Pipeline) -> Outcome | None:
        """Run pipelines of which it does not matter which are made in one call; None where that cannot be."""

    @property
    def early(self) -> Outcome | None:
        """What was read along with the servers, None where that was nothing."""


class Servers(Caller, Protocol):
    """An Exchange session that also knows other servers of the organization."""

    @property
    def servers(self) -> list[ServerFacts]:
        """Every Exchange server there is."""

    def facts_of(self, name: str) -> ServerFacts:
        """Return the facts of a server by name; raises ExchangeError for one that is not there."""

    @property
    def crowded(self) -> bool:
        """Whether the play is on so many hosts that they cannot all ask about each other."""

    @property
    def likely(self) -> str:
        """The name that the session's server most likely has, before anything was read; "" where none is known."""

    @property
    def has_endpoint(self) -> bool:
        """Whether the session is on Exchange's own endpoint."""

    def ahead(self, *pipelines: Pipeline) -> None:
        """Send reads along with the first one, that of the servers."""


def text(item: WireObject, name: str) -> str:
    """A property as text, "" where it is missing or null."""
    value = item.properties.get(name)
    return "" if value is None else str(value)


def texts(item: WireObject, name: str) -> list[str]:
    """A property that is a list, or flags in one string, as a list of text."""
    value = item.properties.get(name)
    if isinstance(value, list):
        return [str(part) for part in value]
    return [part.strip() for part in str(value or "").split(",") if part.strip()]


def permission_groups(connector: WireObject) -> list[str]:
    """The groups of a connector without ``None`` and without ``Custom``, which Exchange derives from other entries."""
    return [group for group in texts(connector, "PermissionGroups") if group not in ("None", "Custom")]


ADAPTERS = "Get-NetworkConnectionInfo"


def listing(server: str) -> Command:
    """The call for all receive connectors of a server: asking for one by an absent name pollutes the event log."""
    return Command("Get-ReceiveConnector", {"Server": server})


def ahead(caller: Servers, server: str = "", *, adapters: bool = False) -> None:
    """Have the connectors of a server, and the addresses that it holds, read along with the servers.

    Whether a server without endpoint tells its addresses depends on its version, which is not known yet.
    """
    name = server or caller.likely
    if name:
        asked = [listing(name), *([Command(ADAPTERS, {"Identity": name})] if adapters and caller.has_endpoint else [])]
        caller.ahead(*((command,) for command in asked))


def early(caller: Caller, server: str) -> Outcome | None:
    """What was read of a server along with the servers; None where that were not all of its connectors.

    Errors of the adapters alone do not matter to the connectors.
    """
    found = caller.early
    connectors = [item for item in found.objects if "RemoteIPRanges" in item.properties] if found else []
    if not found or not connectors or any(ADAPTERS not in f"{each.cmdlet} {each.raw}" for each in found.errors):
        return None
    return found if all(text(item, "Server").casefold() == server.casefold() for item in connectors) else None


def receive_connectors(caller: Caller, server: str) -> list[WireObject]:
    """All receive connectors of one server: asking for one by a name that is absent pollutes the event log.

    An Edge server has one transport service; whether its connectors show a role, and which, means nothing there.
    """
    found = caller.call(listing(server), "Reading the receive connectors")
    return without_roles(found, caller.facts)


def first_look(caller: Caller, server: str) -> list[WireObject]:
    """The receive connectors of a server before anything is written: those that came along with the servers, or all."""
    found = early(caller, server)
    if found is None:
        return receive_connectors(caller, server)
    return without_roles([item for item in found.objects if "RemoteIPRanges" in item.properties], caller.facts)


def without_roles(connectors: Sequence[WireObject], facts: ServerFacts) -> list[WireObject]:
    """The connectors as they were read, those of an Edge server without the role that means nothing there."""
    return [_without_role(item) for item in connectors] if facts.edge else list(connectors)


def _without_role(connector: WireObject) -> WireObject:
    shown = {name: value for name, value in connector.properties.items() if name != "TransportRole"}
    return replace(connector, properties=shown)


def send_connectors(caller: Caller) -> list[WireObject]:
    """All send connectors of the organization; they belong to no server."""
    return caller.call(Command("Get-SendConnector"), "Reading the send connectors")


def entries(caller: Caller, distinguished_name: str, user: str = "") -> list[Entry]:
    """The extended-right entries of one object, of one account where given (Exchange then looks the account up)."""
    command = Command("Get-ADPermission", {"Identity": distinguished_name, **({"User": user} if user else {})})
    return Entry.from_objects(caller.call(command, f"Reading the permissions of {name_of(distinguished_name)}"))


def name_of(distinguished_name: str) -> str:
    """The object's own name out of its distinguished name, for texts."""
    first, _separator, _rest = distinguished_name.replace("\\,", "\0").partition(",")
    return first.partition("=")[2].replace("\0", ",") or distinguished_name


def find(connectors: Iterable[WireObject], name: str) -> WireObject | None:
    """One connector by its name, ``SERVER\\Name`` or distinguished name; the first where there are several."""
    wanted = name.strip().lower()
    short = wanted.rpartition("\\")[2]
    for item in connectors:
        if wanted == text(item, "DistinguishedName").lower() or short == text(item, "Name").lower():
            return item
    return None


def principals(caller: Caller, connectors: Sequence[WireObject], known: Mapping[str, list[Entry]]) -> Principals:
    """Learn the accounts' names from entries already read (by distinguished name), else from one more connector.

    ``AnonymousUsers`` makes entries under the name that the server's language has for the anonymous logon.
    """
    read = [
        (permission_groups(item), known[dn]) for item in connectors if (dn := text(item, "DistinguishedName")) in known
    ]
    learnt = Principals.learn(read)
    for item in connectors:
        if learnt.anonymous:
            break
        dn = text(item, "DistinguishedName")
        if dn not in known and "AnonymousUsers" in permission_groups(item):
            read.append((permission_groups(item), entries(caller, dn)))
            learnt = Principals.learn(read)
    return learnt


def server_addresses(caller: Caller, server: str, connectors: Iterable[WireObject]) -> dict[str, str]:
    """Addresses that one Exchange server holds: those its connectors name, and those its adapters have.

    Get-NetworkConnectionInfo is missing in Exchange 2007, on Edge Transport and where RBAC left it out; then the
    bindings must do.
    """
    bound = (Binding.parse(one) for item in connectors for one in texts(item, "Bindings"))
    found = {binding.address: server for binding in bound if not binding.wildcard}
    if caller.facts.edge or caller.facts.version < Version.EXCHANGE_2010:
        return found
    for outcome in caller.run((Command(ADAPTERS, {"Identity": server}),)):
        for adapter in outcome.objects:
            found |= {address: server for address in texts(adapter, "IPAddresses") if _is_address(address)}
    return found


def _is_address(candidate: str) -> bool:
    try:
        parse_address(candidate)
    except (ValueError, OSError):
        return False
    return True
