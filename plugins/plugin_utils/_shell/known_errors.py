# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error records with a public source, and what to do about each; data first, one function to look them up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord

# Which management role brings a cmdlet (RBAC: "Receive Connectors role", "Active Directory Permissions role").
ROLES = (
    (re.compile(r"-ReceiveConnector$", re.I), "Receive Connectors"),
    (re.compile(r"-ADPermission$", re.I), "Active Directory Permissions"),
    (re.compile(r"-SendConnector$", re.I), "Send Connectors"),
    (re.compile(r"-(AcceptedDomain|RemoteDomain)$", re.I), "Remote and Accepted Domains"),
    (re.compile(r"-(TransportService|TransportServer|FrontendTransportService)$", re.I), "Transport Hygiene"),
    (re.compile(r"^Get-(ExchangeServer|NetworkConnectionInfo)$", re.I), "View-Only Configuration"),
)

GRANTED_BY = {
    "Receive Connectors": "members of Organization Management, Server Management or Hygiene Management hold it",
    "Active Directory Permissions": (
        "members of Organization Management hold it; Server Management can create a connector but not grant the right"
    ),
}


@dataclass(frozen=True)
class Known:
    """A record is recognised by every pattern that is not empty; groups of the message fill the sentences."""

    reason: str
    remedy: str
    error_id: str = ""
    exception: str = ""
    message: str = ""


# characters of a text that are looked through; Exchange's own are a few hundred long
LONGEST = 4096

KNOWN = (
    Known(
        error_id=r"^ParameterArgumentTransformationError\b",
        message=r"parameter '(?P<parameter>[^']+)'.*?Cannot convert value \"(?P<value>.*?)\" to type.*?"
        r"Error: \"(?P<inner>.*)\"",
        reason='the value "{value}" of {parameter} was refused: {inner}',
        remedy="Correct the value",
    ),
    Known(
        error_id=r"^ParameterArgumentTransformationError\b",
        message=r"parameter '(?P<parameter>[^']+)'[.:]?\s*(?P<inner>.*)",
        reason="the value of {parameter} was refused: {inner}",
        remedy="Correct the value",
    ),
    Known(
        error_id=r"^ParameterArgumentValidationErrorEmptyCollectionNotAllowed\b",
        message=r"parameter '(?P<parameter>[^']+)'",
        reason="{parameter} must not be empty",
        remedy="Give at least one value",
    ),
    Known(
        message=r"conflict with the settings on Receive connector \"(?P<other>[^\"]+)\".*Transport roles",
        reason='the address and port belong to the connector "{other}" of another transport role already',
        remedy="Use an address of its own for this connector, or the same transport role as that connector",
    ),
    Known(
        message=r"conflict with the settings on Receive connector \"(?P<other>[^\"]+)\"",
        reason='bindings and remote ranges collide with those of the connector "{other}"',
        remedy="Two connectors on one address and port need remote ranges that are disjoint or nested",
    ),
    Known(
        message=r"administrative limit for this request was exceeded",
        reason="Active Directory holds no more than about 1,250 remote ranges for one connector",
        remedy="Merge neighbouring addresses to ranges, or spread them over two connectors",
    ),
    Known(
        message=r"INSUFF_ACCESS_RIGHTS|Access is denied",
        reason="Active Directory refused the write: access is denied",
        remedy="Use an account of Organization Management, and let the Exchange permissions in Active Directory "
        "inherit to the Exchange configuration container",
    ),
    Known(
        message=r"object '(?P<identity>.*)' couldn't be found on '(?P<controller>[^']+)'",
        reason='"{identity}" is not known to the domain controller {controller}',
        remedy="Check the name; for an object that was just made, name the domain controller that has it with "
        "domain_controller",
    ),
    Known(
        message=r"(?P<identity>.*) wasn't found\. Please make sure",
        reason='"{identity}" was not found in Active Directory',
        remedy="Check the name; for an object that was just made, name the domain controller that has it with "
        "domain_controller",
    ),
    Known(
        exception=r"ADObjectAlreadyExistsException|AlreadyExists",
        reason="an object of that name is there already",
        remedy="Choose another name, or manage the object that is there",
    ),
    Known(
        error_id=r"^ScriptsNotAllowed\b",
        reason="the endpoint takes bare cmdlets only, and was sent something else",
        remedy="Report this as a fault of the collection",
    ),
    Known(
        message=r"SerializationData is not signed",
        reason="Exchange took the value for an unsigned object",
        remedy="Report this as a fault of the collection: only plain values may be sent",
    ),
    Known(
        message=r"host program or the command type does not support user interaction|NonInteractive mode",
        reason="the cmdlet asked for a confirmation that nobody can give",
        remedy="Report this as a fault of the collection",
    ),
)


def recognise(record: ErrorRecord) -> tuple[str, str]:
    """Return reason and remedy for the record; an unknown one keeps its own message and has no remedy."""
    missing = _missing_role(record)
    if missing:
        return missing
    for known in KNOWN:
        match = _matches(known, record)
        if match is not None:
            return known.reason.format(**match), known.remedy
    return record.message or record.error_id or "the server gave no reason", ""


def role_of(cmdlet: str) -> str:
    """The management role that brings the cmdlet, or an empty string."""
    return next((role for pattern, role in ROLES if pattern.search(cmdlet)), "")


def role_remedy(cmdlet: str) -> str:
    """What to do where a session does not offer the cmdlet."""
    role = role_of(cmdlet)
    if not role:
        return "Use an account whose management roles include it"
    granted = GRANTED_BY.get(role)
    return f'Use an account that holds the management role "{role}"' + (f" ({granted})" if granted else "")


def _missing_role(record: ErrorRecord) -> tuple[str, str] | None:
    """RBAC hides what an account may not use, so a missing role looks like a missing cmdlet or parameter."""
    if re.match(r"CommandNotFoundException\b", record.error_id):
        cmdlet = _first(r"[Tt]he term '([^']+)'", record.message) or record.target or record.cmdlet
        return f"the session does not offer {cmdlet}", role_remedy(cmdlet)
    if re.match(r"NamedParameterNotFound\b", record.error_id):
        parameter = _first(r"parameter name '([^']+)'", record.message)
        remedy = f"{role_remedy(record.cmdlet)}, or leave the option out where this version of Exchange lacks it"
        return f"{record.cmdlet or 'the cmdlet'} does not offer the parameter {parameter} to this account", remedy
    return None


def _matches(known: Known, record: ErrorRecord) -> dict[str, str] | None:
    found: dict[str, str] = {}
    pairs = ((known.error_id, record.error_id), (known.exception, record.reason), (known.message, record.message))
    for pattern, text in pairs:
        if pattern:
            match = re.search(pattern, text[:LONGEST], re.S)
            if match is None:
                return None
            found.update({name: value or "" for name, value in match.groupdict().items()})
    return found


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text[:LONGEST])
    return match[1] if match else ""
