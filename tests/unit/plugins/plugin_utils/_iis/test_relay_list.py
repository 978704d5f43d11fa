# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._iis.relay_list import relay_lists
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import clients
from exchange_lab.windows.iis import metabase, relay_ip_list
from hypothesis import example, given, settings
from hypothesis import strategies as st


def only(given: Any) -> dict[str, Any]:
    (found,) = relay_lists(given)
    return found


def addresses(found: dict[str, Any]) -> list[str]:
    return [client["address"] for client in found["clients"]]


def lost(found: dict[str, Any]) -> list[str]:
    return [each["what"] for each in found["not_carried_over"]]


GRANTED = relay_ip_list(["192.0.2.77/32", "198.51.100.0/24"])


@pytest.mark.parametrize(
    "given",
    [
        GRANTED.hex(),
        GRANTED.hex().upper(),
        list(GRANTED),
        [".".join(map(str, GRANTED[at : at + 4])) for at in range(0, len(GRANTED), 4)],
        {"IPGrant": ["192.0.2.77, 255.255.255.255", "198.51.100.0, 255.255.255.0"]},
        {"GrantByDefault": "0", "IPGrant": ["192.0.2.77", "198.51.100.9,255.255.255.0"], "DomainGrant": None},
    ],
    ids=["hexadecimal", "capitals", "bytes", "fours", "properties", "more properties"],
)
def test_every_way_in(given: Any) -> None:
    found = only(given)
    assert (found["form"], addresses(found), found["not_carried_over"]) == (
        "grant",
        ["192.0.2.77", "198.51.100.0/24"],
        [],
    )


def test_clients_are_what_relay_connector_takes() -> None:
    taken = clients.parse(only(GRANTED.hex())["clients"])
    assert [(str(each.address), each.note) for each in taken] == [
        ("192.0.2.77", "relay list of IIS"),
        ("198.51.100.0/24", "relay list of IIS"),
    ]


def test_entries_within_one_another_are_one() -> None:
    assert addresses(only(relay_ip_list(["192.0.2.7/32", "192.0.2.0/24", "192.0.2.7/32"]).hex())) == ["192.0.2.0/24"]


def test_a_metabase_with_two_servers() -> None:
    one, two = relay_lists(metabase(f'RelayIpList="{GRANTED.hex()}" RelayForAuth="-1"', ""))
    assert (one["server"], len(one["clients"]), lost(one)) == ("SmtpSvc/1", 2, ["RelayForAuth"])
    assert one["clients"][0]["note"] == "relay list of SmtpSvc/1"
    assert (two["server"], two["form"], two["clients"], two["not_carried_over"]) == ("SmtpSvc/2", "grant", [], [])


@pytest.mark.parametrize(
    ("given", "denied", "words"),
    [
        (relay_ip_list(denied=["192.0.2.66/32"]).hex(), ["192.0.2.66"], "everyone but 192.0.2.66"),
        ({"GrantByDefault": True, "IPDeny": "192.0.2.66"}, ["192.0.2.66"], "everyone but 192.0.2.66"),
        ({"GrantByDefault": -1}, [], "everyone"),
        (metabase('RelayIpList=""'), [], "everyone"),
        (relay_ip_list().hex(), [], "everyone"),
    ],
    ids=["blob", "properties", "nobody denied", "empty", "empty lists"],
)
def test_all_but_these_is_an_open_relay(given: Any, denied: list[str], words: str) -> None:
    found = only(given)
    assert (found["form"], found["clients"], found["denied"]) == ("deny", [], denied)
    assert lost(found)[-1] == words
    assert "open relay" in found["not_carried_over"][-1]["why"]


def test_a_list_in_which_nobody_is() -> None:
    found = only(relay_ip_list(["0.0.0.0/32"]).hex())
    assert (found["form"], found["clients"], found["not_carried_over"]) == ("grant", [], [])


def test_what_a_connector_cannot_have_is_named() -> None:
    found = only(
        {
            "IPGrant": ["10.0.0.1, 255.0.255.0", "0.0.0.0, 0.0.0.0", "192.0.2.1"],
            "DomainGrant": ["example.com"],
            "RelayForAuth": 1,
            "Name": "SmtpSvc/1",
        }
    )
    assert addresses(found) == ["192.0.2.1"]
    assert lost(found) == ["10.0.0.1/255.0.255.0", "0.0.0.0/0.0.0.0", "the domain example.com", "RelayForAuth"]
    names = only(relay_ip_list(["192.0.2.1/32"], names=b"printers.example.com").hex())
    assert (addresses(names), lost(names)) == (["192.0.2.1"], ["1 domain names, probably printers.example.com"])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (17, "a relay list is a MetaBase.xml"),
        ("zz", "neither a MetaBase.xml nor a RelayIpList in hexadecimal digits: 'zz'"),
        ("180", "not hexadecimal"),
        ("18000080", "no RelayIpList that can be read"),
        ([24, 0, 0, 256], "a number from 0 to 255"),
        ([24, True], "a number from 0 to 255"),
        (["a.b.c.d"], "a number from 0 to 255"),
        ({"IPGranted": []}, "IPGranted is none of"),
        ({"IPGrant": [7]}, "IPGrant is a list of texts"),
        ({"IPGrant": ["192.0.2.256"]}, "is no entry of IPGrant"),
        ({"IPGrant": ["2001:db8::1"]}, "is no entry of IPGrant"),
        (relay_ip_list(["192.0.2.1/32"], ["192.0.2.2/32"]).hex(), "both grants and denies"),
    ],
)
def test_nonsense_is_refused(given: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        relay_lists(given)


NETWORKS = st.lists(st.tuples(st.integers(0, (1 << 32) - 1), st.integers(1, 32)), min_size=1, max_size=8)


def covered(addresses: list[str]) -> list[tuple[int, int]]:
    """First and last of each range, as numbers, joined where they touch."""
    spans = []
    for text in addresses:
        if "-" in text:
            low, high = (int(IPv4Address(part)) for part in text.split("-"))
        else:
            network = IPv4Network(text)
            low, high = int(network[0]), int(network[-1])
        spans.append((low, high))
    joined: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


@settings(deadline=None)
@given(NETWORKS, st.booleans())
@example([(0, 1), (1 << 31, 1)], True)
def test_exactly_what_the_list_holds_comes_out_in_either_form(held: list[tuple[int, int]], deny: bool) -> None:
    networks = [str(IPv4Network(each, strict=False)) for each in held]
    networks = [each for each in networks if each != "0.0.0.0/32"] or ["192.0.2.77/32"]
    found = only((relay_ip_list(denied=networks) if deny else relay_ip_list(networks)).hex())
    assert found["form"] == ("deny" if deny else "grant")
    assert covered(found["denied"] if deny else addresses(found)) == covered(networks)
    assert (addresses(found) if deny else found["denied"]) == []
