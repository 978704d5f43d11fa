# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relay connectors in words of the tests' own, to judge a plan from outside.

Nothing here uses the code that plans or judges: steps are followed by their cmdlets and parameters alone, addresses
are the standard library's, and what a client may do is worked out address by address.
"""

from __future__ import annotations

import ipaddress
import itertools
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import Grant, State
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step

ANONYMOUS, SECURED, USERS = "anonymous logon", "externally secured servers", "authenticated users"
RELAY, SUBMIT = "ms-Exch-SMTP-Accept-Any-Recipient", "ms-Exch-SMTP-Submit"
SENDER, ROUTING = "ms-Exch-SMTP-Accept-Any-Sender", "ms-Exch-Accept-Headers-Routing"
DOMAIN, BYPASS = "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender", "ms-Exch-Bypass-Anti-Spam"
SIZE, FLAG = "ms-Exch-Bypass-Message-Size-Limit", "ms-Exch-SMTP-Accept-Authentication-Flag"
EXCH50 = "ms-Exch-SMTP-Accept-Exch50"
ORGANIZATION, FOREST = "ms-Exch-Accept-Headers-Organization", "ms-Exch-Accept-Headers-Forest"
TRUSTED = {ROUTING, BYPASS, SIZE, RELAY, SENDER, FLAG, DOMAIN, EXCH50, SUBMIT}
SERVERS = ("exchange servers", "edge transport servers", "hub transport servers")
GROUPS: dict[str, dict[str, set[str]]] = {
    "AnonymousUsers": {ANONYMOUS: {ROUTING, SENDER, DOMAIN, SUBMIT}},
    "ExchangeUsers": {USERS: {ROUTING, BYPASS, RELAY, SUBMIT}},
    "ExchangeServers": {SECURED: TRUSTED, **{name: {*TRUSTED, ORGANIZATION, FOREST} for name in SERVERS}},
}
NOBODY = ipaddress.ip_network("240.0.0.0/4")
Entry = tuple[str, str, bool]
Span = tuple[int, int]


@cache
def group_entries(groups: frozenset[str]) -> frozenset[Entry]:
    return frozenset(
        (who, right, False) for group in groups for who, rights in GROUPS[group].items() for right in rights
    )


@cache
def _allowed(entries: frozenset[Entry], auth: frozenset[str], credentials: bool) -> frozenset[tuple[str, str]]:
    granted = {(who, right) for who, right, deny in entries if not deny} - {
        (who, right) for who, right, deny in entries if deny
    }
    free = {ANONYMOUS} | ({SECURED} if "ExternalAuthoritative" in auth else set())
    found = {("", right) for who, right in granted if who in free}
    if credentials and auth & {"Integrated", "BasicAuth", "ExchangeServer"}:
        found |= {(who, right) for who, right in granted if who not in (ANONYMOUS, SECURED)}
    return frozenset(found)


@dataclass(frozen=True)
class Box:
    """A connector in the test's own words; spans are pairs of IPv4 addresses as numbers."""

    name: str
    bindings: frozenset[tuple[str, int]]
    spans: frozenset[Span]
    auth: frozenset[str]
    groups: frozenset[str]
    explicit: frozenset[Entry] = frozenset()
    enabled: bool = True
    settings: tuple[tuple[str, Any], ...] = field(default=(), compare=False)

    @property
    def entries(self) -> frozenset[Entry]:
        return self.explicit | group_entries(self.groups)

    def allows(self, credentials: bool) -> frozenset[tuple[str, str]]:
        return _allowed(self.entries, self.auth, credentials)

    def state(self) -> State:
        return State(
            self.name,
            self.enabled,
            frozenset(Binding(address, port) for address, port in self.bindings),
            frozenset(IPRange(4, first, last) for first, last in self.spans),
            self.auth,
            self.groups,
            frozenset(Grant(*entry) for entry in self.entries),
            "FrontendTransport",
        )


Server = dict[str, Box]


