# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter's answer for a client is the cell of the audit's partition that holds the client, and says why."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Connector
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.partition import cells, points
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._filter.selection import connector_for
from hypothesis import given
from hypothesis import strategies as some

ANY = "0.0.0.0-255.255.255.255"


def entry(name: str, ranges: list[str], bindings: list[str] | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "remote_ip_ranges": ranges, "bindings": bindings or ["0.0.0.0:25"], **more}


DEFAULT = entry("Default", [ANY, "::/0"], ["0.0.0.0:25", "[::]:25"])
RELAY = entry("Relay", ["192.0.2.64/26", "192.0.2.77"], ["192.0.2.25:25"])


def test_the_narrowest_range_wins() -> None:
    answer = connector_for([DEFAULT, RELAY], "192.0.2.77", "192.0.2.25")
    assert answer == {
        "connector": "Relay",
        "client": "192.0.2.77",
        "endpoint": "192.0.2.25:25",
        "binding": "192.0.2.25:25",
        "range": "192.0.2.77",
        "certain": True,
        "why": f"Relay on 192.0.2.25:25 has 192.0.2.77 in 192.0.2.77, narrower than {ANY} of Default.",
        "others": [{"connector": "Default", "why": f"Its range {ANY} is wider than 192.0.2.77 of Relay."}],
    }


def test_elsewhere_the_default_serves() -> None:
    assert connector_for([DEFAULT, RELAY], "192.0.2.77", "192.0.2.26")["connector"] == "Default"
    answer = connector_for([DEFAULT, RELAY], "192.0.2.77")
    assert (answer["connector"], answer["endpoint"]) == ("Default", "0.0.0.0:25")
    assert answer["others"] == [{"connector": "Relay", "why": "It does not listen there."}]
    assert connector_for([DEFAULT, RELAY], "2001:db8::1")["binding"] == "[::]:25"
    assert connector_for([DEFAULT], "2001:db8::1", "2001:db8::25")["connector"] == "Default"


def test_nobody_serves() -> None:
    answer = connector_for({"connectors": [RELAY]}, "198.51.100.1", "192.0.2.25")
    assert (answer["connector"], answer["certain"]) == ("", False)
    assert "closes the connection" in answer["why"]
    assert answer["others"] == [{"connector": "Relay", "why": "None of its ranges has the client."}]
    assert connector_for([DEFAULT, RELAY], "192.0.2.77", "192.0.2.25", 587)["connector"] == ""
    off = connector_for([{**RELAY, "enabled": False}], "192.0.2.77", "192.0.2.25")
    assert off["others"] == [{"connector": "Relay", "why": "It is disabled."}]


def test_equal_ranges_go_to_the_one_that_names_the_address() -> None:
    named = entry("Zebra", [ANY], ["192.0.2.25:25"])
    answer = connector_for([DEFAULT, named], "198.51.100.1", "192.0.2.25")
    assert answer["connector"] == "Zebra"
    assert "and names the address" in answer["why"]
    twin = connector_for([DEFAULT, entry("Another", [ANY])], "198.51.100.1")
    assert twin["connector"] == "Another"
    assert "which Exchange forbids" in twin["why"]
    assert twin["others"][0]["why"] == "Its range is as narrow, but another one comes first."


def test_roles_that_contend_are_not_certain() -> None:
    hub = {**RELAY, "transport_role": "HubTransport"}
    answer = connector_for([{**DEFAULT, "transport_role": "FrontendTransport"}, hub], "192.0.2.77", "192.0.2.25")
    assert (answer["connector"], answer["certain"]) == ("Relay", False)
    assert "not certain" in answer["why"]


def test_one_server_at_a_time() -> None:
    two = [{**DEFAULT, "server": "EX01"}, {**RELAY, "server": "EX02"}]
    assert connector_for(two, "192.0.2.77", "192.0.2.25", server="ex01")["connector"] == "Default"
    with pytest.raises(ValueError, match="several servers"):
        connector_for(two, "192.0.2.77", "192.0.2.25")


@pytest.mark.parametrize(
    ("connectors", "client", "words"),
    [
        ("Default", "192.0.2.1", "a list of connectors is needed"),
        ([{"bindings": []}], "192.0.2.1", "each connector needs a name"),
        ([DEFAULT], "192.0.2.0/24", "one address is needed"),
        ([DEFAULT], "copier", "'copier' is not an IP address"),
        ([entry("X", ["never"])], "192.0.2.1", "'never' is not an IP address"),
    ],
)
def test_names_what_is_wrong(connectors: Any, client: str, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        connector_for(connectors, client)
    assert words in str(caught.value)


def test_a_server_that_is_none_of_theirs_is_no_closed_door() -> None:
    with pytest.raises(ValueError, match=r"none of the connectors is of server ex09; they are of EX01"):
        connector_for([{**RELAY_OF_ONE, "server": "EX01"}], "192.0.2.77", server="ex09")


def test_takes_texts_for_lists_and_words_for_truths() -> None:
    given = {**RELAY_OF_ONE, "bindings": "192.0.2.25:25, 192.0.2.26:25", "remote_ip_ranges": "192.0.2.77 192.0.2.78"}
    assert connector_for([given], "192.0.2.78", "192.0.2.26")["connector"] == "Relay"
    assert connector_for([{**given, "enabled": "False"}], "192.0.2.78", "192.0.2.26")["connector"] == ""


RELAY_OF_ONE = {"name": "Relay", "bindings": ["192.0.2.25:25"], "remote_ip_ranges": ["192.0.2.77"]}
PLACES = some.sampled_from(["0.0.0.0:25", "192.0.2.25:25", "192.0.2.26:25", "0.0.0.0:587"])
RANGES = some.one_of(
    some.integers(0, 15).map(lambda last: f"10.0.0.{last}"),
    some.tuples(some.integers(0, 15), some.sampled_from([24, 28, 29, 30])).map(
        lambda pair: f"10.0.0.{pair[0]}/{pair[1]}"
    ),
    some.just(ANY),
)
CONNECTORS = some.lists(
    some.tuples(
        some.lists(RANGES, max_size=4), some.lists(PLACES, min_size=1, max_size=2, unique=True), some.booleans()
    ),
    max_size=5,
)


@given(CONNECTORS, some.integers(0, 15), some.sampled_from([25, 26]))
def test_agrees_with_the_partition(drawn: list[Any], last: int, server: int) -> None:
    listed = [entry(f"c{at}", ranges, places, enabled=on) for at, (ranges, places, on) in enumerate(drawn)]
    client, endpoint = IPRange.parse(f"10.0.0.{last}"), Binding(f"192.0.2.{server}", 25)
    audited = [
        Connector(
            "EX01",
            each["name"],
            "",
            each["enabled"],
            "",
            tuple(Binding.parse(text) for text in each["bindings"]),
            [IPRange.parse(text) for text in each["remote_ip_ranges"]],
            frozenset(),
            (),
            (),
        )
        for each in listed
    ]
    found = {
        tuple(point.endpoints): cell.connector.name
        for point in points(audited, None)
        for cell in cells(point)
        if any(item.covers(client) for item in cell.ranges())
    }
    named = any(endpoint in point.endpoints for point in points(audited, None))
    wanted = endpoint if named else Binding("0.0.0.0", 25)
    expected = next((name for endpoints, name in found.items() if wanted in endpoints), "")
    assert connector_for(listed, str(client), endpoint.address)["connector"] == expected
