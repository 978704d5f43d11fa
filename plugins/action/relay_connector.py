# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dedicated relay connectors, connector and right together, in a safe order."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import Exchange, ExchangeAction, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.preload import before_fork

before_fork("_relay.relay_task", "_usage.recent")


class ActionModule(ExchangeAction):
    """Wires options, session and result of relay_connector."""

    def arguments(self) -> dict[str, Any]:
        """The list, what else may happen, and for each connector the options of receive_connector."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import parameters
        from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import desired

        exchange = parameters.argument_spec()
        return {
            "connectors": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "server": {"type": "str"},
                    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                    "mode": {"type": "str", "choices": list(desired.MODES), "default": "anonymous"},
                    "address": {"type": "str"},
                    "port": {"type": "int"},
                    "bindings": {"type": "raw"},
                    "clients": {"type": "raw"},
                    "rights": {"type": "list", "elements": "str"},
                    **{option: exchange[option] for option in desired.OPTIONS},
                    **{option: {"type": "bool", "default": False} for option in desired.SWITCHES},
                },
            },
            "server": {"type": "str"},
            "purge": {"type": "bool", "default": False},
            "recent_use": {"type": "path"},
        }

    def work(self, exchange: Exchange, arguments: dict[str, Plain], run: Run) -> dict[str, Plain]:
        """Bring the connectors to what the list says."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import relay_task
        from ansible_collections.relayops.exchange.plugins.plugin_utils._usage import recent

        used = recent.read(str(arguments["recent_use"])) if arguments.get("recent_use") else []
        return relay_task.apply(
            exchange,
            arguments,
            check_mode=run.check_mode,
            warn=run.warn,
            today=date.today(),
            announce=partial(recent.warn, used, run.announce) if used else None,
        )
