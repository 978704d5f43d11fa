# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secondary IP address on the Windows host itself."""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import Result, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.opening import Way
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.action import HostAction


class ActionModule(HostAction):
    """Wires options, host and result of secondary_ip."""

    def arguments(self) -> dict[str, Any]:
        """The options besides those of the session."""
        return {
            "address": {"type": "str"},
            "addresses": {"type": "list", "elements": "str"},
            "interface": {"type": "str"},
            "skip_as_source": {"type": "bool", "default": True},
            "register_in_dns": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "timeout": {"type": "int", "default": 30},
            "bound_connectors": {"type": "list", "elements": "str"},
            "allow_static": {"type": "bool", "default": False},
            "allow_foreign_subnet": {"type": "bool", "default": False},
            "allow_interruption": {"type": "bool", "default": False},
            "allow_dns_change": {"type": "bool", "default": False},
            "force": {"type": "bool", "default": False},
        }

    def checks(self) -> dict[str, Any]:
        """Either one address or several."""
        return {
            "mutually_exclusive": [["address", "addresses"]],
            "required_one_of": [["address", "addresses"]],
        }

    def _once(self, way: Way, arguments: dict[str, Any], run: Run) -> Result:
        """Change the addresses over the host's own connection."""
        return self.on_host(way, arguments, run)