def serving(server: Server, endpoint: tuple[str, int], address: int, named_only: bool) -> Box | None:
    """The connector with the narrowest range around the address; on a tie the one that names the endpoint."""
    named = [box for box in server.values() if box.enabled and endpoint in box.bindings]
    every = [box for box in server.values() if box.enabled and ("0.0.0.0", endpoint[1]) in box.bindings]
    candidates = named if named and named_only else [*named, *every]
    best: tuple[int, int] | None = None
    found = None
    for box in candidates:
        widths = [last - first for first, last in box.spans if first <= address <= last]
        if widths:
            rank = (min(widths), 0 if endpoint in box.bindings else 1)
            if best is None or rank < best:
                best, found = rank, box
    return found


def ability(server: Server, managed: set[str], client: tuple[tuple[str, int], int, bool]) -> frozenset[tuple[str, str]]:
    """What one client may do; a caller with credentials counts on managed connectors only."""
    box = serving(server, *client)
    return frozenset() if box is None else box.allows(box.name.lower() in managed)


def corners(*servers: Server) -> set[int]:
    spans = {span for server in servers for box in server.values() for span in box.spans}
    near = {edge + shift for span in spans for edge in span for shift in (-1, 0, 1)}
    return {one for one in near if 0 < one < int(NOBODY.network_address)} | {int(ipaddress.ip_address("198.51.100.1"))}


def ranges(texts: Any) -> frozenset[Span]:
    return frozenset(span(text) for text in texts)


def span(text: str) -> Span:
    if "-" in text:
        first, last = text.split("-")
        return int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last))
    network = ipaddress.IPv4Network(text)
    return int(network.network_address), int(network.broadcast_address)


def flags(value: Any) -> frozenset[str]:
    return frozenset(value) - {"None"}


def binding(text: str) -> tuple[str, int]:
    address, _colon, port = text.rpartition(":")
    return address, int(port)


def attributes(box: Box, parameters: dict[str, Any]) -> Box:
    """Everything of a New or Set but the permission groups."""
    change: dict[str, Any] = {}
    if "RemoteIPRanges" in parameters:
        change["spans"] = ranges(parameters["RemoteIPRanges"])
    if "Bindings" in parameters:
        change["bindings"] = frozenset(map(binding, parameters["Bindings"]))
    if "AuthMechanism" in parameters:
        change["auth"] = flags(parameters["AuthMechanism"])
    if "Enabled" in parameters:
        change["enabled"] = parameters["Enabled"]
    return replace(box, **change)


def regroup(box: Box, parameters: dict[str, Any], drops: bool) -> Box:
    if "PermissionGroups" not in parameters:
        return box
    kept = frozenset() if drops else box.explicit
    return replace(box, groups=flags(parameters["PermissionGroups"]), explicit=kept)


def outcomes(server: Server, step: Step, drops: bool) -> list[Server]:
    """What the server may look like when a step was stopped inside, and last what it is when the step was finished."""
    key, parameters = step.connector.lower(), dict(step.parameters)
    if step.cmdlet == "New-ReceiveConnector":
        assert key not in server
        blank = Box(str(parameters["Name"]), frozenset(), frozenset(), frozenset(), frozenset())
        bare = attributes(blank, parameters)
        return [{**server, key: bare}, {**server, key: regroup(bare, parameters, drops)}]
    box = server[key]
    if step.cmdlet == "Remove-ReceiveConnector":
        return [{name: other for name, other in server.items() if name != key}]
    if step.cmdlet == "Set-ReceiveConnector":
        halves = [attributes(box, parameters), regroup(box, parameters, drops)]
        return [{**server, key: one} for one in (*halves, regroup(halves[0], parameters, drops))]
    rights = [(parameters["User"], right, parameters.get("Deny", False)) for right in parameters["ExtendedRights"]]
    if step.cmdlet == "Add-ADPermission":
        parts = [box.explicit | set(rights[: count + 1]) for count in range(len(rights))]
    else:
        assert step.cmdlet == "Remove-ADPermission"
        assert not group_entries(box.groups) & set(rights), "a right of a group cannot be removed"
        assert step.recheck or set(rights) <= box.explicit, "removes what is not there"
        parts = [box.explicit - set(rights[: count + 1]) for count in range(len(rights))]
    made = [replace(box, explicit=frozenset(part) - group_entries(box.groups)) for part in parts]
    return [{**server, key: one} for one in made]


