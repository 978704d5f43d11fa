# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's objects against captures of real servers (EXCHANGE_CAPTURES), property by property."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from exchange_lab.exchange.model import AcceptedDomain
from exchange_lab.powershell.objects import clixml_of

CAPTURES = Path(os.environ.get("EXCHANGE_CAPTURES", "/nonexistent"))
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="EXCHANGE_CAPTURES names no directory with captures")

SPACE = "{http://schemas.microsoft.com/powershell/2004/04}"
# what the Exchange Management Shell adds on the client's side, and time and chance
ADDED = ("SerializationData", "PSComputerName", "RunspaceId", "PSShowComputerName")
NOWHERE = "00000000-0000-0000-0000-000000000000"


class Reader:
    """Reads CLIXML to nested tuples and lists that compare, with times and GUIDs reduced to their form."""

    def __init__(self, text: str) -> None:
        self.root = ElementTree.fromstring(text.lstrip("\ufeff"))
        self.types = {item.get("RefId"): [each.text for each in item] for item in self.root.iter(f"{SPACE}TN")}
        self.objects = {item.get("RefId"): item for item in self.root.iter(f"{SPACE}Obj")}

    def read(self) -> list[Any]:
        """The objects below the root."""
        return [self.value(item) for item in self.root]

    def value(self, item: Any) -> Any:
        """One element, whatever it is."""
        tag, text = item.tag.removeprefix(SPACE), item.text or ""
        if tag == "Ref":
            return self.value(self.objects[item.get("RefId")])
        if tag == "Obj":
            return self.object(item)
        if tag == "DT":
            return tag, re.sub(r"\d", "0", re.sub(r"[+-]\d\d:\d\d$", "+00:00", text))
        if tag == "G":
            return tag, text if text == NOWHERE else "a GUID"
        return tag, float(text) if tag == "Db" else text

    def object(self, item: Any) -> Any:
        """Types, text, properties in order and the rest of an object."""
        parts = {part.tag.removeprefix(SPACE): part for part in item}
        types = parts["TN"] if "TN" in parts else parts["TNRef"]
        # psrpcore writes no empty <ToString>
        text = parts["ToString"].text if "ToString" in parts else None
        own = [
            [(each.get("N"), self.value(each)) for each in parts.get(tag, ()) if each.get("N") not in ADDED]
            for tag in ("Props", "MS")
        ]
        items = [self.value(each) for each in parts["LST"]] if "LST" in parts else None
        primitive = [self.value(part) for tag, part in parts.items() if tag == "I32"]
        return self.types[types.get("RefId")], text, own, items, primitive


def captured(name: str) -> list[Any]:
    """The objects of a capture."""
    return Reader((CAPTURES / name).read_text("utf-8-sig")).read()


def properties(thing: Any) -> dict[str, Any]:
    """The properties of a captured object by name."""
    return dict(thing[2][0])


def text(thing: Any, name: str) -> str:
    """A property's text."""
    found = properties(thing)[name]
    return str(found[1])


def organisation_of(thing: Any) -> dict[str, Any]:
    """How to make an organisation with the names in a captured object."""
    dn = text(thing, "DistinguishedName")
    labels = re.findall(r"DC=([^,]+)", dn)
    found = re.search(r"CN=([^,]+),CN=Microsoft Exchange,", dn)
    assert found
    return {"domain": ".".join(labels), "name": found[1]}


def shown(things: list[Any], controller: str) -> list[Any]:
    """The lab's objects as the reader sees them, answered by the captured domain controller."""
    return Reader(re.sub(r"DC\d\d\.[\w.]+", controller, clixml_of(things))).read()


def differences(one: Any, other: Any) -> Iterator[str]:
    """Names of the properties that differ."""
    mine, theirs = properties(one), properties(other)
    return (name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))


