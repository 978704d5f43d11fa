# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter connector_for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.relayops.exchange.plugins.plugin_utils._filter import selection


def connector_for(connectors: Any, client: str, address: str = "", port: int = 25, server: str = "") -> dict[str, Any]:
    """See the documentation; raises AnsibleFilterError."""
    try:
        return selection.connector_for(connectors, client, address, port, server)
    except ValueError as problem:
        raise AnsibleFilterError(f"connector_for: {problem}") from None


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by name."""
        return {"connector_for": connector_for}
