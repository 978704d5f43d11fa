# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two sides as scripts over pypsrp: the least that is possible, and a session for every resource, as DSC has it.

Run as ``python -m relay_bench.direct SIDE PHASE NUMBER`` with the lab's details on standard input, so that a script
pays for its own start as a task does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from .stage import client, name

RIGHT = "ms-Exch-SMTP-Accept-Any-Recipient"
ANONYMOUS = "NT AUTHORITY\\ANONYMOUS LOGON"
CONTAINER = (
    "CN=SMTP Receive Connectors,CN=Protocols,CN={server},CN=Servers,"
    "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,CN={organization},"
    "CN=Microsoft Exchange,CN=Services,CN=Configuration,{domain}"
)
Call = tuple[str, dict[str, Any]]
Statement = list[Call]


class Script:
    """What both sides say; ``details`` are those of the lab."""

    def __init__(self, details: Mapping[str, Any], number: int) -> None:
        self.details = details
        self.server = details["servers"][0]
        self.numbers = range(number)

    @contextmanager
    def pool(self) -> Iterator[RunspacePool]:
        """A session, Basic over TLS as the other sides have it."""
        with (
            WSMan(
                server=self.server["address"],
                port=self.server["exchange_tls_port"],
                path=self.server["exchange_path"],
                auth="basic",
                username=self.details["username"],
                password=self.details["password"],
                cert_validation=self.details["ca_pem"],
                no_proxy=True,
            ) as connection,
            RunspacePool(connection, configuration_name="Microsoft.Exchange") as pool,
        ):
            yield pool

    def new(self, number: int) -> Call:
        """The connector, as all sides make it."""
        parameters = {
            "Name": name(number),
            "Server": self.server["name"],
            "TransportRole": "FrontendTransport",
            "Custom": True,
            "Bindings": [f"{self.server['address']}:25"],
            "RemoteIPRanges": [client(number)],
            "PermissionGroups": ["AnonymousUsers"],
            "AuthMechanism": ["Tls"],
        }
        return "New-ReceiveConnector", parameters

    @staticmethod
    def grant(**identity: str) -> Call:
        """The right; without an identity for what comes down the pipe."""
        return "Add-ADPermission", {**identity, "User": ANONYMOUS, "ExtendedRights": [RIGHT]}


def run(pool: RunspacePool, *statements: Statement) -> list[Any]:
    """One pipeline; RuntimeError with the first error."""
    shell = PowerShell(pool)
    for number, statement in enumerate(statements):
        if number:
            shell.add_statement()
        for cmdlet, parameters in statement:
            shell.add_cmdlet(cmdlet).add_parameters(parameters)
    output: list[Any] = shell.invoke()
    if shell.streams.error:
        raise RuntimeError(f"{statements[0][0][0]}: {shell.streams.error[0]}")
    return output


def limit(script: Script, phase: str, single: bool) -> None:
    """Knows the answer: to make all, one call with a pipe for each; to see that nothing is to do, two reads."""
    if phase == "fresh":
        wanted = [[script.new(number), script.grant()] for number in script.numbers]
    else:
        connectors = ("Get-ReceiveConnector", {"Server": script.server["name"]})
        wanted = [[connectors], [connectors, ("Get-ADPermission", {})]]
    with script.pool() as pool:
        for statements in [[one] for one in wanted] if single else [wanted]:
            run(pool, *statements)


def session_per_resource(script: Script, phase: str, _single: bool) -> None:
    """As xExchReceiveConnector does it: test, and set where that says so, each in a session of its own."""
    for number in script.numbers:
        identity = f"{script.server['name']}\\{name(number)}"
        with script.pool() as pool:  # Test-TargetResource
            found = _found(run(pool, [("Get-ReceiveConnector", {"Server": script.server["name"]})]), name(number))
            held = found and run(pool, [("Get-ADPermission", {"Identity": found})])
        if phase == "fresh":
            with script.pool() as pool:  # Set-TargetResource
                run(pool, [("Get-ReceiveConnector", {"Server": script.server["name"]})])
                made = run(pool, [script.new(number)])[0].adapted_properties["DistinguishedName"]
            with script.pool() as pool:
                run(pool, [("Get-ADPermission", {"Identity": made})])
                run(pool, [script.grant(Identity=made)])
        elif not held:
            raise RuntimeError(f"{identity} is not there")


def _found(objects: Iterable[Any], wanted: str) -> str:
    shown = (item.adapted_properties for item in objects)
    return next((str(one["DistinguishedName"]) for one in shown if one["Name"] == wanted), "")


SIDES = {"limit": limit, "session_per_resource": session_per_resource}

if __name__ == "__main__":
    side, phase, number, *more = sys.argv[1:]
    SIDES[side](Script(json.load(sys.stdin), int(number)), phase, "single" in more)
