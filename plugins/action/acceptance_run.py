# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One acceptance run told from others, so that two of them are not at work with the same connector."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.plain import plain


class ActionModule(ActionBase):
    """Wires options, the file and the result."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def arguments(self) -> dict[str, Any]:
        """The options."""
        return {
            "file": {"type": "path", "required": True},
            "comment": {"type": "str", "required": True},
            "run": {"type": "str"},
            "server": {"type": "str"},
            "connectors": {"type": "list", "elements": "dict", "default": []},
            "take_over": {"type": "bool", "default": False},
            "state": {"type": "str", "default": "begun", "choices": ["begun", "ended"]},
        }

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Begin or end a run, unless in check mode."""
        super().run(tmp, task_vars)
        validation = ArgumentSpecValidator(self.arguments()).validate(plain(self._task.args))
        if validation.error_messages:
            return {"failed": True, "msg": f"{self._task.action}: {'; '.join(validation.error_messages)}"}
        given = validation.validated_parameters
        host = str(plain((task_vars or {}).get("inventory_hostname", "")))
        try:
            return _done(given, host, bool(self._task.check_mode))
        except OSError as error:
            reason = f"{error.strerror}: {error.filename}"
            cure = "Name a folder on the controller that can be written in relay_acceptance_folder"
            return {"failed": True, "msg": f"Noting an acceptance run of {host}: {reason}. {cure}"}


def _done(given: dict[str, Any], host: str, check_mode: bool) -> dict[str, Any]:
    # loaded by a task that is not skipped
    from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance import claim, run_mark

    # tasks are done by children of ansible-playbook, whose process lasts as long as the run
    here = run_mark.RunMark(datetime.now(UTC), os.getppid(), claim.place())
    own = given["run"] or here.comment(given["comment"])
    file = Path(given["file"])

    def is_at_work(comment: str) -> bool:
        return not given["take_over"] and here.is_at_work(comment, claim.is_alive)

    if given["state"] == "ended":
        if not check_mode:
            claim.release(file, own)
        return {"changed": False, "run": own}
    holder = "" if check_mode else claim.claim(file, own, is_at_work)
    if holder:
        return {"failed": True, "msg": run_mark.held(host, holder, str(file))}
    for each in given["connectors"]:
        name, comment = str(each.get("name") or ""), str(each.get("comment") or "")
        # relay_connector adds a mark of its own
        if own not in comment and is_at_work(comment):
            return {"failed": True, "msg": run_mark.taken(given["server"] or host, name, comment)}
    return {"changed": False, "run": own}
