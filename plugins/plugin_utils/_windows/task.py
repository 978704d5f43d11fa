# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task as a whole: options in, addresses changed, the result out."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Protocol

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import Failure, ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows import report
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import (
    AddressTable,
    IPAddress,
    parse_ip,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.change import Host, change
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.connectors import Bound
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import (
    Allowed,
    Desired,
    Refusal,
    parse_address,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.plan import Circumstances

Arguments = Mapping[str, Plain]


class Run(Protocol):
    """How the task runs."""

    check_mode: bool

    def warn(self, text: str) -> None:
        """Add a warning to the result."""


def apply(host: Host, arguments: Arguments, run: Run, ask: Callable[[], Bound], connected: str) -> dict[str, Plain]:
    """Bring the addresses to what the options say; ``ask`` learns the bindings, ``connected`` is the host as reached.

    Raises ValueError for options that make no sense, ShellError for a refusal and for a change that does not come out.
    """
    wanted, timeout = desired(arguments), _seconds(arguments)
    before = host.read()
    try:
        around = Circumstances(
            _allowed(arguments), connected_to(connected, before), _bound(before, wanted, arguments, ask)
        )
        done = change(host, before, wanted, around, timeout, run.check_mode)
    except Refusal as refusal:
        raise ShellError(_act(wanted), host.server, refusal.reason, refusal.remedy) from None
    for cut in done.cuts:
        run.warn(f"The change cut the connection to {host.server} ({cut}); it was opened again and the result verified")
    for note in report.notes(done.before, done.after, done.steps, run.check_mode):
        run.warn(note)
    indexes = report.concerned(done.before, done.after, wanted, done.steps)
    return {
        "changed": bool(done.steps),
        "steps": [step.words for step in done.steps],
        "before": report.interfaces(done.before, indexes),
        "after": report.interfaces(done.after, indexes),
        "diff": report.diff(done.before, done.after, indexes),
    }


def desired(arguments: Arguments) -> list[Desired]:
    """Return what is wanted of each address; raises ValueError for an address that is none or named twice."""
    given = arguments.get("addresses")
    texts = [str(text) for text in given] if isinstance(given, list) else [str(arguments["address"])]
    interface = arguments.get("interface")
    wanted = [
        Desired(
            *parse_address(text),
            present=arguments.get("state") != "absent",
            skip_as_source=bool(arguments.get("skip_as_source")),
            register_in_dns=bool(arguments.get("register_in_dns")),
            interface=None if interface is None else str(interface),
        )
        for text in texts
    ]
    ips = [each.ip for each in wanted]
    for ip in ips:
        if ips.count(ip) > 1:
            raise ValueError(f"addresses names {ip} more than once")
    return wanted


def _act(wanted: list[Desired]) -> str:
    return f"{'Adding' if wanted[0].present else 'Removing'} {', '.join(str(each.ip) for each in wanted)}"


def _allowed(arguments: Arguments) -> Allowed:
    return Allowed(
        static=bool(arguments.get("allow_static")),
        foreign_subnet=bool(arguments.get("allow_foreign_subnet")),
        interruption=bool(arguments.get("allow_interruption")),
        dns_change=bool(arguments.get("allow_dns_change")),
        force=bool(arguments.get("force")),
    )


def _seconds(arguments: Arguments) -> float:
    timeout = arguments.get("timeout")
    if isinstance(timeout, int) and timeout < 0:
        raise ValueError(f"timeout is {timeout}, which is no number of seconds")
    return float(timeout) if isinstance(timeout, int) else 30.0


def connected_to(name: str, table: AddressTable) -> IPAddress | None:
    """Return the address in the table under which the host is reached, if its name can be resolved here."""
    try:
        ips = [parse_ip(str(found[4][0])) for found in socket.getaddrinfo(name, None)]
    except (OSError, ValueError):
        return None
    return next((ip for ip in ips if table.find(ip)), None)


def _bound(table: AddressTable, wanted: list[Desired], arguments: Arguments, ask: Callable[[], Bound]) -> Bound | None:
    """Who listens on what is to be removed; Exchange is asked only if something is, and only if that decides.

    Raises Refusal where Exchange does not say: a relay whose address is gone takes no mail any more.
    """
    leaving = [each.ip for each in wanted if not each.present and table.find(each.ip)]
    if not leaving or arguments.get("force"):
        return None
    given = arguments.get("bound_connectors")
    if isinstance(given, list):
        return {ip: tuple(str(name) for name in given) for ip in leaving}
    try:
        return ask()
    except Failure as failure:
        names = ", ".join(str(ip) for ip in leaving)
        raise Refusal(
            f"whether a receive connector is bound to {names} could not be learnt: {str(failure).rstrip('.')}",
            "Name the bound connectors in bound_connectors, an empty list if there are none, or set force to true",
        ) from None
