# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Estates in a few words: connectors with what they grant to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import (
    AcceptedDomain,
    Connector,
    Estate,
    RegisteredClient,
    Server,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version

ACCOUNTS = {
    rights.ANONYMOUS: "NT AUTHORITY\\ANONYMOUS LOGON",
    rights.AUTHENTICATED: "NT AUTHORITY\\Authenticated Users",
    rights.EXTERNALLY_SECURED: "MS Exchange\\Externally Secured Servers",
    rights.PARTNERS: "MS Exchange\\Partner Servers",
    rights.LEGACY: "EXAMPLE\\ExchangeLegacyInterop",
    rights.EXCHANGE_SERVERS: "EXAMPLE\\Exchange Servers",
    "edge transport servers": "MS Exchange\\Edge Transport Servers",
    "hub transport servers": "MS Exchange\\Hub Transport Servers",
}
ANY = "0.0.0.0-255.255.255.255"


def connector(
    name: str = "Relay",
    ranges: str = "192.0.2.77",
    *,
    groups: str = "AnonymousUsers",
    relay: bool = False,
    entries: tuple[Entry, ...] = (),
    bindings: str = "0.0.0.0:25",
    auth: str = "Tls",
    server: str = "EX01",
    role: str = "FrontendTransport",
    enabled: bool = True,
) -> Connector:
    """Texts are lists with spaces between; ``relay`` grants the relay right to anonymous clients."""
    acl = [
        Entry(ACCOUNTS[principal], right)
        for group in groups.split()
        for principal, held in rights.GROUP_RIGHTS[group].items()
        for right in sorted(held)
    ]
    own = (Entry(ACCOUNTS[rights.ANONYMOUS], rights.RELAY),) if relay else ()
    return Connector(
        server=server,
        name=name,
        distinguished_name=f"CN={name},CN={server}",
        enabled=enabled,
        role=role,
        bindings=tuple(Binding.parse(text) for text in bindings.split()),
        ranges=tuple(sorted(IPRange.parse(text) for text in ranges.split())),
        auth=frozenset(auth.split()),
        groups=tuple(groups.split()),
        entries=(*acl, *own, *entries),
    )


def estate(
    *connectors: Connector,
    version: Version = Version.EXCHANGE_2019,
    edge: bool = False,
    addresses: str = "192.0.2.10",
    domains: str = "example.com",
    clients: tuple[RegisteredClient, ...] = (),
    exchange_addresses: dict[str, str] | None = None,
    load_balancers: str = "",
) -> Estate:
    """One server unless the connectors are of several; all hold the same addresses, unknown where "?"."""
    names = sorted({each.server for each in connectors} or {"EX01"})
    held = None if addresses == "?" else frozenset(addresses.split())
    servers = tuple(
        Server(
            ServerFacts(name, f"{name.lower()}.example.com", version, edge, "15.2.1.1", frozenset(), ""),
            tuple(each for each in connectors if each.server == name),
            held,
        )
        for name in names
    )
    return Estate(
        servers,
        tuple(AcceptedDomain(name, name, "Authoritative") for name in domains.split()),
        Principals(ACCOUNTS[rights.ANONYMOUS], ACCOUNTS[rights.AUTHENTICATED]),
        date(2026, 11, 24),
        clients,
        exchange_addresses or {},
        tuple(IPRange.parse(text) for text in load_balancers.split()),
    )


@pytest.fixture
def make_connector() -> Callable[..., Connector]:
    return connector


@pytest.fixture
def make_estate() -> Callable[..., Estate]:
    return estate


@pytest.fixture
def make_client() -> Callable[..., RegisteredClient]:
    def make(name: str, address: str, expires: str = "", connector: str = "") -> RegisteredClient:
        day = date.fromisoformat(expires) if expires else None
        return RegisteredClient(name, IPRange.parse(address), "facilities", "", day, connector)

    return make


@pytest.fixture
def anonymous() -> str:
    return ACCOUNTS[rights.ANONYMOUS]


@pytest.fixture
def find() -> Callable[..., list[Any]]:
    """The findings of a rule in an estate; every finding has a severity that its rule names."""
    from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.audit import audit
    from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import RULES

    def of(given: Estate, rule: str) -> list[Any]:
        findings = audit(given)[1]
        assert all(each.severity in RULES[each.rule].severities for each in findings)
        return [each for each in findings if each.rule == rule]

    return of
