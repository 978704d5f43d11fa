# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proposed clients are exactly those that were seen and need the relay, counted here as numbers."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import merge
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import clients
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.join import joined
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
COUNTED = ("sessions", "messages", "recipients_inside", "recipients_outside", "refused_outside", "authenticated")
RELAYING = ("Relay copiers", "Relay doors")
OTHER = ("Default Frontend EX1", "Client Frontend EX1")
# neighbours, so that addresses make ranges, at the ends of the space too, and the same last digits in both versions
V4 = st.integers(0, 20).map(lambda last: ipaddress.IPv4Address((192 << 24) + (2 << 8) + last))
V4_ENDS = st.sampled_from(list(map(ipaddress.IPv4Address, ("0.0.0.1", "239.255.255.255"))))
V6 = st.integers(0, 20).map(lambda last: ipaddress.IPv6Address((0x20010DB8 << 96) + last))
V6_ENDS = st.sampled_from([ipaddress.IPv6Address(5), ipaddress.IPv6Address((1 << 128) - 1)])
SMALL = st.integers(0, 2)


@st.composite
def rows(draw: Any) -> list[dict[str, Any]]:
    """What receive logs say; a client may come several times, as in the logs of several services."""
    drawn = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "server": st.sampled_from(["EX1", "ex1", "EX2"]),
                    "connector": st.sampled_from([*RELAYING, *OTHER]),
                    "client": st.one_of(V4, V4_ENDS, V6, V6_ENDS).map(str),
                    "proxied": st.sampled_from([0, 0, 0, 0, 1]),
                    **{name: SMALL for name in COUNTED},
                }
            ),
            max_size=60,
        )
    )
    seen = {"first_seen": "2026-11-01T00:00:00.000Z", "last_seen": "2026-11-23T00:00:00.000Z"}
    return [row | seen for row in drawn]


def log(seen: list[dict[str, Any]]) -> dict[str, Any]:
    return {"usage": seen, "connectors": []}


def audit(registered: list[Any]) -> dict[str, Any]:
    relay = {"anyone": {"relay": "entry"}}
    access = [{"server": "EX1", "connector": name, "may": relay} for name in RELAYING]
    return {"clients": registered, "access": [*access, {"server": "EX2", "connector": RELAYING[0], "may": relay}]}


def numbers(addresses: Any) -> set[tuple[int, int]]:
    """IP version and number of each address in texts such as 192.0.2.1, 192.0.2.0/24 and 192.0.2.1-192.0.2.9."""
    found = set()
    for text in map(str, addresses):
        if "/" in text:
            network = ipaddress.ip_network(text)
            low, high = network[0], network[-1]
        else:
            low, high = (ipaddress.ip_address(end) for end in (text.partition("-")[0], text.rpartition("-")[2]))
        found |= {(low.version, number) for number in range(int(low), int(high) + 1)}
    return found


def wanted(seen: list[dict[str, Any]]) -> dict[tuple[str, str], set[tuple[int, int]]]:
    """Who needs the relay, by connector: says what the role documents, and nothing of how it is found out."""
    servers = {row["client"] for row in seen if row["proxied"]}
    sums: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for row in seen:
        for name in COUNTED:
            sums[row["server"].upper(), row["connector"], row["client"]][name] += row[name]
    found = defaultdict(set)
    for (server, connector, client), count in sums.items():
        wrote = count["messages"] + count["recipients_outside"] + count["refused_outside"] > 0
        anyone = connector in RELAYING and (server, connector) != ("EX2", RELAYING[1])
        needs = anyone or (count["recipients_outside"] > 0 and count["authenticated"] == 0)
        if client not in servers and wrote and needs:
            found[server, connector].add((ipaddress.ip_address(client).version, int(ipaddress.ip_address(client))))
    return dict(found)


def of(report: dict[str, Any]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    return {(each["server"].upper(), each["connector"]): each["clients"] for each in report["proposal"]}


@settings(max_examples=300)
@given(rows())
def test_exactly_who_was_seen(seen: list[dict[str, Any]]) -> None:
    proposed = of(joined([log(seen)], [audit([])], [], 30, NOW))
    expected = wanted(seen)
    assert {key: numbers(one["address"] for one in listed) for key, listed in proposed.items()} == expected
    for key, listed in proposed.items():
        # nobody twice, and the same addresses as ranges, as a connector gets them
        assert len({one["address"] for one in listed}) == len(listed)
        taken = [client.address for client in clients.parse(listed)]
        assert numbers(merge(taken)) == expected[key]


@settings(max_examples=300)
@given(rows(), st.booleans())
def test_a_proposal_that_was_taken_leaves_nothing_to_propose(seen: list[dict[str, Any]], as_ranges: bool) -> None:
    """Registered as listed, or as the ranges that they make."""
    report = joined([log(seen)], [audit([])], [], 30, NOW)
    listed = [one for each in report["proposal"] for one in each["clients"]]
    ranges = [{"address": str(each)} for each in merge([IPRange.parse(one["address"]) for one in listed])]
    again = joined([log(seen)], [audit(ranges if as_ranges else listed)], [], 30, NOW)
    assert again["unregistered"] == []
    assert {key: numbers(one["address"] for one in found) for key, found in of(again).items()} == wanted(seen)
