# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan is judged from what it does, not from what it means to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import ANONYMOUS, RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.judge import judge
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import (
    Attributes,
    Create,
    Effect,
    Entries,
    Grant,
    Groups,
    Remove,
    State,
    of_groups,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step

GROUPS = frozenset({"AnonymousUsers"})
RIGHT = frozenset({Grant(ANONYMOUS, RELAY)})


def ranges(*texts: str) -> frozenset[IPRange]:
    return frozenset(map(IPRange.parse, texts))


def connector(name: str = "Relay", served: str = "192.0.2.7", relays: bool = True, address: str = "192.0.2.1") -> State:
    entries = of_groups(GROUPS) | (RIGHT if relays else frozenset())
    where = frozenset({Binding.parse(f"{address}:25")})
    return State(name, True, where, ranges(served), frozenset({"Tls"}), GROUPS, entries)


def step(*effects: Effect, name: str = "Relay") -> Step:
    return Step("a step", "EX1", name, "Set-ReceiveConnector", {}, effects)


WIDE = connector(served="192.0.2.0/28")


def test_shrinking_first_is_right_and_last_is_wrong() -> None:
    """From internal mail for sixteen to relaying for one."""
    before, goal = replace(WIDE, entries=of_groups(GROUPS)), connector()
    shrink, grant = step(Attributes({"ranges": goal.ranges})), step(Entries(add=RIGHT))
    assert judge({"relay": before}, {"relay": goal}, [shrink, grant]) is None
    found = judge({"relay": before}, {"relay": goal}, [grant, shrink])
    assert found
    assert "Relay would relay for 192.0.2.0-192.0.2.6 too" in found.sentence


def test_a_client_that_falls_to_another_connector_is_seen() -> None:
    """A device with a connector of its own would relay through the wider one as soon as its own is gone."""
    own = connector("Own", "192.0.2.7", relays=False)
    before = {"relay": WIDE, "own": own}
    found = judge(before, {"relay": WIDE, "own": replace(own, bindings=WIDE.bindings)}, [step(Remove(), name="Own")])
    assert found
    assert "one of" not in found.sentence
    assert "a client at 192.0.2.7 that connects to 192.0.2.1:25 could relay to any recipient through Relay" in (
        found.sentence
    )
    assert found.rightful == "own"


def test_the_order_inside_one_call_counts() -> None:
    """Set-ReceiveConnector writes properties and entries apart, in an order that is not known."""
    trusted = frozenset({"ExternalAuthoritative"})
    before = replace(connector(served="192.0.2.0/28", relays=False))
    servers = frozenset({"ExchangeServers"})
    goal = replace(before, auth=trusted, groups=servers, entries=of_groups(servers), ranges=ranges("192.0.2.7"))
    both = step(Attributes({"auth": trusted, "ranges": goal.ranges}), Groups(servers))
    assert judge({"relay": before}, {"relay": goal}, [both]) is None
    apart = [step(Attributes({"auth": trusted}), Groups(servers)), step(Attributes({"ranges": goal.ranges}))]
    assert judge({"relay": before}, {"relay": goal}, apart)


def test_a_denial_that_groups_may_drop_has_to_be_there_before_clients_are() -> None:
    denied = frozenset({Grant(ANONYMOUS, "ms-Exch-SMTP-Submit", deny=True)})
    before = replace(connector(relays=False), entries=of_groups(GROUPS) | denied)
    servers = frozenset({"AnonymousUsers", "Partners"})
    goal = replace(before, groups=servers, entries=of_groups(servers) | denied)
    found = judge({"relay": before}, {"relay": goal}, [step(Groups(servers)), step(Entries(add=denied))])
    assert found
    assert "hand in messages" in found.sentence


def test_a_plan_that_stops_short_is_refused_too() -> None:
    found = judge({}, {"relay": connector()}, [step(Create(replace(connector(), enabled=False)))])
    assert found
    assert "do not bring connector relay to what is meant" in found.sentence


@pytest.mark.parametrize("served", ["0.0.0.0-255.255.255.255", "192.0.2.0/24"])
def test_a_new_connector_with_its_right_is_closed_until_its_ranges_are_right(served: str) -> None:
    goal = connector()
    made = replace(goal, ranges=ranges(served), enabled=False)
    steps = [step(Create(made)), step(Attributes({"ranges": goal.ranges})), step(Attributes({"enabled": True}))]
    found = judge({}, {"relay": goal}, steps)
    assert found
    assert "would relay for" in found.sentence
    right = replace(made, ranges=goal.ranges)
    assert judge({}, {"relay": goal}, [step(Create(right)), steps[2]]) is None
