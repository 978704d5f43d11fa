# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter relay_usage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_report import window
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.join import joined


def relay_usage(
    results: Any, audits: Any = None, connectors: Any = None, silent_days: int = 30, since: str = ""
) -> dict[str, Any]:
    """See the documentation; raises AnsibleFilterError."""
    for name, given in (("results", results), ("audits", audits or []), ("connectors", connectors or [])):
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            raise AnsibleFilterError(f"relay_usage: {name} is a list of dictionaries")
    now = datetime.now(UTC)
    try:
        window(str(since or ""), "", now)
        return joined(results, audits or [], connectors or [], int(silent_days), now)
    except (ValueError, KeyError, TypeError) as problem:
        raise AnsibleFilterError(f"relay_usage: {problem}") from None


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by name."""
        return {"relay_usage": relay_usage}
