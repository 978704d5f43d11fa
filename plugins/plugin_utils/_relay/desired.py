# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task wants of one relay connector, and what that means for the connector that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import range_limit
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights as known_rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.desired_connector import DesiredConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import clients, guard
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.clients import Clients
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.place import place
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import (
    EXTERNAL,
    Grant,
    State,
    of_groups,
)

MODES = ("anonymous", "internal_only", "externally_secured")
# Options of receive_connector that follow from mode, clients and address here.
DERIVED = ("name", "usage", "bindings", "remote_ip_ranges", "permission_groups")
OPTIONS = tuple(option for option in PARAMETERS if option not in DERIVED)
_SMTP = 25
SWITCHES = (
    "acknowledge_trust",
    "merge_ranges",
    "allow_wide_range",
    "allow_any_range",
    "allow_server_address",
    "allow_default_connector",
    "allow_absent_address",
)
# Options that are compared as part of the state, or get the mark, and not one by one.
STATE_OPTIONS = ("auth_mechanism", "enabled", "transport_role", "comment")


@dataclass(frozen=True)
class Desired:
    """One entry of the list, read.

    ``bindings`` is empty where neither address nor bindings were given, ``port`` None where it was not.
    """

    name: str
    server: str
    present: bool
    mode: str
    bindings: frozenset[Binding]
    port: int | None
    clients: Clients
    rights: frozenset[str]
    settings: Mapping[str, Value]
    allowed: guard.Allowed
    merge_ranges: bool = False
    allows_absent_address: bool = False

    @classmethod
    def from_options(cls, options: Mapping[str, Plain]) -> Desired:
        """Read the options; ValueError that begins with the connector's name."""
        server, name = place(options)
        try:
            return cls(
                name=name,
                server=server,
                present=options.get("state") != "absent",
                mode=str(options.get("mode") or "anonymous"),
                bindings=_bindings(options),
                port=_port(options.get("port")),
                clients=clients.parse(options.get("clients") or []),
                rights=frozenset(known_rights.known(str(right)) for right in _list(options.get("rights"))),
                settings=_settings({**options, "name": name}),
                allowed=allowed(options),
                merge_ranges=options.get("merge_ranges") is True,
                allows_absent_address=options.get("allow_absent_address") is True,
            )
        except ValueError as problem:
            raise ValueError(f"connector {name}: {problem}") from None

    def check_version(self, server: ServerFacts) -> None:
        """Refuse rights that the server's release does not have; ValueError that begins with the connector's name."""
        try:
            known_rights.check_version(self.rights if self.present else (), server)
        except ValueError as problem:
            raise ValueError(f"connector {self.name}: {problem}") from None

    def check(self, server: str, addresses: Mapping[str, str], today: date) -> None:
        """Refuse what is dangerous and not allowed; ValueError."""
        guard.check_dedicated(self.name, server, self.allowed)
        if not self.present:
            return
        if self.mode == "externally_secured":
            guard.check_trust(self.name, self.allowed)
        if self.mode == "internal_only" and known_rights.RELAY in self.rights:
            raise ValueError(
                f"connector {self.name}: rights hold {known_rights.RELAY}, which mode internal_only is without. Take "
                "it out, or set mode anonymous"
            )
        active = self.clients.unexpired(today)
        named = {client.address: client.name for client in self.clients.told.values() if client.name}
        guard.check_ranges(self.name, active, self.allowed, named)
        guard.check_server_addresses(self.name, active, addresses, self.allowed, named)

    def ranges(self, today: date) -> frozenset[IPRange]:
        """The addresses of the clients that have not expired, merged where they are too many and that is allowed."""
        try:
            found = frozenset(self.clients.active(today))
            return frozenset(range_limit.fit(found, merge_ranges=self.merge_ranges))
        except ValueError as problem:
            raise ValueError(f"connector {self.name}: {problem}") from None

    def goal(self, before: State | None, facts: ServerFacts, today: date) -> State | None:
        """The connector as it is meant to be; None where it is to go, or to come without having any client yet.

        A connector whose clients have all expired stays, closed and without a right to relay, because it cannot be
        without a range (New-ReceiveConnector, RemoteIPRanges).
        """
        ranges = self.ranges(today)
        if not self.present or (before is None and not ranges):
            return None
        mode = self.mode if ranges else "internal_only"
        groups = frozenset({"ExchangeServers"} if mode == "externally_secured" else {"AnonymousUsers"})
        wanted = {Grant(known_rights.ANONYMOUS, right) for right in self._rights(mode)}
        return State(
            name=before.name if before else self.name,
            enabled=bool(ranges) and self.settings.get("enabled") is not False,
            bindings=self._listening(before, ranges),
            ranges=ranges or (before.ranges if before else frozenset()),
            auth=self._auth(mode),
            groups=groups,
            entries=_entries(before, groups, wanted),
            role=self._role(before, facts),
            inherited=before.inherited if before else frozenset(),
        )

    def _rights(self, mode: str) -> frozenset[str]:
        if mode == "internal_only":
            return self.rights - {known_rights.RELAY}
        return self.rights | ({known_rights.RELAY} if mode == "anonymous" else set())

    def _auth(self, mode: str) -> frozenset[str]:
        asked = self.settings.get("auth_mechanism")
        given = asked if isinstance(asked, frozenset) else None
        if mode == "externally_secured":
            return (given or frozenset()) | {EXTERNAL}
        return (frozenset({"Tls"}) if given is None else given) - {EXTERNAL}

    def _role(self, before: State | None, facts: ServerFacts) -> str:
        if not facts.has_transport_roles:
            return ""
        return str(self.settings.get("transport_role") or (before.role if before else "") or "FrontendTransport")

    def _listening(self, before: State | None, ranges: frozenset[IPRange]) -> frozenset[Binding]:
        """The bindings given, else the addresses that are there, else every address of the clients' IP versions."""
        if self.bindings:
            return self.bindings
        if before is not None:
            return frozenset(Binding(one.address, self.port or one.port) for one in before.bindings)
        every = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - what Exchange calls all addresses
        return frozenset(Binding(every[version], self.port or _SMTP) for version in {item.version for item in ranges})