def crossing(one: Box, other: Box) -> bool:
    """Whether Exchange refuses two connectors side by side."""
    if not one.bindings & other.bindings:
        return False
    for (a, b), (c, d) in itertools.product(one.spans, other.spans):
        if (a, b) == (c, d) or (a < c <= b < d) or (c < a <= d < b):
            return True
    return False


HOSTS = int(ipaddress.ip_address("10.0.0.0"))
ENDPOINTS = [("192.0.2.1", 25), ("192.0.2.2", 25), ("192.0.2.99", 25)]
EVERY = (0, 2**32 - 1)
DEFAULT = Box(
    "Default Frontend EX1",
    frozenset({("0.0.0.0", 25)}),
    frozenset({EVERY}),
    frozenset({"Tls", "Integrated", "BasicAuth", "ExchangeServer"}),
    frozenset({"AnonymousUsers", "ExchangeServers"}),
)
MODES: dict[str, dict[str, Any]] = {
    "anonymous": {
        "auth": frozenset({"Tls"}),
        "groups": frozenset({"AnonymousUsers"}),
        "explicit": frozenset({(ANONYMOUS, RELAY, False)}),
    },
    "internal_only": {"auth": frozenset({"Tls"}), "groups": frozenset({"AnonymousUsers"})},
    "externally_secured": {"auth": frozenset({"ExternalAuthoritative"}), "groups": frozenset({"ExchangeServers"})},
}


def state_of(box: Box | None) -> State | None:
    return None if box is None else box.state()


def outside(box: Box | None) -> Any:
    if box is None:
        return None
    return box.enabled, box.bindings, box.spans, box.auth, box.groups, frozenset(box.explicit)


def inside(box: Box, other: Box) -> bool:
    """Whether every address of one connector is one of the other's, or one that nothing sends from."""
    return all(first >= int(NOBODY.network_address) or _covered(first, last, other.spans) for first, last in box.spans)


def _covered(first: int, last: int, others: frozenset[Span]) -> bool:
    at = first
    while at <= last:
        reach = max((end for start, end in others if start <= at <= end), default=-1)
        if reach < at:
            return False
        at = reach + 1
    return True


def never_wider(server: Server, before: Server, goal: Server, managed: set[str]) -> None:
    """Nobody may do more than before or than is meant, and no relay right is on a connector that is wider than that."""
    for client in itertools.product(ENDPOINTS, corners(server, before, goal), (True, False)):
        excess = ability(server, managed, client)
        for allowed in (before, goal):
            excess = excess and excess - ability(allowed, managed, client)
        assert not excess, f"{client} may {excess}"
    for key in managed & set(server):
        _no_wide_relay(server[key], before.get(key), goal.get(key))


def _no_wide_relay(box: Box, before: Box | None, goal: Box | None) -> None:
    if ("", RELAY) not in box.allows(False):
        return
    allowed = [one for one in (before, goal) if one is not None and ("", RELAY) in one.allows(False)]
    assert any(inside(box, one) for one in allowed), f"{box.name} relays for more than is meant"


def side_by_side(server: Server) -> None:
    """No two connectors stand as Exchange refuses them."""
    for box, other in itertools.combinations(server.values(), 2):
        assert not crossing(box, other), f"Exchange refuses {box.name} beside {other.name}"


def changes(before: Server, goal: Server, others: Server) -> list[Change]:
    """What differs, as the planner takes it."""
    keys = [key for key in {**before, **goal} if key not in others]
    return [
        Change("EX1", state_of(before.get(key)), state_of(goal.get(key)))
        for key in keys
        if outside(before.get(key)) != outside(goal.get(key))
    ]
