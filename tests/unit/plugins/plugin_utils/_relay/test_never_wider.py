# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Never wider: random servers, random goals, stopped after every step and inside of steps, judged from outside.

Nothing here uses the code that plans or judges: steps are followed by their cmdlets and parameters alone, addresses
are the standard library's, and what a client may do is worked out address by address. ``RELAYOPS_LONG=1`` tries many
more.
"""

from __future__ import annotations

import ipaddress
import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.plan import plan
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import Grant, State
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

LONG = os.environ.get("RELAYOPS_LONG") == "1"
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


def group_entries(groups: Iterable[str]) -> set[Entry]:
    return {(who, right, False) for group in groups for who, rights in GROUPS[group].items() for right in rights}


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
    def entries(self) -> set[Entry]:
        return {*self.explicit, *group_entries(self.groups)}

    def allows(self, credentials: bool) -> set[tuple[str, str]]:
        entries = self.entries
        granted = {(who, right) for who, right, deny in entries if not deny} - {
            (who, right) for who, right, deny in entries if deny
        }
        free = {ANONYMOUS} | ({SECURED} if "ExternalAuthoritative" in self.auth else set())
        found = {("", right) for who, right in granted if who in free}
        if credentials and self.auth & {"Integrated", "BasicAuth", "ExchangeServer"}:
            found |= {(who, right) for who, right in granted if who not in (ANONYMOUS, SECURED)}
        return found

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


def ability(server: Server, managed: set[str], client: tuple[tuple[str, int], int, bool]) -> set[tuple[str, str]]:
    """What one client may do; a caller with credentials counts on managed connectors only."""
    box = serving(server, *client)
    return set() if box is None else box.allows(box.name.lower() in managed)


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

blocks = st.tuples(st.integers(0, 15), st.sampled_from([1, 1, 1, 2, 4, 8, 16])).map(
    lambda pick: (HOSTS + pick[0] // pick[1] * pick[1], HOSTS + pick[0] // pick[1] * pick[1] + pick[1] - 1)
)
odd = st.tuples(st.integers(0, 12), st.integers(1, 3)).map(lambda pick: (HOSTS + pick[0], HOSTS + sum(pick)))
spans = st.frozensets(st.one_of(blocks, blocks, odd), min_size=1, max_size=3)
bindings = st.sampled_from(
    [{ENDPOINTS[0]}, {ENDPOINTS[0]}, {ENDPOINTS[1]}, {ENDPOINTS[0], ENDPOINTS[1]}, {("0.0.0.0", 25)}]
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
people = st.frozensets(
    st.sampled_from(
        [
            ("contoso\\svc", RELAY, False),
            (ANONYMOUS, RELAY, False),
            (ANONYMOUS, BYPASS, False),
            (ANONYMOUS, RELAY, True),
            (ANONYMOUS, SENDER, True),
            (SECURED, BYPASS, True),
        ]
    ),
    max_size=2,
)


@st.composite
def meant(draw: st.DrawFn, name: str) -> Box:
    mode = draw(st.sampled_from(sorted(MODES)))
    enabled = draw(st.sampled_from([True] * 9 + [False]))
    return Box(name, frozenset(draw(bindings)), draw(spans), enabled=enabled, **MODES[mode])


@st.composite
def found(draw: st.DrawFn, name: str) -> Box:
    """A connector as people leave it behind."""
    box: Box = draw(meant(name))
    if draw(st.booleans()):
        return box
    auth = draw(st.sampled_from([{"Tls"}, {"Tls", "BasicAuth"}, {"ExternalAuthoritative", "Tls"}, {"Integrated"}]))
    groups = draw(st.frozensets(st.sampled_from(sorted(GROUPS)), max_size=2))
    if "ExternalAuthoritative" in auth:
        groups |= {"ExchangeServers"}
    explicit = frozenset(draw(people)) - group_entries(groups)
    return replace(box, auth=frozenset(auth), groups=groups, explicit=explicit)


def together(boxes: Iterable[Box], *others: Box) -> Server:
    """As many of the boxes as can stand side by side."""
    server: Server = {box.name.lower(): box for box in others}
    for box in boxes:
        if not any(crossing(box, other) for other in server.values()):
            server[box.name.lower()] = box
    return server


NAMES = ("A", "B", "C")
unmanaged = st.lists(st.sampled_from(["U", "V"]).flatmap(found), max_size=1)


class NeverWider(RuleBasedStateMachine):
    """One server: wishes arrive, plans are made, followed step by step, broken off and made again."""

    @initialize(
        boxes=st.lists(st.sampled_from(NAMES).flatmap(found), max_size=3, unique_by=lambda box: box.name),
        others=unmanaged,
        drops=st.booleans(),
    )
    def begin(self, boxes: list[Box], others: list[Box], drops: bool) -> None:
        kept = together(others, DEFAULT)
        self.others = kept
        self.server = together(boxes, *kept.values())
        self.before = self.goal = self.server
        self.steps: list[Step] = []
        self.drops = drops
        self.inside: list[Server] = []

    @property
    def managed(self) -> set[str]:
        return {key for key in (*self.before, *self.goal, *self.server) if key not in self.others}

    @rule(data=st.data())
    def wish(self, data: st.DataObject) -> None:
        """Somebody wants something else, perhaps before the last wish was done."""
        names = data.draw(st.frozensets(st.sampled_from(NAMES)))
        boxes = [data.draw(meant(name)) for name in sorted(names)]
        goal = together(boxes, *self.others.values())
        self.goal = {key: self._keeping_denials(key, box) for key, box in goal.items()}
        self._plan()

    def _keeping_denials(self, key: str, box: Box) -> Box:
        """What somebody denied stays, but where it contradicts the mode."""
        old = self.server.get(key)
        if old is None or key in self.others:
            return box
        granted = {(who, right) for who, right, deny in box.explicit if not deny}
        kept = {one for one in old.explicit if one[2] and one[:2] not in granted}
        return replace(box, explicit=box.explicit | kept)

    @rule()
    def step(self) -> None:
        """One step is made."""
        if not self.steps:
            return
        made = outcomes(self.server, self.steps.pop(0), self.drops)
        self.inside = made[:-1]
        self.server = made[-1]
        for box, other in itertools.combinations(self.server.values(), 2):
            assert not crossing(box, other), f"Exchange refuses {box.name} beside {other.name}"
        if not self.steps:
            self._arrived()

    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        """The last step stopped halfway, and the play is run again."""
        if not self.inside:
            return
        self.server = data.draw(st.sampled_from(self.inside))
        self.inside = []
        self._plan()

    @rule()
    def run_again(self) -> None:
        """The play was stopped between two steps and is run again."""
        self._plan()

    def _plan(self) -> None:
        self.before, self.inside = self.server, []
        keys = [key for key in {**self.server, **self.goal} if key not in self.others]
        changes = [
            Change("EX1", _state(self.server.get(key)), _state(self.goal.get(key)))
            for key in keys
            if _outside(self.server.get(key)) != _outside(self.goal.get(key))
        ]
        try:
            self.steps = plan(
                changes,
                {key: box.state() for key, box in self.server.items() if key not in keys or not _in(changes, key)},
            )
        except ValueError as problem:
            event("refused")
            if "no safe order" not in str(problem):
                raise
            self.steps, self.goal = [], self.server
        else:
            event("planned")
            if not self.steps:
                self._arrived()

    def _arrived(self) -> None:
        for key in self.managed:
            now, goal = self.server.get(key), self.goal.get(key)
            assert _outside(now) == _outside(goal), f"{key} did not arrive"

    @invariant()
    def nobody_can_do_more(self) -> None:
        if not hasattr(self, "server"):
            return
        for server in (*self.inside, self.server):
            self._check(server)

    def _check(self, server: Server) -> None:
        managed = self.managed
        for client in itertools.product(ENDPOINTS, corners(server, self.before, self.goal), (True, False)):
            excess = ability(server, managed, client)
            for allowed in (self.before, self.goal):
                excess = excess and excess - ability(allowed, managed, client)
            assert not excess, f"{client} may {excess}"
        for key in managed & set(server):
            self._no_wide_relay(server[key], self.before.get(key), self.goal.get(key))

    def _no_wide_relay(self, box: Box, before: Box | None, goal: Box | None) -> None:
        if ("", RELAY) not in box.allows(False):
            return
        allowed = [one for one in (before, goal) if one is not None and ("", RELAY) in one.allows(False)]
        assert any(_inside(box, one) for one in allowed), f"{box.name} relays for more than is meant"


def _in(changes: list[Change], key: str) -> bool:
    return any(change.key == key for change in changes)


def _state(box: Box | None) -> State | None:
    return None if box is None else box.state()


def _outside(box: Box | None) -> Any:
    if box is None:
        return None
    return box.enabled, box.bindings, box.spans, box.auth, box.groups, frozenset(box.explicit)


def _inside(box: Box, other: Box) -> bool:
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


NeverWider.TestCase.settings = settings(
    max_examples=1500 if LONG else 60,
    stateful_step_count=25,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestNeverWider = NeverWider.TestCase


def test_leaving_an_address_crosses_nobody_who_stays() -> None:
    """While it is still where it was, a connector must not be cut to the range of another one there."""
    there, here = frozenset({ENDPOINTS[1]}), frozenset({ENDPOINTS[0]})
    old = Box("A", there, frozenset({(HOSTS, HOSTS), (HOSTS + 8, HOSTS + 10)}), **MODES["anonymous"])
    stays = Box("U", there, frozenset({(HOSTS + 8, HOSTS + 9)}), **MODES["anonymous"])
    new = replace(old, bindings=here, spans=frozenset({(HOSTS, HOSTS), (HOSTS + 8, HOSTS + 9)}))
    server = {"a": old, "u": stays}
    for step in plan([Change("EX1", old.state(), new.state())], {"u": stays.state()}):
        server = outcomes(server, step, False)[-1]
        assert not crossing(server["a"], server["u"]), step.words
    assert _outside(server["a"]) == _outside(new)


def test_what_a_broken_off_plan_left_parked_is_in_nobodys_way() -> None:
    where = frozenset({ENDPOINTS[0]})
    nobody = int(NOBODY.network_address)
    left = Box("B", where, frozenset({(nobody, nobody)}), **MODES["internal_only"])
    box = Box(
        "A",
        where,
        frozenset({(HOSTS, HOSTS + 3)}),
        explicit=frozenset({(ANONYMOUS, SENDER, True)}),
        **{key: value for key, value in MODES["externally_secured"].items()},
    )
    goal = replace(left, spans=frozenset({(HOSTS + 8, HOSTS + 8)}))
    regrouped = replace(box, **MODES["internal_only"])
    server = {"a": box, "b": left}
    changes = [Change("EX1", box.state(), regrouped.state()), Change("EX1", left.state(), goal.state())]
    for step in plan(changes, {}):
        server = outcomes(server, step, True)[-1]
        assert not crossing(server["a"], server["b"]), step.words
