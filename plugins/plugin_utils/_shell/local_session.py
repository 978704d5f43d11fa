# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Exchange snap-in on the host itself, over the host's own connection."""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Outcome, Pipeline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import HostShell


class LocalSession:
    """Literal pipelines on the host, each in a powershell.exe that loads the snap-in."""

    def __init__(self, connection: Any, server: str, deadline: Deadline | None = None) -> None:
        self.server = server
        self.host = HostShell(connection, server)
        self.deadline = deadline or Deadline()

    def run(self, *pipelines: Pipeline) -> list[Outcome]:
        """Run the pipelines in order until one yields an error record."""
        raise NotImplementedError

    def without_endpoint(self) -> str:
        """Why this host's Exchange has no endpoint, or an empty string."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing stays open: every pipeline has a process of its own."""