def test_default_connectors_are_those_of_the_captured_server(shells: Callable[..., Any]) -> None:
    wanted = {text(each, "Name"): each for each in captured("e2019-get-receiveconnector.xml")}
    first = next(iter(wanted.values()))
    server, controller = text(first, "Server"), text(first, "OriginatingServer")
    shell = shells(wire_shape="objects", server_names=[server], **organisation_of(first))
    changed_later = max(wanted.values(), key=lambda each: raw_time(text(each, "Name")))
    for real in wanted.values():
        ours = shown(shell.run("Get-ReceiveConnector", Identity=text(real, "Identity")), controller)[0]
        if real is changed_later:
            set_as_captured(shell, real, sorted(differences(ours, real)))
            ours = shown(shell.run("Get-ReceiveConnector", Identity=text(real, "Identity")), controller)[0]
        assert ours[:2] == real[:2]
        assert [name for name, _ in ours[2][0]] == [name for name, _ in real[2][0]]
        for (name, mine), (_, theirs) in zip(ours[2][0], real[2][0], strict=True):
            assert mine == theirs, name
        assert ours == real
    assert len(shell.run("Get-ReceiveConnector")) == len(wanted)


def raw_time(name: str) -> str:
    """When a captured connector was changed last, which the reader itself hides."""
    root = ElementTree.fromstring((CAPTURES / "e2019-get-receiveconnector.xml").read_text("utf-8-sig"))
    for item in root:
        own = {each.get("N"): each.text for each in item.find(f"{SPACE}Props") or ()}
        if own["Name"] == name:
            return str(own["WhenChangedUTC"])
    raise AssertionError(name)


def set_as_captured(shell: Any, real: Any, names: list[str]) -> None:
    """Do what an administrator did to the connector after setup: set what differs, from its captured text."""
    given = {}
    for name in names:
        _, shown_as, _, items, _ = properties(real)[name]
        given[name] = shown_as if items is None else [item[1] for item in items]
    assert given, "nothing was set after setup"
    shell.run("Set-ReceiveConnector", Identity=text(real, "Identity"), **given)


@pytest.mark.parametrize("version", ["2016", "2019"])
def test_servers_are_shown_as_captured(shells: Callable[..., Any], version: str) -> None:
    real = captured(f"e{version}-get-exchangeserver.xml")[0]
    name, controller = text(real, "Name"), text(real, "OriginatingServer")
    shell = shells(version, wire_shape="objects", server_names=[name], **organisation_of(real))
    ours = shown(shell.run("Get-ExchangeServer", Identity=name), controller)[0]
    assert ours[:2] == real[:2]
    assert [each for each, _ in ours[2][0]] == [each for each, _ in real[2][0]]
    for (name, mine), (_, theirs) in zip(ours[2][0], real[2][0], strict=True):
        # the build is another one, and Windows wrote some of the names in capitals
        if name == "AdminDisplayVersion":
            assert re.sub(r"\d+", "0", repr(mine)) == re.sub(r"\d+", "0", repr(theirs))
        else:
            assert repr(mine).casefold() == repr(theirs).casefold(), name


@pytest.mark.parametrize("kind", ["accepteddomain", "accepteddomain-wildcard"])
def test_accepted_domains_are_shown_as_captured(shells: Callable[..., Any], kind: str) -> None:
    wanted = captured(f"e2019-get-{kind}.xml")
    controller = text(wanted[0], "OriginatingServer")
    shell = shells(wire_shape="objects", **organisation_of(wanted[0]))
    shell.organisation.accepted_domains[:] = [
        AcceptedDomain(
            text(each, "Name"), text(each, "DomainName"), text(each, "DomainType"), text(each, "Default") == "true"
        )
        for each in wanted
    ]
    ours = shown(shell.run("Get-AcceptedDomain"), controller)
    for mine, real in zip(ours, wanted, strict=True):
        for (name, one), (other_name, other) in zip(mine[2][0], real[2][0], strict=True):
            assert (name, one) == (other_name, other)
        assert mine == real
