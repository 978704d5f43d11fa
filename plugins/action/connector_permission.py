# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extended rights on a receive or send connector."""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import Exchange, ExchangeAction, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.preload import before_fork

before_fork("_relay.permission_task")


class ActionModule(ExchangeAction):
    """Wires options, session and result of connector_permission."""

    def arguments(self) -> dict[str, Any]:
        """The options besides those of the session."""
        return {
            "connector": {"type": "str", "required": True, "aliases": ["name"]},
            "connector_type": {"type": "str", "choices": ["receive", "send"], "default": "receive"},
            "server": {"type": "str"},
            "user": {"type": "str"},
            "rights": {"type": "list", "elements": "str", "required": True, "aliases": ["extended_rights"]},
            "access": {"type": "str", "choices": ["allow", "deny"], "default": "allow"},
            "state": {"type": "str", "choices": ["present", "absent", "exact"], "default": "present"},
            "allow_wide_range": {"type": "bool", "default": False},
            "allow_any_range": {"type": "bool", "default": False},
            "allow_server_address": {"type": "bool", "default": False},
            "allow_default_connector": {"type": "bool", "default": False},
        }

    def work(self, exchange: Exchange, arguments: dict[str, Plain], run: Run) -> dict[str, Plain]:
        """Bring the rights to what the options say."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import permission_task

        return permission_task.apply(exchange, arguments, run.check_mode, run.warn)
