# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receive logs of an Exchange server, brought to the controller."""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import ExchangeAction, Result, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.interruption import DeadlinePassed, interruptible
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.opening import Way, reached, session


class ActionModule(ExchangeAction):
    """Wires options, host and result of receive_log_fetch."""

    def arguments(self) -> dict[str, Any]:
        """The options besides those of the session."""
        return {
            "dest": {"type": "path", "required": True},
            "paths": {"type": "list", "elements": "str"},
            "server": {"type": "str"},
        }

    def _once(self, way: Way, arguments: dict[str, Any], run: Run) -> Result:
        """Ask where the logs are, and fetch them over the host's own connection."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import HostShell
        from ansible_collections.relayops.exchange.plugins.plugin_utils._usage import fetch

        shell = HostShell(self._connection, reached(way, "Fetching the receive logs"))
        dest = os.path.expanduser(str(arguments["dest"]))
        try:
            with interruptible(way.deadline):
                folders = arguments.get("paths") or self._folders(way, arguments, run)
                return fetch.fetch(shell, folders, dest, run.check_mode, run.warn)
        except DeadlinePassed:
            raise way.deadline.passed("The task", shell.server) from None
        except AnsibleConnectionFailure as error:
            raise ShellError("Connecting to the host", shell.server, str(error)) from None
        except OSError as error:
            raise _unwritten(error, shell.server) from None

    def _folders(self, way: Way, arguments: dict[str, Any], run: Run) -> list[str]:
        from ansible_collections.relayops.exchange.plugins.plugin_utils._usage import fetch

        opened = session(way, run.warn)
        try:
            return fetch.folders(self._exchange(opened, way, arguments, run))
        finally:
            opened.close()


def _unwritten(error: OSError, server: str) -> ShellError:
    """Say what is in the way on the controller; what names no file went wrong on the way to the server."""
    if error.filename is None:
        return ShellError("Fetching the receive logs", server, str(error))
    what = f"Writing the receive logs of {server} on the controller"
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        reason, remedy = (
            "a file stands where a folder is to be",
            "Give a folder as dest, or a path that is free",
        )
    else:
        reason, remedy = error.strerror or str(error), "Give a dest that can be written to"
    return ShellError(what, "", f"{error.filename}: {reason}", remedy)
