# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pypsrp under a deadline: every request is bounded in time, a pipeline can be stopped, a shell is always deleted."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.bounded_answer import EndlessAnswer, bounded
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import CONFIGURATION, Settings

# What closing may take: the task is over, nobody waits for the answer.
CLOSING = 3

# What the server is asked to wait before it deletes a shell that nobody talks to any more: all that ends one when the
# controller's process is killed outright (New-PSSessionOption, IdleTimeout; at least 60). Requests of a shell in use
# come every operation_timeout.
IDLE = 240

# Bytes of all answers to one pipeline. A connector takes some 60 KB, half a million ranges some 50 MB
LARGEST_OUTPUT = 256 * 2**20

# ERROR_WSMAN_UNEXPECTED_SELECTORS: no shell of that identifier
GONE = 2150858843

INSTALL = "Install pypsrp where Ansible runs: pip install 'pypsrp[kerberos]'"

# pypsrp logs what it raises, and without a handler Python would print that
logging.getLogger("pypsrp").addHandler(logging.NullHandler())


class Transport:
    """One shell on the endpoint.

    ``sent`` tells whether a pipeline's command has left without an answer to its end, ``taken`` whether the server has
    taken it.
    """

    def __init__(self, settings: Settings, deadline: Deadline) -> None:
        self.settings = settings
        self.deadline = deadline
        self.opened = False
        self.sent = False
        self.taken = False
        self.closing = False
        self.wsman = self._wsman()
        self.pool = self._pool(IDLE)
        self.shell_id = self.pool.id
        self.asked = False
        self.received = 0

    def open(self) -> None:
        """Open the shell if it is not; raises what pypsrp raises."""
        if self.opened:
            return
        self.asked = True
        try:
            self.pool.open()
        except _pypsrp("exceptions").WSManFaultError as fault:
            if "IdleTimeOut" not in str(fault):
                raise
            self.pool = self._pool(None)  # outside the server's bounds: its own default then
            self.pool.open()
        self.opened = True

    @property
    def protocol(self) -> tuple[int, ...]:
        """The version of PSRP that the server told when the shell was opened (MS-PSRP 2.2.2.1)."""
        return tuple(int(part) for part in str(self.pool.protocol_version or "2.2").split(".") if part.isdigit())

    def run(self, *statements: Sequence[tuple[str, Mapping[str, Plain]]]) -> Any:
        """Run statements as one pipeline and return pypsrp's PowerShell with its streams; raises what pypsrp raises.

        Raises TimeoutError when the deadline passes; the pipeline is stopped then.
        """
        powershell = _pypsrp("powershell").PowerShell(self.pool)
        for number, commands in enumerate(statements):
            if number:
                powershell.add_statement()
            for name, parameters in commands:
                powershell.add_cmdlet(name)
                powershell.add_parameters(dict(parameters))
        self.sent, self.taken, self.received = True, False, 0
        powershell.begin_invoke()
        self.taken = True
        self._wait(powershell)
        self.sent = self.taken = False
        return powershell

    def close(self) -> bool:
        """Delete the shell on the server and drop the sockets; returns whether none can be left there.

        A transport that broke cannot carry its own farewell (its encryption belongs to the lost connection), so a
        second one deletes the shell then.
        """
        if not self.asked:
            return True
        self.closing, self.received = True, 0
        deleted = (self.opened and not self.sent and self._delete(self.wsman)) or self._delete(self._wsman())
        self.wsman.close()
        return deleted

    def _wait(self, powershell: Any) -> None:
        running = _pypsrp("complex_objects").PSInvocationState.RUNNING
        while powershell.state == running:
            if self.deadline.remaining <= 0:
                self._stop(powershell)
                raise TimeoutError
            seconds = math.ceil(self.deadline.bound(self.settings.operation_timeout))
            powershell.poll_invoke(timeout=max(1, seconds))

    def _stop(self, powershell: Any) -> None:
        self.closing = True
        with suppress(Exception):  # the shell is deleted next, which ends the pipeline too
            powershell.stop()

    def _delete(self, wsman: Any) -> bool:
        selectors = _pypsrp("wsman").SelectorSet()
        selectors.add_option("ShellId", self.pool.shell.id or self.shell_id)
        try:
            wsman.delete(self.pool.shell.resource_uri, selector_set=selectors)
        except Exception as error:  # closing never raises
            return _gone(error)
        finally:
            if wsman is not self.wsman:
                wsman.close()
        return True

    def _pool(self, idle: int | None) -> Any:
        pool = _pypsrp("powershell").RunspacePool
        return pool(self.wsman, configuration_name=CONFIGURATION, idle_timeout=idle)

    def _wsman(self) -> Any:
        wsman = _pypsrp("wsman").WSMan(**_arguments(self.settings))
        send, build = wsman.transport.send, wsman.transport._build_session
        # connection, then waiting for the answer, then reading it
        wsman.transport._build_session = lambda: bounded(build(), lambda: sum(self._limits()) + self._limits()[1])

        def in_time(message: bytes, **given: Any) -> bytes:
            """Send within what is left of the time, once: repeating is the session's decision."""
            connect, read = self._limits()
            wsman.transport.connection_timeout, wsman.transport.read_timeout = connect, read
            if "retries_on_read_timeout" in given:
                given["retries_on_read_timeout"] = 0
            if given.get("timeout") is not None:
                given["timeout"] = (connect, min(read, given["timeout"]))
            answer: bytes = send(message, **given)
            self.received += len(answer)
            if self.received > LARGEST_OUTPUT:
                raise EndlessAnswer(f"its output has more than {LARGEST_OUTPUT // 2**20} MB")
            return answer

        wsman.transport.send = in_time
        return wsman

    def _limits(self) -> tuple[float, float]:
        if self.closing:
            return CLOSING, CLOSING
        if self.deadline.remaining <= 0:
            raise TimeoutError
        bound = self.deadline.bound
        return max(0.1, bound(self.settings.connection_timeout)), max(0.1, bound(self.settings.read_timeout))


def _arguments(settings: Settings) -> dict[str, Any]:
    """The settings as pypsrp's WSMan takes them."""
    return {
        "server": settings.host,
        "port": settings.port,
        "path": settings.path,
        "ssl": settings.ssl,
        "auth": settings.auth,
        "username": settings.username,
        "password": settings.password,
        "cert_validation": settings.cert_validation,
        "connection_timeout": settings.connection_timeout,
        "operation_timeout": settings.operation_timeout,
        "read_timeout": settings.read_timeout,
        "encryption": "auto",
        "proxy": settings.proxy,
        "no_proxy": settings.no_proxy,
        "certificate_pem": settings.certificate_pem,
        "certificate_key_pem": settings.certificate_key_pem,
        "negotiate_service": settings.service,
        "negotiate_hostname_override": settings.hostname_override,
    }


def _gone(error: Exception) -> bool:
    """Whether the server says that it has no such shell."""
    return getattr(error, "code", None) == GONE


def _pypsrp(module: str) -> Any:
    """A module of pypsrp, which a controller may lack."""
    try:
        return __import__(f"pypsrp.{module}", fromlist=[module])
    except ImportError as error:
        raise ShellError(
            "Connecting to Exchange", "", f"the Python library pypsrp is missing ({error})", INSTALL
        ) from None
