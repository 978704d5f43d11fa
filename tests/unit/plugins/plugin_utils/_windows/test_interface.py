# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interface an address goes to: by name, index, hardware address or default route, or by where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import Desired, Refusal
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.interface import choose, named
from exchange_lab.windows.host import WindowsHost
from exchange_lab.windows.record import Interface
from exchange_lab.windows.record import parse_address as ip

OTHER = "00-15-5D-00-0A-47"


@pytest.fixture(params=["2012+", "2008"])
def windows(request: pytest.FixtureRequest) -> WindowsHost:
    host = WindowsHost("mail01", "127.9.9.10", flavour=request.param)
    host.add_interface(Interface(9, "Ethernet 2", OTHER, gateways={6: "fe80::1"}), ("127.9.8.10", 24))
    return host


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        *(("Ethernet 2", 9), ("ETHERNET 2", 9), ("9", 9), ("7", 7)),
        *((OTHER, 9), (OTHER.lower(), 9), ("00:15:5d:00:0a:47", 9), ("0015.5d00.0a46", 7), ("00155D000A46", 7)),
        *(("default_route", 7), ("Default_Route", 7)),
    ],
)
def test_an_interface_by_what_it_is_called(lab_host: Any, windows: WindowsHost, wanted: str, index: int) -> None:
    assert named(lab_host(windows).read(), wanted, 4).index == index


def test_the_default_route_is_that_of_the_addresss_version(lab_host: Any, windows: WindowsHost) -> None:
    table = lab_host(windows).read()
    assert (named(table, "default_route", 4).index, named(table, "default_route", 6).index) == (7, 9)


def test_an_address_goes_where_its_subnet_is_or_else_to_the_default_route(lab_host: Any, windows: WindowsHost) -> None:
    table = lab_host(windows).read()
    placed = {text: choose(table, Desired(ip(text))).index for text in ("127.9.8.25", "192.0.2.25", "2001:db8::25")}
    assert placed == {"127.9.8.25": 9, "192.0.2.25": 7, "2001:db8::25": 9}


def test_two_adapters_of_one_hardware_address_are_told_apart_by_hand(lab_host: Any, windows: WindowsHost) -> None:
    windows.add_interface(Interface(12, "Team", OTHER), ("127.9.7.10", 24))
    with pytest.raises(Refusal, match=r"names several interfaces: Ethernet 2 \(9\), Team \(12\).*its alias or index"):
        named(lab_host(windows).read(), OTHER, 4)


def test_two_default_routes_are_no_answer(lab_host: Any, windows: WindowsHost) -> None:
    windows.interfaces[9].gateways[4] = "127.9.8.1"
    with pytest.raises(Refusal, match=r"several interfaces have a default route: Ethernet \(7\), Ethernet 2 \(9\)"):
        named(lab_host(windows).read(), "default_route", 4)


def test_no_default_route_is_no_answer(lab_host: Any, windows: WindowsHost) -> None:
    windows.interfaces[7].gateways.clear()
    table = lab_host(windows).read()
    with pytest.raises(Refusal, match=r"has a subnet that 192\.0\.2\.25 lies in, and none has a default route\. Set"):
        choose(table, Desired(ip("192.0.2.25")))
    with pytest.raises(Refusal, match=r"^no interface has a default route for IPv4\. Set interface to one of Ethernet"):
        choose(table, Desired(ip("192.0.2.25"), interface="default_route"))


@pytest.mark.parametrize("wanted", ["1", "Loopback Pseudo-Interface 1", "07", "Ethernet 3", "00-15-5D-00-0A", "*", ""])
def test_what_names_none(lab_host: Any, windows: WindowsHost, wanted: str) -> None:
    with pytest.raises(Refusal, match=r"there is no interface .*The interfaces are Ethernet \(7\), Ethernet 2 \(9\)"):
        named(lab_host(windows).read(), wanted, 4)


def test_a_name_goes_before_an_index(lab_host: Any, windows: WindowsHost) -> None:
    windows.add_interface(Interface(12, "7", "00-15-5D-00-0A-48"), ("127.9.7.10", 24))
    assert named(lab_host(windows).read(), "7", 4).index == 12
