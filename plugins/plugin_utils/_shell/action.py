# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of every action plugin with an Exchange session: arguments in, session around the work, result out.

Ansible loads an action plugin for every task that names it, also one that is skipped, and compiles all that it imports
anew in each run. So a subclass imports here what every task needs, and in its work what the work alone does, which
``preload`` has loaded once for all hosts of a play.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from ansible import constants
from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, Session
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import options
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import (
    Failure,
    ShellError,
    UnknownOutcome,
    on_one_line,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.interruption import (
    DeadlinePassed,
    interruptible,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.opening import Way, session
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.plain import given, plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.run import Run

if TYPE_CHECKING:
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import Settings
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.transport import Transport

Result = dict[str, Any]

# On more hosts than this a play lets no server ask about all others, which would take the square of their number
CROWD = 16

__all__ = ["Exchange", "ExchangeAction", "Run"]


class ExchangeAction(ActionBase):
    """A subclass says what its arguments are and does its work with the Exchange it is given."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False
    _connection: Any
    _connect: Callable[[Settings, Deadline], Transport] | None = None

    def arguments(self) -> dict[str, Any]:
        """The argument spec of the module alone; the session's options are added."""
        return {}

    def checks(self) -> dict[str, Any]:
        """mutually_exclusive, required_if and the like, as validate_argument_spec takes them."""
        return {}

    def work(self, exchange: Exchange, arguments: dict[str, Plain], run: Run) -> dict[str, Plain]:
        """Read, write unless in check mode, and return the result; called again after an UnknownOutcome."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        """Do the task; whatever goes wrong becomes a failed result with one sentence."""
        run = Run(bool(self._task.check_mode), bool(self._task.diff), show=self._show)
        arguments: dict[str, Plain] = {}
        try:
            self._refuse()
            super().run(tmp, task_vars)
            arguments = self._validated()
            with self._recorded(arguments, task_vars or {}, run):
                result = self.perform(arguments, run, task_vars or {})
        except Failure as failure:
            result = {"failed": True, **failure.as_result()}
        except ValueError as error:
            result = {"failed": True, "msg": _located(on_one_line(str(error)), task_vars or {})}
        except Exception as error:  # a fault of ours, which Ansible shows as a traceback
            result = self._secretive(error, arguments)
        if run.warnings:
            result["warnings"] = [*result.get("warnings", []), *run.warnings]
        return self._masked(result, arguments)

    def _show(self, text: str) -> None:
        self._display.display(f"[WARNING]: {text}", color=constants.COLOR_WARN, stderr=True)

    def way(self, arguments: dict[str, Plain], task_vars: Mapping[str, Any]) -> Way:
        """How the session is to be opened: the session's options, the host's connection and the environment."""
        seconds = arguments.get("deadline")
        return Way(
            options={name: arguments.get(name) for name in options.SESSION},
            connection=self._connection,
            environment=os.environ,
            password=plain(getattr(self._play_context, "password", None)),
            deadline=Deadline(float(seconds) if isinstance(seconds, int) and seconds > 0 else None),
            names=tuple(str(plain(task_vars[name])) for name in ("inventory_hostname",) if name in task_vars),
            hosts=len(task_vars.get("ansible_play_hosts_all") or ()),
            connect=self._connect,
        )

    def perform(self, arguments: dict[str, Plain], run: Run, task_vars: Mapping[str, Any]) -> Result:
        """Work in a session of its own; once more from a fresh read when the answer to a write was lost."""
        way = self.way(arguments, task_vars)
        try:
            return self._once(way, arguments, run)
        except UnknownOutcome as unknown:
            run.warn(f"{unknown.what} on {unknown.server}: {unknown.reason}. The state was read again before going on")
        result = self._once(way, arguments, run)
        return {**result, "changed": True}

    def _once(self, way: Way, arguments: dict[str, Plain], run: Run) -> Result:
        opened: Session | None = None
        try:
            with interruptible(way.deadline):
                try:
                    opened = session(way, run.warn)
                    return dict(self.work(self._exchange(opened, way, arguments, run), arguments, run))
                finally:
                    if opened is not None:
                        opened.close()
        except DeadlinePassed:
            raise way.deadline.passed("The task", opened.server if opened else "") from None
        except AnsibleConnectionFailure as error:
            raise ShellError("Connecting to the host", opened.server if opened else "", str(error)) from None

    def _exchange(self, opened: Session, way: Way, arguments: dict[str, Plain], run: Run) -> Exchange:
        controller, server = arguments.get("domain_controller"), arguments.get("server")
        return Exchange(
            opened,
            run.warn,
            str(controller) if controller else None,
            server if isinstance(server, str) else None,
            way.names,
            crowded=way.hosts > CROWD,
        )

    def _refuse(self) -> None:
        """Refuse what Ansible would ignore without a word on this way to Exchange, or do in another way."""
        name = self._task.action
        if self._task.async_val:
            raise ShellError(name, "", "it does not run with async", "Remove async and poll; deadline bounds the task")
        if self._task.become or getattr(self._connection, "become", None):
            reason = "become has no meaning for a session with Exchange, which is opened from the controller"
            raise ShellError(name, "", reason, "Set become: false, and endpoint_username for another account")

    def _validated(self) -> dict[str, Plain]:
        """The arguments, plain, with defaults; None for what is not given. Raises ValueError for a bad one."""
        spec = options.merged(self.arguments())
        validation = ArgumentSpecValidator(spec, **self.checks()).validate(given(self._task.args))
        if validation.error_messages:
            raise ValueError(f"{self._task.action}: {'; '.join(map(_said, validation.errors.errors))}")
        found = plain(validation.validated_parameters)
        return found if isinstance(found, dict) else {}

    @contextmanager
    def _recorded(self, arguments: dict[str, Plain], task_vars: Mapping[str, Any], run: Run) -> Iterator[None]:
        """Record what is said on both ways to the server, where the task asks for that."""
        path = arguments.get("exchange_recording")
        if not path:
            yield
            return
        # loaded only by a task that records
        from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import recorded
        from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.tape import Tape

        host = str(plain(task_vars.get("inventory_hostname", "")))
        tape = Tape(str(path), host, self._task.action, self._secrets(arguments))
        self._connection = recorded.RecordedConnection(self._connection, tape)
        self._connect = partial(recorded.RecordedTransport, tape)
        try:
            yield
        finally:
            if tape.lost:
                run.warn(f"the recording {path} lacks something of {host}: {tape.lost}")

    def _secretive(self, error: Exception, arguments: dict[str, Plain]) -> Result:
        """The failed result for an error whose traceback would tell a secret; raises any other again."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.secrecy import tells

        if not tells(error, self._secrets(arguments)):
            raise error
        reason = f"{type(error).__name__}, whose text holds a secret and is not shown"
        return {"failed": True, "msg": ShellError(self._task.action, "", reason, "Report this fault").sentence()}

    def _masked(self, result: Result, arguments: dict[str, Plain]) -> Result:
        """The result without any secret in it."""
        # one may begin another, whose end would be left; ansible-core sorts them by itself after 2.16
        secrets = sorted(self._secrets(arguments), key=len, reverse=True)
        return dict(remove_values(result, secrets)) if secrets else result

    def _secrets(self, arguments: dict[str, Plain]) -> set[str]:
        """What must not be told, as it is and as Python quotes it; arguments that were refused hold secrets too."""
        given = arguments or self._task.args
        secrets = {str(plain(given[name])) for name in self._secret_options() if given.get(name)}
        secrets |= {str(secret) for secret in self._passwords() if secret}
        secrets |= {secret for secret in (_proxy_password(str(given.get("endpoint_proxy") or "")),) if secret}
        return secrets | {repr(secret)[1:-1] for secret in secrets}

    def _secret_options(self) -> list[str]:
        return [name for name, option in options.merged(self.arguments()).items() if option.get("no_log")]

    def _passwords(self) -> list[Plain]:
        found = [getattr(self._play_context, "password", None), os.environ.get("EXCHANGE_PASSWORD")]
        for option in ("remote_password", "password"):
            try:
                found.append(self._connection.get_option(option))
            except (AttributeError, KeyError):
                continue
        return [plain(secret) for secret in found]


def _proxy_password(proxy: str) -> str:
    """The password that a proxy's URL carries, as it is written there."""
    account = proxy.rpartition("://")[2].rpartition("@")[0]
    return account.partition(":")[2]


def _located(text: str, task_vars: Mapping[str, Any]) -> str:
    """The sentence with the host in front, unless its address, or its name up to the first dot, is a word of it."""
    host = str(plain(task_vars.get("inventory_hostname", "")))
    label = host.partition(".")[0]
    name = re.escape(host if label.isdigit() else label)
    named = not host or re.search(rf"(?<![\w-]){name}(?![\w-])", text, re.IGNORECASE)
    return text if named else f"On {host}, {text}"


def _said(error: Exception) -> str:
    """An argument's error; that of an unknown option names it and the one it resembles, or all that are known."""
    if not isinstance(error, UnsupportedError):
        return str(error)
    from difflib import get_close_matches

    unknown, _separator, known = str(error).partition(". Supported parameters include: ")
    near = get_close_matches(unknown.rpartition(".")[2], known.rstrip(".").split(", "), n=1)
    return f"unknown option {unknown}. Did you mean {near[0]}?" if near else f"unknown option {error}"
