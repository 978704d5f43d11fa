# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which session a task gets: Exchange's own endpoint, or a shell on the host.

A task needs one of the two, and the host's loads what reads CLIXML: so each is imported where it is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, Session
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError

if TYPE_CHECKING:
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.local_session import LocalSession
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import Settings
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.transport import Transport

WINDOWS_CONNECTIONS = ("winrm", "psrp", "ssh")


@dataclass(frozen=True)
class Way:
    """Everything that decides how a session is opened.

    ``names`` are further names of the host, ``hosts`` is how many the play is on.
    """

    options: Mapping[str, Plain] = field(repr=False)
    connection: Any = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    password: Plain = field(repr=False)
    deadline: Deadline
    names: tuple[str, ...] = ()
    hosts: int = 1
    connect: Callable[[Settings, Deadline], Transport] | None = None

    def settings(self) -> Settings:
        """The endpoint, joined from the three sources; raises ShellError."""
        from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings

        password = str(self.password) if self.password else None
        return settings(self.options, self.connection, self.environment, password)


def session(way: Way, warn: Callable[[str], None]) -> Session:
    """Return a session of the asked kind; ``auto`` looks at the host first and says what it chose."""
    kind = way.options.get("management_shell") or "remote"
    if kind == "remote":
        return remote(way, warn)
    if kind == "local":
        return local(way)
    return automatic(way, warn)


def remote(way: Way, warn: Callable[[str], None]) -> RemoteSession:
    """A session on the endpoint; raises ShellError for what cannot work there."""
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.advice import advise
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession

    found = way.settings()
    for warning in advise(found):
        warn(warning)
    return RemoteSession(found, way.deadline, connect=way.connect)


def local(way: Way) -> LocalSession:
    """A session on the host; raises ShellError where its connection is none to Windows."""
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.local_session import LocalSession

    transport = getattr(way.connection, "transport", "")
    if transport not in WINDOWS_CONNECTIONS:
        raise ShellError(
            "Opening a shell on the host",
            way.names[0] if way.names else "",
            f"the connection {transport or 'of the host'} does not reach a Windows host",
            "Set ansible_connection to winrm, psrp or ssh, or management_shell to remote",
        )
    return LocalSession(way.connection, _host(way), way.deadline)


def automatic(way: Way, warn: Callable[[str], None]) -> Session:
    """Local where the host's own Exchange has no endpoint (2007, Edge Transport), remote everywhere else."""
    if getattr(way.connection, "transport", "") not in WINDOWS_CONNECTIONS:
        warn("management_shell: remote was chosen, since the host's connection does not reach a Windows host")
        return remote(way, warn)
    candidate = local(way)
    reason = candidate.without_endpoint()
    if reason:
        warn(f"management_shell: local was chosen, since {reason}")
        return candidate
    candidate.close()
    warn(f"management_shell: remote was chosen, since {candidate.server} has an endpoint")
    return remote(way, warn)


def reached(way: Way, what: str) -> str:
    """The host's name or address as the connection reaches it; raises ShellError where it is no Windows host's."""
    transport = getattr(way.connection, "transport", "")
    name = way.names[0] if way.names else ""
    if transport not in WINDOWS_CONNECTIONS:
        raise ShellError(
            what,
            name,
            f"the connection {transport or 'of the host'} does not reach a Windows host",
            "Set ansible_connection to winrm, psrp or ssh",
        )
    for option in ("remote_addr", "host"):
        try:
            found = way.connection.get_option(option)
        except (AttributeError, KeyError):
            continue
        if found:
            return str(found)
    return name


def _host(way: Way) -> str:
    for name in ("remote_addr", "host"):
        try:
            found = way.connection.get_option(name)
        except (AttributeError, KeyError):
            continue
        if found:
            return str(found)
    return way.names[0] if way.names else "the host"
