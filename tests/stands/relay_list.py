# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of relay_connector share: an entry of a list, the connector that came of it, another administrator."""

from __future__ import annotations

from typing import Any

MODES: dict[str, dict[str, Any]] = {
    "anonymous": {},
    "internal_only": {"mode": "internal_only"},
    "externally_secured": {"mode": "externally_secured", "acknowledge_trust": True},
}
ABLE = {
    "anonymous": {"inside", "relay"},
    "internal_only": {"inside"},
    "externally_secured": {"inside", "relay", "big", "trusted", "unfiltered"},
}
BYPASS = "ms-Exch-Bypass-Anti-Spam"


def printers(mode: str = "anonymous", **options: Any) -> dict[str, Any]:
    return {"name": "Printers", "address": 25, "clients": [77], "max_message_size": "64KB", **MODES[mode], **options}


def connector(stand: Any, name: str = "Printers", server: str = "EX01") -> Any:
    return next((one for one in stand.lab.organisation.connectors(server) if one.name == name), None)


def granted(stand: Any, name: str = "Printers") -> set[tuple[str, str, bool]]:
    """What was granted or denied to somebody beyond the groups."""
    own = (entry for entry in connector(stand, name).acl if not entry.inherited and not entry.source)
    return {(entry.principal.name, entry.right, entry.deny) for entry in own}


def sent(stand: Any) -> list[str]:
    return [command.name for command in stand.lab.journal.commands if not command.name.startswith("Get-")]


def by_hand(stand: Any) -> dict[str, Any]:
    """What another administrator gives to New-ReceiveConnector."""
    return {
        "Name": "Printers",
        "Custom": True,
        "Server": "EX01",
        "TransportRole": "FrontendTransport",
        "Bindings": [f"{stand.address(25)}:25"],
        "RemoteIPRanges": [stand.address(78)],
    }


def run(stand: Any, name: str, **parameters: Any) -> Any:
    """One cmdlet, as another administrator runs it."""
    from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command

    with stand.session() as exchange:
        return exchange.call(Command(name, parameters))
