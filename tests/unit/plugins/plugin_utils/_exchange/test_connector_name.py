# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to name a receive connector."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import connector_name

BELOW = "CN=SMTP Receive Connectors,CN=Protocols,CN=EX02,CN=Servers,CN=Exchange Administrative Group"
GUID = "6F9619FF-8B86-D011-B42D-00CF4FC964FF"


@pytest.mark.parametrize(
    ("text", "server", "name"),
    [
        ("Copiers", "", "Copiers"),
        ("EX02\\Copiers", "EX02", "Copiers"),
        ("EX02\\a=b, CN=c", "EX02", "a=b, CN=c"),
        ("Copiers, CN=trick", "", "Copiers, CN=trick"),
        (f"CN=Copiers,{BELOW}", "EX02", f"CN=Copiers,{BELOW}"),
        (f"cn=Copiers\\, 2nd\\\\floor,{BELOW}", "EX02", f"cn=Copiers\\, 2nd\\\\floor,{BELOW}"),
        ("\\!", "", "\\!"),
        (GUID, "", GUID),
    ],
)
def test_server_and_name(text: str, server: str, name: str) -> None:
    assert connector_name.parse(text) == (server, name)


def test_what_can_only_mean_a_connector_that_exists() -> None:
    assert connector_name.is_reference(f"CN=Copiers\\, 2nd,{BELOW}")
    assert connector_name.is_reference(GUID.lower())
    assert not connector_name.is_reference("Copiers, CN=trick")
    assert not connector_name.is_reference(f"{GUID} of old")
