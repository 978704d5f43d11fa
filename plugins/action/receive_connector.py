# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One receive connector, every parameter that Exchange has."""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import Exchange, ExchangeAction, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.preload import before_fork

before_fork("_relay.connector_task", "_usage.recent", "_windows.states")


class ActionModule(ExchangeAction):
    """Wires options, session and result of receive_connector."""

    def arguments(self) -> dict[str, Any]:
        """The options of Exchange's parameters, and how to go about them."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import parameters

        return {
            **parameters.argument_spec(),
            "server": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "new_name": {"type": "str"},
            "settings": {"type": "dict"},
            "clear": {"type": "list", "elements": "str"},
            "merge_ranges": {"type": "bool", "default": False},
            "recent_use": {"type": "path"},
            "allow_absent_address": {"type": "bool", "default": False},
            "allow_wide_range": {"type": "bool", "default": False},
            "allow_any_range": {"type": "bool", "default": False},
            "allow_server_address": {"type": "bool", "default": False},
            "acknowledge_trust": {"type": "bool", "default": False},
        }

    def checks(self) -> dict[str, Any]:
        """A connector has a name, from one place or the other."""
        return {"required_one_of": [["name", "settings"]]}

    def work(self, exchange: Exchange, arguments: dict[str, Plain], run: Run) -> dict[str, Plain]:
        """Bring the connector to what the options say."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import connector_task
        from ansible_collections.relayops.exchange.plugins.plugin_utils._usage import recent
        from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.states import states

        used = recent.read(str(arguments["recent_use"])) if arguments.get("recent_use") else []
        return connector_task.apply(
            exchange,
            arguments,
            check_mode=run.check_mode,
            warn=run.warn,
            states=lambda: states(self._connection, exchange.server),
            announce=partial(recent.warn, used, run.announce),
        )
