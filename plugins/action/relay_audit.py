# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may relay, and do what else, through one or many servers, and what is wrong with that."""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import Exchange, ExchangeAction, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.preload import before_fork

before_fork("_audit.task")


class ActionModule(ExchangeAction):
    """Wires options, session and result of relay_audit."""

    def arguments(self) -> dict[str, Any]:
        """The options besides those of the session."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import SEVERITIES

        return {
            "servers": {"type": "list", "elements": "str"},
            "clients": {"type": "list", "elements": "raw"},
            "load_balancers": {"type": "list", "elements": "str"},
            "fail_on": {"type": "str", "choices": list(SEVERITIES)},
            "max_ranges": {"type": "int", "default": 1000},
            "previous": {"type": "path"},
            "sarif": {"type": "path"},
            "junit": {"type": "path"},
        }

    def work(self, exchange: Exchange, arguments: dict[str, Plain], run: Run) -> dict[str, Plain]:
        """Read, judge and describe; nothing on a server changes."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import task

        return task.apply(exchange, arguments, run.check_mode)
