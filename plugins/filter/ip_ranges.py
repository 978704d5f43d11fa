# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ip_ranges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.relayops.exchange.plugins.plugin_utils._filter import range_list


def ip_ranges(given: Any, action: str = "normalise", other: Any = None) -> list[str] | bool | int:
    """See the documentation; raises AnsibleFilterError."""
    try:
        return range_list.ip_ranges(given, action, other)
    except ValueError as problem:
        raise AnsibleFilterError(f"ip_ranges: {problem}") from None


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by name."""
        return {"ip_ranges": ip_ranges}
