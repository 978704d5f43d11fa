# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server answers to what nobody has written down about Exchange."""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import Exchange, ExchangeAction, Run


class ActionModule(ExchangeAction):
    """Wires options, session and result of open_questions."""

    def arguments(self) -> dict[str, Any]:
        """The options besides those of the session."""
        return {
            "name": {"type": "str", "required": True},
            "comment": {"type": "str", "required": True},
            "port": {"type": "int", "default": 50265},
            "server": {"type": "str"},
        }

    def work(self, exchange: Exchange, arguments: dict[str, Plain], run: Run) -> dict[str, Plain]:
        """Ask, unless in check mode; the server is afterwards as it was."""
        given: dict[str, Any] = dict(arguments)
        facts = exchange.facts
        described: dict[str, Plain] = {"server": facts.name, "version": str(facts.version), "build": facts.build}
        if run.check_mode:
            return {"changed": False, "answers": [], **described}
        # as with every action, what does the work is loaded by the work
        from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance import inquiry

        answers = inquiry.ask(exchange, given["name"], given["port"], given["comment"])
        return {"changed": False, "answers": answers, **described}
