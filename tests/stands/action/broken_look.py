# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action with a fault in it: it raises what no action of the collection should, in the midst of its work."""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import Exchange, ExchangeAction, Run


class ActionModule(ExchangeAction):
    """``how``: plainly, with its own objects in the text, with the password in the text."""

    def arguments(self) -> dict[str, Any]:
        """The option besides those of the session."""
        return {"how": {"type": "str", "required": True}}

    def work(self, exchange: Exchange, arguments: dict[str, Any], run: Run) -> dict[str, Any]:
        """Raise."""
        objects = [exchange, exchange.session, vars(exchange.session), self.way(arguments, {}), self, run]
        said = {
            "plainly": "",
            "with its own objects": repr(objects),
            "with the password": arguments["endpoint_password"],
        }
        try:
            raise KeyError(said[arguments["how"]])
        except KeyError as inner:
            raise RuntimeError(f"raised inside: {inner}") from inner
