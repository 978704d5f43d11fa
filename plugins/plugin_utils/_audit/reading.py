# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read an estate through one session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import (
    AcceptedDomain,
    Connector,
    Estate,
    RegisteredClient,
    Server,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import all_entries, reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.connector_checks import held_addresses
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller, text, texts


def estate(
    caller: Caller,
    servers: Sequence[ServerFacts],
    today: date,
    clients: Sequence[RegisteredClient] = (),
    load_balancers: Sequence[IPRange] = (),
    others: Iterable[ServerFacts] = (),
) -> Estate:
    """Read connectors, entries, addresses and accepted domains; raises ExchangeError, also where RBAC hides a part.

    Of ``others``, which are not audited, only the addresses are read, since a relay range must not hold them either.
    """
    read = [_server(caller, facts) for facts in servers]
    connectors = [connector for server in read for connector in server.connectors]
    return Estate(
        tuple(read),
        tuple(_domain(item) for item in caller.call(Command("Get-AcceptedDomain"), "Reading the accepted domains")),
        Principals.learn((connector.groups, connector.entries) for connector in connectors),
        today,
        tuple(clients),
        {address: facts.name for facts in others for address in held_addresses(caller, facts) or ()}
        | {address: server.name for server in read for address in _addresses(server)},
        tuple(load_balancers),
    )


def _server(caller: Caller, facts: ServerFacts) -> Server:
    items = reading.receive_connectors(caller, facts.name)
    entries = all_entries.read(caller, facts.name, all_entries.identities(items))
    found = [_connector(facts.name, item, entries[text(item, "DistinguishedName")]) for item in items]
    held = held_addresses(caller, facts)
    return Server(facts, tuple(found), None if held is None else frozenset(held))


def _addresses(server: Server) -> set[str]:
    named = {binding.address for each in server.connectors for binding in each.bindings if not binding.wildcard}
    return named | (server.addresses or set())


def _connector(server: str, item: WireObject, entries: Sequence[Entry]) -> Connector:
    name = text(item, "Name")
    try:
        return Connector(
            server=server,
            name=name,
            distinguished_name=text(item, "DistinguishedName"),
            enabled=text(item, "Enabled").lower() != "false",
            role=text(item, "TransportRole"),
            bindings=tuple(sorted(Binding.parse(one) for one in texts(item, "Bindings"))),
            ranges=tuple(sorted({IPRange.parse(one) for one in texts(item, "RemoteIPRanges")})),
            auth=frozenset(texts(item, "AuthMechanism")) - {"None"},
            groups=tuple(reading.permission_groups(item)),
            entries=tuple(entries),
            require_tls=text(item, "RequireTLS").lower() == "true",
        )
    except ValueError as problem:
        raise ValueError(f"receive connector {name} on {server}: {problem}") from None


def _domain(item: WireObject) -> AcceptedDomain:
    return AcceptedDomain(text(item, "Name"), text(item, "DomainName").lower(), text(item, "DomainType"))
