# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of an action that works on the Windows host itself and asks Exchange only on the side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleConnectionFailure
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import ExchangeAction, Result, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.interruption import DeadlinePassed, interruptible
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.opening import Way, reached, session

if TYPE_CHECKING:
    from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.connectors import Bound


class HostAction(ExchangeAction):
    """Runs the task over the host's own connection; the session with Exchange is opened when it is asked for."""

    def on_host(self, way: Way, arguments: dict[str, Any], run: Run) -> Result:
        """Do the task on the host within the deadline."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import HostShell
        from ansible_collections.relayops.exchange.plugins.plugin_utils._windows import task
        from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.host import Host

        host = Host(HostShell(self._connection, reached(way, "Reading the addresses")))
        try:
            with interruptible(way.deadline):
                return dict(task.apply(host, arguments, run, lambda: self._bound(way, arguments, run), host.server))
        except DeadlinePassed:
            raise way.deadline.passed("The task", host.server) from None
        except AnsibleConnectionFailure as error:
            raise ShellError("Connecting to the host", host.server, str(error)) from None

    def _bound(self, way: Way, arguments: dict[str, Any], run: Run) -> Bound:
        from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.connectors import bound_on

        opened = session(way, run.warn)
        try:
            return bound_on(self._exchange(opened, way, arguments, run))
        finally:
            opened.close()
