# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.known_errors import recognise, role_of

CASES = [
    (
        ErrorRecord(
            "The term 'Add-ADPermission' is not recognized as the name of a cmdlet, function, script file, or "
            "operable program. Check the spelling of the name.",
            "ObjectNotFound",
            "CommandNotFoundException",
            "CommandNotFoundException",
            target="Add-ADPermission",
        ),
        "the session does not offer Add-ADPermission",
        '"Active Directory Permissions" (members of Organization Management hold it; Server Management can create a '
        "connector but not grant the right)",
    ),
    (
        ErrorRecord(
            "A parameter cannot be found that matches parameter name 'TransportRole'.",
            "InvalidArgument",
            "ParameterBindingException",
            "NamedParameterNotFound,New-ReceiveConnector",
            "New-ReceiveConnector",
        ),
        "New-ReceiveConnector does not offer the parameter TransportRole to this account",
        '"Receive Connectors"',
    ),
    (
        ErrorRecord(
            "Cannot process argument transformation on parameter 'RemoteIPRanges'. Cannot convert value \"x\" to type "
            '"Microsoft.Exchange.Data.MultiValuedProperty". Error: "The IP range x is not valid."',
            error_id="ParameterArgumentTransformationError,Set-ReceiveConnector",
        ),
        'the value "x" of RemoteIPRanges was refused: The IP range x is not valid.',
        "Correct the value",
    ),
    (
        ErrorRecord(
            "The values that you specified for the Bindings and RemoteIPRanges parameters conflict with the settings "
            'on Receive connector "EX01\\Default Frontend EX01". Receive connectors assigned to different Transport '
            "roles on a single server must listen on unique local IP address & port bindings."
        ),
        'the connector "EX01\\Default Frontend EX01" of another transport role',
        "an address of its own",
    ),
    (
        ErrorRecord("The administrative limit for this request was exceeded.", reason="AdminLimitExceededException"),
        "1,250",
        "Merge",
    ),
    (
        ErrorRecord("The operation couldn't be performed because object 'EX01\\X' couldn't be found on 'dc1.lab'."),
        '"EX01\\X" is not known to the domain controller dc1.lab',
        "domain_controller",
    ),
    (
        ErrorRecord("X wasn't found. Please make sure you've typed it correctly."),
        '"X" was not found',
        "Check the name",
    ),
    (
        ErrorRecord(
            "Active Directory operation failed on dc1. This error is not retriable. Additional information: Access is "
            "denied. Active directory response: 00000005: SecErr: problem 4003 (INSUFF_ACCESS_RIGHTS), data 0"
        ),
        "access is denied",
        "Organization Management",
    ),
    (
        ErrorRecord("The syntax is not supported by this runspace.", error_id="ScriptsNotAllowed"),
        "bare cmdlets only",
        "fault of the collection",
    ),
    (
        ErrorRecord(
            "Cannot bind argument to parameter 'Bindings' because it is an empty collection.",
            error_id="ParameterArgumentValidationErrorEmptyCollectionNotAllowed,X",
        ),
        "Bindings must not be empty",
        "at least one",
    ),
]


@pytest.mark.parametrize(("record", "reason", "remedy"), CASES, ids=[case[1][:40] for case in CASES])
def test_known_records_say_what_to_do(record: ErrorRecord, reason: str, remedy: str) -> None:
    found = recognise(record)
    assert reason in found[0]
    assert remedy in found[1]


def test_roles_of_cmdlets() -> None:
    assert role_of("get-receiveconnector") == "Receive Connectors"
    assert role_of("Remove-ADPermission") == "Active Directory Permissions"
    assert role_of("Get-Mailbox") == ""
