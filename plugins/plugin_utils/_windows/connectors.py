# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which receive connectors listen on an address of the host."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import IPAddress, parse_ip

Bound = dict[IPAddress, tuple[str, ...]]


def bound_on(exchange: Exchange) -> Bound:
    """Ask Exchange for the receive connectors of the server; raises ShellError and ExchangeError."""
    command = Command("Get-ReceiveConnector", {"Server": exchange.facts.name})
    return bound_by(exchange.call(command, "Reading the receive connectors"))


def bound_by(connectors: Iterable[WireObject]) -> Bound:
    """Return the names of the connectors for each address that one of their bindings names; wildcards name none."""
    found: Bound = {}
    for connector in connectors:
        bindings = connector.properties.get("Bindings")
        for text in bindings if isinstance(bindings, list) else []:
            binding = Binding.parse(str(text))
            if not binding.wildcard:
                ip = parse_ip(binding.address)
                found[ip] = (*found.get(ip, ()), str(connector.properties.get("Name") or connector.text))
    return found