def allowed(options: Mapping[str, Plain]) -> guard.Allowed:
    """The dangers that an entry takes on itself."""
    return guard.Allowed(
        wide_range=options.get("allow_wide_range") is True,
        any_range=options.get("allow_any_range") is True,
        server_address=options.get("allow_server_address") is True,
        default_connector=options.get("allow_default_connector") is True,
        trust=options.get("acknowledge_trust") is True,
    )


def _entries(before: State | None, groups: frozenset[str], wanted: set[Grant]) -> frozenset[Grant]:
    """The group's entries, what is wanted besides, and what somebody denied, unless that contradicts.

    Rights that anybody else was granted go: a dedicated relay connector is for its clients. What principals of the
    connector's own groups hold is the groups' affair.
    """
    if before is None:
        return of_groups(groups) | wanted
    present = of_groups(groups) if before.groups != groups else before.entries & of_groups(groups)
    contradicted = {grant._replace(deny=True) for grant in wanted} | {
        grant._replace(deny=True) for grant in of_groups(groups) if grant.right == known_rights.RELAY
    }
    kept = {entry for entry in before.explicit if entry.deny} - contradicted
    return frozenset(present | wanted | kept)


def _settings(options: Mapping[str, Plain]) -> Mapping[str, Value]:
    """The options of receive_connector, parsed and within their bounds; lists whole, never as changes to a list."""
    given = {option: options[option] for option in OPTIONS if options.get(option) is not None}
    wanted = DesiredConnector.from_options({**given, "name": options["name"]}).wanted
    found: dict[str, Value] = {}
    for option, value in wanted.items():
        if not isinstance(value, (type(None), bool, int, str, frozenset)) and not hasattr(value, "total_seconds"):
            raise ValueError(f"{option}: give the whole list; what is to come and go follows from it")
        found[option] = value  # type: ignore[assignment]
    if EXTERNAL in _set(found.get("auth_mechanism")) and options.get("mode") != "externally_secured":
        raise ValueError("auth_mechanism: ExternalAuthoritative goes with mode externally_secured. Set that mode")
    return found


def _set(value: Value) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset()


def _list(value: Plain) -> Sequence[Plain]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _port(value: Plain) -> int | None:
    if value is None:
        return None
    port = int(str(value))
    if not 0 < port < 65536:
        raise ValueError(f"port: {port} is not between 1 and 65535")
    return port


def _bindings(options: Mapping[str, Plain]) -> frozenset[Binding]:
    """From ``bindings``, or from ``address`` (a prefix length is left out) and ``port``."""
    if options.get("address") is not None:
        if options.get("bindings") is not None:
            raise ValueError("address and bindings say the same thing. Leave one out")
        port = _port(options.get("port")) or _SMTP
        address = str(options["address"]).strip().partition("/")[0].strip("[]")
        shown = f"[{address}]" if ":" in address else address
        try:
            return frozenset({Binding.parse(f"{shown}:{port}")})
        except ValueError:
            raise ValueError(
                f"address: {options['address']!r} is not an IP address. Write it as 192.0.2.25; a port goes in port"
            ) from None
    value = PARAMETERS["bindings"].kind.parse(options.get("bindings") or [])
    return value if isinstance(value, frozenset) else frozenset()
