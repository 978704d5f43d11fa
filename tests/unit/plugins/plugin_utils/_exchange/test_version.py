# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions and what Get-ExchangeServer tells."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import (
    ServerFacts,
    Version,
    build_numbers,
    release,
)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Version 8.0 (Build 685.24)", Version.EXCHANGE_2007),
        ("Version 8.3 (Build 83.6)", Version.EXCHANGE_2007),
        ("Version 14.3 (Build 123.4)", Version.EXCHANGE_2010),
        ("Version 15.0 (Build 1497.2)", Version.EXCHANGE_2013),
        ("Version 15.1 (Build 2375.7)", Version.EXCHANGE_2016),
        ("Version 15.2 (Build 986.5)", Version.EXCHANGE_2019),
        ("Version 15.2 (Build 1748.10)", Version.EXCHANGE_2019),
        ("Version 15.2 (Build 2562.17)", Version.EXCHANGE_SE),
        ("Version 15.3 (Build 1.2)", Version.EXCHANGE_SE),
        ("Version 16.0 (Build 100.1)", Version.EXCHANGE_SE),
    ],
)
def test_build_tells_the_release(text: str, version: Version) -> None:
    assert release(build_numbers(text)) is version


def test_releases_are_in_order() -> None:
    assert sorted(Version) == list(Version)
    assert str(Version.EXCHANGE_SE) == "Exchange SE"
    assert str(Version.EXCHANGE_2010) == "Exchange 2010"


@pytest.mark.parametrize("text", ["", "15.2.986.5", "Version 6.5 (Build 7638.2)"])
def test_an_unknown_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not known|not an Exchange version"):
        release(build_numbers(text))


def test_facts_of_an_edge_server() -> None:
    properties = {
        "Name": "EDGE1",
        "Fqdn": "edge1.example.com",
        "AdminDisplayVersion": "Version 15.2 (Build 986.5)",
        "IsEdgeServer": True,
        "ServerRole": "Edge",
        "DistinguishedName": "CN=EDGE1",
    }
    facts = ServerFacts.from_object(WireObject("EDGE1", (), properties))
    assert facts.edge
    assert not facts.has_transport_roles
    assert facts.build == "15.2.986.5"
    assert facts.roles == {"Edge"}


@pytest.mark.parametrize(("text", "pack"), [("Version 8.0 (Build 685.24)", 0), ("Version 8.1 (Build 240.6)", 1)])
def test_service_pack(text: str, pack: int) -> None:
    assert ServerFacts.from_object(WireObject("S", (), {"AdminDisplayVersion": text})).service_pack == pack
