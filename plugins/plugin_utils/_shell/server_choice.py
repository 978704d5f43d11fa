# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the servers that Get-ExchangeServer lists is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError


def readable(items: Sequence[WireObject], connected: str, warn: Callable[[str], None]) -> list[ServerFacts]:
    """The servers whose version is known, a warning for each other one; ExchangeError where there are only others.

    ``connected`` is the name that was connected to.
    """
    found: list[ServerFacts] = []
    problems: list[str] = []
    for item in items:
        try:
            found.append(ServerFacts.from_object(item))
        except ValueError as problem:
            problems.append(f"{item.properties.get('Name') or item.text}: {problem}")
    if problems and not found:
        raise ExchangeError("Learning the version", connected, "; ".join(problems))
    for left in problems:
        warn(f"the server {left}. It is left out")
    return found


def chosen(servers: Sequence[ServerFacts], names: Sequence[str], connected: str) -> ServerFacts:
    """The server of the first name that one has, or the only one; raises ExchangeError where that decides nothing."""
    for name in names:
        found = named(servers, name)
        if found:
            return found
    if len(servers) == 1:
        return servers[0]
    known = ", ".join(server.name for server in servers) or "none"
    reason = f"{connected} is none of the Exchange servers here: {known}"
    raise ExchangeError(
        "Learning the version", connected, reason, "Name the server that is meant with the option server"
    )


def named(servers: Sequence[ServerFacts], name: str) -> ServerFacts | None:
    """The server by its name, full name or distinguished name; None where there is none."""
    wanted = name.strip().rstrip(".").lower()
    for server in servers:
        if wanted and wanted in (server.name.lower(), server.fqdn.lower(), server.distinguished_name.lower()):
            return server
    return None


def is_address(name: str) -> bool:
    """Whether a name is an IP address, in brackets or with a zone too."""
    try:
        ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True
