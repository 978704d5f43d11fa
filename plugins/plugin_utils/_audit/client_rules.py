# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about registered clients and about denials that do nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import remedies
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.coverage import Coverage
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Connector, Estate, RegisteredClient
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.exposure_rules import SHOWN, listed
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import Finding
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.view import ServerView
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry


class Registry:
    """The registered clients by the connector that they belong to, "" for any."""

    def __init__(self, estate: Estate) -> None:
        """Sort the clients once, however many connectors ask."""
        self._clients: dict[str, list[RegisteredClient]] = defaultdict(list)
        for client in estate.clients:
            self._clients[client.connector.lower()].append(client)
        self._known = {name: Coverage.of(one.address for one in found) for name, found in self._clients.items()}
        self._expired = {
            name: [one for one in found if one.expires is not None and one.expires < estate.today]
            for name, found in self._clients.items()
        }

    def expired(self, connector: Connector) -> list[RegisteredClient]:
        """The clients of a connector that are past their expiry."""
        return [client for name in _names(connector) for client in self._expired.get(name, ())]

    def count(self, connector: Connector) -> int:
        """How many clients a connector has."""
        return sum(len(self._clients.get(name, ())) for name in _names(connector))

    def unexplained(self, connector: Connector, covered: Coverage) -> Coverage:
        """The addresses of a connector that are no client's."""
        for name in _names(connector):
            if name in self._known:
                covered = covered.minus(self._known[name])
        return covered


def _names(connector: Connector) -> tuple[str, str, str]:
    return "", connector.name.lower(), connector.title.lower()


def clients(estate: Estate, servers: Sequence[ServerView]) -> Iterator[Finding]:
    """Give the findings about expired and unexplained clients, and about idle denials."""
    registry = Registry(estate)
    for view in servers:
        for connector in view.server.connectors:
            yield from _idle_denials(estate, view, connector)
            if estate.clients and view.cells_of[connector] and view.relays(connector):
                yield from _expired(registry, view, connector)
                yield from _unexplained(registry, view, connector)


def _expired(registry: Registry, view: ServerView, connector: Connector) -> Iterator[Finding]:
    for client in registry.expired(connector):
        if view.extents[connector].narrow.overlaps(client.address):
            words = f"Take {client.name} ({client.address}) out of {connector.title}"
            yield Finding(
                "client_expired",
                "medium",
                view.server.name,
                connector.title,
                f"{client.name} ({client.address}) was to relay until {client.expires} and still may, through"
                f" {connector.title}.",
                (f"owner: {client.owner or 'nobody named'}", f"expired: {client.expires}"),
                "Take the client out of the ranges, or register a later expiry.",
                (remedies.without(connector, [client.address], words),),
            )


def _unexplained(registry: Registry, view: ServerView, connector: Connector) -> Iterator[Finding]:
    rest = registry.unexplained(connector, view.extents[connector].narrow)
    if rest:
        shown = listed(rest.ranges(SHOWN), rest.count)
        yield Finding(
            "unexplained_clients",
            "low" if rest.size < 256 else "medium",
            view.server.name,
            connector.title,
            f"{rest.size} address{'es' * (rest.size > 1)} may relay through {connector.title}, and no registered client"
            f" explains {'them' if rest.size > 1 else 'it'}: {shown}.",
            (f"addresses: {shown}", f"registered clients here: {registry.count(connector)}"),
            "Register who answers for them, or take them out of the ranges.",
        )


def _idle_denials(estate: Estate, view: ServerView, connector: Connector) -> Iterator[Finding]:
    for entry in connector.entries:
        if entry.deny and not entry.inherited:
            reason = _idle(estate, view, connector, entry)
            if reason:
                yield Finding(
                    "ineffective_deny",
                    "low",
                    view.server.name,
                    connector.title,
                    f"Denying {entry.right} to {entry.user} on {connector.title} does nothing: {reason}.",
                    (f"entry: deny {entry.user} {entry.right}",),
                    "Remove the entry, so that nobody relies on it.",
                    (remedies.permission(estate, connector, entry.user, entry.right, deny=True, add=False),),
                )


def _idle(estate: Estate, view: ServerView, connector: Connector, denial: Entry) -> str:
    """Return why a denial changes nothing, or ""."""
    key = estate.principals.key(denial.user)
    senders = (rights.ANY_SENDER, rights.DOMAIN_SENDER)
    if key == rights.ANONYMOUS and denial.right in senders and view.server.ignores_sender_rights(connector):
        return "front ends do not check sender rights"
    if denial.right == rights.RELAY and estate.catch_all is not None:
        return "the accepted domain * lets every recipient through"
    if not any(
        entry.right == denial.right and not entry.deny and _related(key, estate.principals.key(entry.user))
        for entry in connector.entries
    ):
        return "nothing grants it"
    return ""


def _related(denied: str, granted: str) -> bool:
    """Whether the holder of a grant may be among those that are denied: itself, or a member of a group of users."""
    if denied == granted:
        return True
    well_known = {rights.ANONYMOUS, rights.EXTERNALLY_SECURED, rights.LEGACY, rights.PARTNERS, *rights.SERVERS}
    return denied not in well_known and granted not in well_known
