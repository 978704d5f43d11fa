# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server has the cmdlets, parameters and values that a command uses, told before it is sent."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Pipeline
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError

# cmdlet: the first release that has it ("Applicable" of its documentation page); others are in every release
CMDLETS = {
    "Get-NetworkConnectionInfo": Version.EXCHANGE_2010,
    "Test-SmtpConnectivity": Version.EXCHANGE_2010,
    "Get-TransportService": Version.EXCHANGE_2013,
    "Get-FrontendTransportService": Version.EXCHANGE_2013,
    "Get-ManagementRoleAssignment": Version.EXCHANGE_2010,
}

# An Edge Transport server has no role-based access control, and only its own configuration ("Edge Transport servers").
NOT_ON_EDGE = ("Get-NetworkConnectionInfo", "Get-FrontendTransportService", "Get-ManagementRoleAssignment")

BY_NAME = {parameter.name: parameter for parameter in PARAMETERS.values()}
CONNECTOR = ("New-ReceiveConnector", "Set-ReceiveConnector")


def judge(pipeline: Pipeline, server: ServerFacts) -> None:
    """Raise ExchangeError for the first thing that the server does not have."""
    for command in pipeline:
        for reason in _missing(command, server):
            remedy = "Remove the option for this host"
            raise ExchangeError(command.name, server.name, reason, remedy)


def lacks(cmdlet: str, server: ServerFacts) -> str:
    """Why the server does not have the cmdlet, or an empty string."""
    since = CMDLETS.get(cmdlet, Version.EXCHANGE_2007)
    if server.version < since:
        return f"{cmdlet} needs {since} or later; {server.name} runs {server.version}"
    if server.edge and cmdlet in NOT_ON_EDGE:
        return f"{cmdlet} does not exist on an Edge Transport server, which {server.name} is"
    return ""


def _missing(command: Command, server: ServerFacts) -> Iterator[str]:
    reason = lacks(command.name, server)
    if reason:
        yield reason
    if command.name in CONNECTOR:
        yield from (reason for reason in (_parameter(name, server) for name in command.parameters) if reason)
    if "DomainController" in command.parameters and server.edge:
        yield f"domain_controller has no meaning on an Edge Transport server, which {server.name} is"


def _parameter(name: str, server: ServerFacts) -> str:
    parameter = BY_NAME.get(name)
    return parameter.refusal(server) if parameter else ""
