# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's CIM instances agree with a real capture, property by property."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.powershell.objects import clixml_of
from exchange_lab.windows.host import WindowsHost
from exchange_lab.windows.record import Record, parse_address
from exchange_lab.windows.shapes import (
    adapter_object,
    address_object,
    dns_server_object,
    interface_object,
    route_object,
)

CAPTURE = "ws2019-get-netipconfiguration.xml"
SPACE = "{http://schemas.microsoft.com/powershell/2004/04}"
# Written per serialisation, not per object
CAPTURED_WITH_THE_SHELL = {"__ClassMetadata"}


def captured(name: str) -> list[ET.Element]:
    folder = os.environ.get("EXCHANGE_CAPTURES")
    if not folder:
        pytest.skip(f"EXCHANGE_CAPTURES names no directory with {CAPTURE}")
    root = ET.fromstring((Path(folder) / CAPTURE).read_text(encoding="utf-8-sig"))
    shared = {each.get("RefId"): each for each in root.iter(f"{SPACE}TN")}
    found = []
    for each in root.iter(f"{SPACE}Obj"):
        types = type_names(each, shared)
        if types and types[0].endswith(f"/{name}"):
            each.set("types", "|".join(types))
            found.append(each)
    return found


def type_names(thing: ET.Element, shared: dict[str | None, ET.Element]) -> list[str]:
    own, reference = thing.find(f"{SPACE}TN"), thing.find(f"{SPACE}TNRef")
    named = own if own is not None else shared.get(reference.get("RefId")) if reference is not None else None
    return [] if named is None else [each.text or "" for each in named]


def ours(thing: Any) -> ET.Element:
    root = ET.fromstring(clixml_of([thing]))
    element = root if root.tag == f"{SPACE}Obj" else root.find(f"{SPACE}Obj")
    assert element is not None
    element.set("types", "|".join(type_names(element, {})))
    return element


def contents(thing: ET.Element, part: str) -> dict[str, tuple[str, str]]:
    """Property name to element name and text."""
    holder = thing.find(f"{SPACE}{part}")
    assert holder is not None
    pairs = {each.get("N") or "": (each.tag.removeprefix(SPACE), each.text or "") for each in holder}
    return {name: pair for name, pair in pairs.items() if name not in CAPTURED_WITH_THE_SHELL}


def text(thing: ET.Element) -> str | None:
    found = thing.find(f"{SPACE}ToString")
    return None if found is None else found.text


def agree(made: ET.Element, theirs: ET.Element, besides: Collection[str] = ()) -> None:
    """Types, properties with their kinds and values, and the order of the properties are the same."""
    assert made.get("types") == theirs.get("types")
    assert list(contents(made, "Props")) == list(contents(theirs, "Props"))
    for part in ("Props", "MS"):
        here, there = contents(made, part), contents(theirs, part)
        assert here.keys() == there.keys()
        names = [name for name in here if name not in besides]
        assert {name: here[name] for name in names} == {name: there[name] for name in names}


@pytest.fixture
def host() -> WindowsHost:
    return WindowsHost("SOLO-E19A", "192.168.11.11", gateway="192.168.11.1")


def test_addresses_have_the_shape_of_real_ones(host: WindowsHost) -> None:
    real = captured("MSFT_NetIPAddress")
    assert len(real) == 2
    for theirs in real:
        wanted = parse_address(contents(theirs, "Props")["IPAddress"][1])
        record = next(each for each in host.active if each.address == wanted)
        made = ours(address_object(host, record, "ActiveStore"))
        agree(made, theirs)
        assert text(made) == text(theirs)


def test_the_route_has_the_shape_of_a_real_one(host: WindowsHost) -> None:
    (theirs,) = captured("MSFT_NetRoute")
    made = ours(route_object(host.interfaces[7], "0.0.0.0/0", "192.168.11.1"))
    agree(made, theirs, besides={"InstanceID"})
    # the key names another next hop than the property does: someone has edited the capture
    assert contents(made, "Props")["InstanceID"] == ("S", ":8:8:8:9:55A55;C<8;@B8;;8;55;")


def test_interfaces_have_the_shape_of_real_ones(host: WindowsHost) -> None:
    real = captured("MSFT_NetIPInterface")
    assert len(real) == 2
    for theirs in real:
        family = int(contents(theirs, "Props")["AddressFamily"][1])
        made = ours(interface_object(host.interfaces[7], family, "ActiveStore"))
        agree(made, theirs)
        assert text(made) == text(theirs)


def test_dns_servers_have_the_shape_of_real_ones(host: WindowsHost) -> None:
    real = captured("MSFT_DNSClientServerAddress")
    assert len(real) == 2
    for theirs in real:
        family = int(contents(theirs, "Props")["AddressFamily"][1])
        made = ours(dns_server_object(host.interfaces[7], family))
        agree(made, theirs, besides={"ServerAddresses", "Address"})
        assert text(made) == text(theirs)


def test_an_adapter_has_nothing_that_a_real_one_has_not(host: WindowsHost) -> None:
    (theirs,) = captured("MSFT_NetAdapter")
    made = ours(adapter_object(host, host.interfaces[7]))
    own = {"InstanceID", "SystemName", "DeviceID", "InterfaceGuid"}
    for part in ("Props", "MS"):
        shown = contents(made, part)
        assert {name: shown[name] for name in shown.keys() - own}.items() <= contents(theirs, part).items()
        assert {name: shown[name][0] for name in shown}.items() <= {
            name: kind for name, (kind, _text) in contents(theirs, part).items()
        }.items()


def test_a_persistent_address_is_invalid(host: WindowsHost) -> None:
    made = ours(address_object(host, Record(parse_address("192.0.2.1"), 24, 7), "PersistentStore"))
    assert contents(made, "MS")["AddressState"] == ("S", "Invalid")
    assert contents(made, "Props")["Store"] == ("By", "0")
