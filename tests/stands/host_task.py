# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task of secondary_ip over one of Ansible's connection plugins, as ansible-playbook makes it.

``python -m host_task`` reads ``{"variables": …, "server": …, "arguments": …}`` from standard input: a process to kill.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ansible.plugins.loader import get_shell_plugin
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import HostShell
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows import task
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.host import Host
from connection_plugin import connection

PATIENCE = 4
DEFAULTS = {"timeout": 10, "bound_connectors": [], "skip_as_source": True}


@dataclass
class Run:
    """How the task runs."""

    check_mode: bool = False

    def warn(self, text: str) -> None:
        """Nobody is to be told."""


def connected(variables: Mapping[str, Any]) -> Any:
    """A connection plugin with these variables of a host; it connects when it is used."""
    given = dict(variables) | {"inventory_hostname": "ex01"}
    shell = get_shell_plugin(shell_type=given.get("ansible_shell_type", "powershell"))
    return connection(given["ansible_connection"], given, shell)


def act(variables: Mapping[str, Any], server: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The task with a connection of its own."""
    made = connected(variables)
    try:
        host = Host(HostShell(made, server), timeout=PATIENCE)
        return dict(task.apply(host, DEFAULTS | dict(arguments), Run(), lambda: {}, server))
    finally:
        # ansible says no more than that in a debug message
        with suppress(Exception):
            made.close()


if __name__ == "__main__":
    act(**json.load(sys.stdin))
