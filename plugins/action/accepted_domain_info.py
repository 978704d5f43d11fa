# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accepted domains, and which recipients need a relay at all."""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import Exchange, ExchangeAction, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.preload import before_fork

before_fork("_relay.recipients")


class ActionModule(ExchangeAction):
    """Wires options, session and result of accepted_domain_info."""

    def arguments(self) -> dict[str, Any]:
        """The options besides those of the session."""
        return {"recipients": {"type": "list", "elements": "str"}, "server": {"type": "str"}}

    def work(self, exchange: Exchange, arguments: dict[str, Plain], run: Run) -> dict[str, Plain]:
        """Read the domains and judge the recipients."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import recipients

        return recipients.read(exchange, arguments)
