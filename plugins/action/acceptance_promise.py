# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module on a server and notes whether it did what is promised of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance.promise import FAILED, Promise
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import options
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.action import ExchangeAction, Run
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.plain import plain

MODULES = ("relay_connector", "receive_connector", "receive_connector_info", "connector_permission", "smtp_probe")
# where the entries of a run are kept between its tasks
FACT = "__relay_acceptance_entries"
# seconds between two looks at what takes a moment
_PAUSE = 1.0


class ActionModule(ExchangeAction):
    """Wires options, the module that is looked at, and the entry."""

    def arguments(self) -> dict[str, Any]:
        """The options besides those of the session."""
        return {
            "promise": {"type": "str"},
            "runs": {"type": "str", "required": True, "choices": list(MODULES)},
            "options": {"type": "dict", "default": {}},
            "expect": {"type": "dict", "default": {}},
            "needs": {"type": "list", "elements": "str", "default": []},
            "not_seen_because": {"type": "str"},
            "patience": {"type": "int", "default": 0},
            "server": {"type": "str"},
        }

    @contextmanager
    def _recorded(self, arguments: dict[str, Plain], task_vars: Mapping[str, Any], run: Run) -> Iterator[None]:
        """Record nothing here: what is run records what it says, and what a probe says is noted afterwards."""
        yield

    def perform(self, arguments: dict[str, Plain], run: Run, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Run the module, unless it cannot be seen here, and add the entry to those of the run."""
        given: dict[str, Any] = dict(arguments)
        promise = self._promise(given)
        entries: list[Any] = list(cast("list[Any]", plain(task_vars.get("ansible_facts", {}).get(FACT)) or []))
        why = (
            "Nothing is tried in check mode" if run.check_mode else given["not_seen_because"] or promise.unmet(entries)
        )
        result, entry = ({}, promise.not_seen(why)) if why else self._seen(promise, given["patience"], task_vars)
        if promise.module == "smtp_probe" and result and given["exchange_recording"]:
            self._record(str(given["exchange_recording"]), result, arguments, run, task_vars)
        if not promise.name:
            return {"changed": bool(result.get("changed")), "result": result}
        if entry["outcome"] == FAILED:
            run.warn(f"{promise.name}: {promise.says}: {entry['why']}")
        return {
            "changed": bool(result.get("changed")),
            "entry": entry,
            "ansible_facts": {FACT: [*entries, entry]},
        }

    def _record(
        self, path: str, result: Mapping[str, Any], arguments: dict[str, Plain], run: Run, task_vars: Mapping[str, Any]
    ) -> None:
        """Add what a probe and the server said to the recording of the task."""
        # loaded only by a task that records
        from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.tape import Tape, dialogue

        host = str(plain(task_vars.get("inventory_hostname", "")))
        tape = Tape(path, host, "smtp_probe", self._secrets(arguments))
        tape.session("smtp").add(**dialogue(result))
        if tape.lost:
            run.warn(f"the recording {path} lacks something of {host}: {tape.lost}")

    def _promise(self, given: Mapping[str, Any]) -> Promise:
        """What the task is about; its name is the promise as a sentence."""
        options_given = dict(given["options"])
        if given["server"] and given["runs"] != "smtp_probe":
            options_given["server"] = given["server"]
        says = str(self._task.name or given["promise"]).rpartition(" : ")[2]
        return Promise(given["promise"] or "", says, given["runs"], options_given, given["expect"], given["needs"])

    def _seen(
        self, promise: Promise, patience: int, task_vars: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Plain]]:
        """Look, and again while the answer is another one and there is time; the last result and its entry."""
        begun = time.monotonic()
        while True:
            result = cast("dict[str, Any]", plain(self._result(promise, task_vars)))
            entry = promise.judged(result, time.monotonic() - begun)
            if entry["outcome"] != FAILED or time.monotonic() + _PAUSE > begun + patience:
                return result, entry
            time.sleep(_PAUSE)

    def _result(self, promise: Promise, task_vars: Mapping[str, Any]) -> Any:
        """What the module gives as a task of its own, with the session of this one."""
        name = f"relayops.exchange.{promise.module}"
        if promise.module == "smtp_probe":
            return self._execute_module(module_name=name, module_args=dict(promise.options), task_vars=dict(task_vars))
        task = self._task.copy()
        task.action = name
        task.args = {key: value for key, value in self._task.args.items() if key in options.SESSION}
        task.args.update(promise.options)
        action = self._shared_loader_obj.action_loader.get(
            name,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        return action.run(task_vars=dict(task_vars))
