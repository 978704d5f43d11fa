# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter iis_relay_list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.relayops.exchange.plugins.plugin_utils._iis.relay_list import relay_lists


def iis_relay_list(given: Any, source: str = "") -> list[dict[str, Any]]:
    """See the documentation; raises AnsibleFilterError."""
    try:
        return relay_lists(given)
    except ValueError as problem:
        raise AnsibleFilterError(f"iis_relay_list: {f'{source}: ' if source else ''}{problem}") from None


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by name."""
        return {"iis_relay_list": iis_relay_list}
