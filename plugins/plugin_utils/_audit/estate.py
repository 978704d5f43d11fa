# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit looks at: servers with their connectors, accepted domains, and what people say of their clients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version

FRONTEND = "FrontendTransport"


@dataclass(frozen=True, eq=False)
class Connector:
    """A receive connector as far as it decides who may do what; compared by identity, since it may be large."""

    server: str
    name: str
    distinguished_name: str
    enabled: bool
    role: str
    bindings: tuple[Binding, ...]
    ranges: Sequence[IPRange]
    auth: frozenset[str]
    groups: tuple[str, ...]
    entries: tuple[Entry, ...]
    require_tls: bool = False

    @property
    def title(self) -> str:
        """The identity that Exchange shows."""
        return f"{self.server}\\{self.name}"


@dataclass(frozen=True)
class AcceptedDomain:
    """``example.com``, ``*.example.com`` or ``*``; ``kind`` is Authoritative, InternalRelay or ExternalRelay."""

    name: str
    domain: str
    kind: str


@dataclass(frozen=True)
class Server:
    """One server; ``addresses`` is None where it cannot be learnt which ones the host has."""

    facts: ServerFacts
    connectors: tuple[Connector, ...]
    addresses: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """The server's name."""
        return self.facts.name

    def ignores_sender_rights(self, connector: Connector) -> bool:
        """Whether sender rights have no effect on anonymous clients: front ends of 2013 and later."""
        return self.facts.version >= Version.EXCHANGE_2013 and not self.facts.edge and connector.role == FRONTEND


@dataclass(frozen=True)
class RegisteredClient:
    """A client that somebody answers for; ``connector`` is "" where it may use any."""

    name: str
    address: IPRange
    owner: str = ""
    note: str = ""
    expires: date | None = None
    connector: str = ""


@dataclass(frozen=True)
class Estate:
    """Everything an audit judges.

    ``infrastructure`` maps an address to what it is: an Exchange server or a load balancer, by name. ``today`` is
    the day against which expiry is judged.
    """

    servers: tuple[Server, ...]
    domains: tuple[AcceptedDomain, ...]
    principals: Principals
    today: date
    clients: tuple[RegisteredClient, ...] = ()
    exchange_addresses: dict[str, str] = field(default_factory=dict)
    load_balancers: tuple[IPRange, ...] = ()

    @property
    def catch_all(self) -> AcceptedDomain | None:
        """The accepted domain ``*``, which makes every recipient one of the organization."""
        return next((domain for domain in self.domains if domain.domain == "*"), None)
