# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real connectors, captured by Export-Clixml on an Exchange 2019 server, in both shapes that a wire may give them.

The directory EXCHANGE_CAPTURES holds the files of microsoft/CSS-Exchange; without it these tests are skipped.
"""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import kind
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.conflicts import find
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector_change import changes
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector_copy import options_from
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector_view import described
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.desired_connector import DesiredConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import SETTINGS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rules import broken_rules
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.connector_checks import claim
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.wire import decode
from pypsrp.serializer import Serializer

CAPTURES = os.environ.get("EXCHANGE_CAPTURES", "")
pytestmark = pytest.mark.skipif(
    not Path(CAPTURES, "e2019-get-receiveconnector.xml").is_file(), reason="EXCHANGE_CAPTURES"
)
NAMESPACE = "{http://schemas.microsoft.com/powershell/2004/04}"
PYTHON = {
    kind.BOOLEAN: bool,
    kind.NUMBER: int,
    kind.SIZE: int,
    kind.TIMESPAN: timedelta,
    kind.UNLIMITED_NUMBER: (int, str),
    kind.TEXT: str,
    kind.FQDN: str,
    kind.DOMAIN: str,
    kind.CERTIFICATE: str,
}


def plain_strings(item: ET.Element, texts: dict[str, str]) -> None:
    """Make of every object below a connector the string that a plain remote endpoint sends for it."""
    for properties in item.findall("Props"):
        for index, part in enumerate(list(properties)):
            listed = part.find("LST")
            if listed is not None:
                listed[:] = [as_string(member, texts) for member in listed]
            else:
                properties[index] = as_string(part, texts)


def as_string(item: ET.Element, texts: dict[str, str]) -> ET.Element:
    if item.tag not in ("Obj", "Ref") or item.attrib["RefId"] not in texts:
        return item
    made = ET.Element("S", {"N": item.attrib["N"]} if "N" in item.attrib else {})
    made.text = texts[item.attrib["RefId"]]
    return made


def read(name: str, shape: str = "objects") -> list[WireObject]:
    """Decode a capture the way a session does, as it is or cut down to strings."""
    root = ET.parse(Path(CAPTURES, name)).getroot()
    for element in root.iter():
        element.tag = element.tag.removeprefix(NAMESPACE)
    if shape == "strings":
        texts = {
            item.attrib["RefId"]: item.findtext("ToString") or ""
            for item in root.iter("Obj")
            if item.find("ToString") is not None
        }
        for item in root:
            plain_strings(item, texts)
    serializer = Serializer()
    decoded = [decode(serializer.deserialize(item, clear=False)) for item in root]
    return [item for item in decoded if isinstance(item, WireObject)]


@pytest.fixture(params=["objects", "strings"])
def connectors(request: pytest.FixtureRequest) -> list[ReceiveConnector]:
    return ReceiveConnector.from_objects(read("e2019-get-receiveconnector.xml", request.param))


def test_every_property_decodes_to_its_documented_type(connectors: list[ReceiveConnector]) -> None:
    assert len(connectors) == 5
    for connector in connectors:
        assert set(connector.settings) == set(SETTINGS)
        for option, value in connector.settings.items():
            row = SETTINGS[option]
            if value is None:
                assert row.clears
            elif row.kind.many:
                assert isinstance(value, frozenset)
            else:
                assert isinstance(value, PYTHON.get(row.kind, str)), option
                assert row.check(value) == "", option
                assert not row.kind.names or value in row.kind.names, option


def test_both_shapes_give_the_same_connectors() -> None:
    objects, strings = (
        ReceiveConnector.from_objects(read("e2019-get-receiveconnector.xml", shape)) for shape in ("objects", "strings")
    )
    assert objects == strings


def test_default_frontend(connectors: list[ReceiveConnector]) -> None:
    frontend = next(connector for connector in connectors if connector.name.startswith("Default Frontend"))
    words = frontend.words()
    assert words["bindings"] == ["0.0.0.0:25", "[::]:25"]
    assert words["remote_ip_ranges"] == ["0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]
    assert words["permission_groups"] == ["AnonymousUsers", "ExchangeServers", "ExchangeLegacyServers"]
    assert words["max_message_size"] == "36MB"
    assert words["connection_timeout"] == "00:10:00"
    assert words["max_inbound_connection_per_source"] == "20"
    assert words["transport_role"] == "FrontendTransport"
    assert frontend.server == frontend.identity.partition("\\")[0] == "WIN-CTD3L0RGEN4"
    assert frontend.distinguished_name.startswith(f"CN={frontend.name},CN=SMTP Receive Connectors,")
    assert frontend.originating_server
    assert not frontend.custom


def facts(name: str) -> ServerFacts:
    return replace(ServerFacts.from_object(read("e2019-get-exchangeserver.xml")[0]), name=name)


def test_fed_back_as_desired_state_they_yield_no_difference(connectors: list[ReceiveConnector]) -> None:
    for connector in connectors:
        for options in (described(connector), connector.words()):
            desired = DesiredConnector.from_options(options_from(options, facts(connector.server)))
            desired.refuse_missing(facts(connector.server))
            assert changes(connector.settings, {**desired.wanted, "name": desired.name}) == []


def test_what_exchange_shows_is_itself_a_desired_state(connectors: list[ReceiveConnector]) -> None:
    for connector in connectors:
        options: dict[str, Any] = {
            row.option: connector.shown[row.name]
            for row in SETTINGS.values()
            if connector.shown[row.name] not in (None, "")
        }
        assert changes(connector.settings, DesiredConnector.from_options(options).wanted) == []


def test_real_connectors_keep_the_rules_and_stand_side_by_side(connectors: list[ReceiveConnector]) -> None:
    for connector in connectors:
        assert broken_rules(connector.settings, connector.settings) == []
    assert find([claim(connector.name, connector.settings) for connector in connectors]) == []


@pytest.mark.parametrize(
    ("name", "version", "build"),
    [
        ("e2016-get-exchangeserver.xml", Version.EXCHANGE_2016, "15.1.2375.7"),
        ("e2019-get-exchangeserver.xml", Version.EXCHANGE_2019, "15.2.986.5"),
    ],
)
@pytest.mark.parametrize("shape", ["objects", "strings"])
def test_servers(name: str, version: Version, build: str, shape: str) -> None:
    found = [ServerFacts.from_object(item) for item in read(name, shape)]
    assert (found[0].version, found[0].build, found[0].edge) == (version, build, False)
    assert found[0].fqdn.casefold().startswith(found[0].name.casefold())
    assert "Mailbox" in found[0].roles
