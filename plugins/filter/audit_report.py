# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter audit_report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.report import report
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.plain import plain

_WRONG = "audit_report: a list of results of relay_audit is needed"


def audit_report(results: Any, fail_on: str = "never", visible: bool = False) -> dict[str, Any]:
    """Join results of relay_audit into one report; raises AnsibleFilterError for anything else."""
    given: Any = plain(results)
    if not isinstance(given, list) or not all(isinstance(each, dict) and "findings" in each for each in given):
        raise AnsibleFilterError(_WRONG)
    try:
        return report(given, fail_on, visible)
    except ValueError as problem:
        raise AnsibleFilterError(f"audit_report: {problem}") from None
    except (KeyError, TypeError, AttributeError):
        raise AnsibleFilterError(_WRONG) from None


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by name."""
        return {"audit_report": audit_report}
