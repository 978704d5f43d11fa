# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what the controller can do and how far a connection to Exchange gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import ExchangeAction, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.interruption import interruptible


class ActionModule(ExchangeAction):
    """The module exchange_debug."""

    def arguments(self) -> dict[str, Any]:
        """The server whose version is looked at."""
        return {"server": {"type": "str"}}

    def perform(self, arguments: dict[str, Plain], run: Run, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Go as far as it gets; a step that fails makes the task fail, with its remedy."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.examination import examine

        way = self.way(arguments, task_vars)
        with interruptible(way.deadline):
            return examine(way, arguments.get("server"), run.warn)
