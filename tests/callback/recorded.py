# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every task result of a playbook run as a line of JSON to the file named by RECORDED_RESULTS."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorded
type: notification
short_description: Task results as JSON lines
description: Writes every task result to the file named by the environment variable RECORDED_RESULTS.
"""


def part(result: Any, name: str) -> Any:
    """The task, the host or the result proper; before ansible-core 2.19 their names began with an underscore."""
    return getattr(result, name if hasattr(result, name) else f"_{name}")


class CallbackModule(CallbackBase):
    """Keeps results as they are, without the display's omissions."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorded"

    def _write(self, kind: str, **content: Any) -> None:
        with open(os.environ["RECORDED_RESULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, **content}, default=str) + "\n")

    def _result(self, kind: str, result: Any) -> None:
        task = part(result, "task")
        self._write(
            kind,
            host=part(result, "host").get_name(),
            task=task.get_name().strip(),
            action=task.action,
            result=self._strip(result),
        )

    def _strip(self, result: Any) -> Any:
        """What a user may see of a result; the diff too, which is shown apart from the rest."""
        whole = part(result, "result")
        stripped = json.loads(self._dump_results(whole, indent=None, keep_invocation=False))
        if "diff" in whole and not whole.get("_ansible_no_log"):
            stripped["diff"] = json.loads(json.dumps(whole["diff"], default=str))
        return stripped

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task that went well."""
        self._result("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task that failed."""
        self._result("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A task that was skipped."""
        self._result("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host that could not be reached."""
        self._result("unreachable", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The numbers at the end."""
        self._write("stats", hosts={host: stats.summarize(host) for host in stats.processed})
