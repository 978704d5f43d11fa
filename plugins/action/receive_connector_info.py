# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receive connectors with their permissions, in the words of receive_connector."""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import Exchange, ExchangeAction, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.preload import before_fork

before_fork("_relay.connector_listing")


class ActionModule(ExchangeAction):
    """Wires options, session and result of receive_connector_info."""

    def arguments(self) -> dict[str, Any]:
        """The options besides those of the session."""
        return {
            "name": {"type": "str"},
            "server": {"type": "str"},
            "permissions": {"type": "bool", "default": True},
        }

    def work(self, exchange: Exchange, arguments: dict[str, Plain], run: Run) -> dict[str, Plain]:
        """Read the connectors and describe them."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import connector_listing

        return connector_listing.read(exchange, arguments, run.warn)
