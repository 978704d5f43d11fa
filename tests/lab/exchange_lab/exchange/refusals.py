# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Exchange refuses, in its words where a public source has them; the session makes error records of it."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A cmdlet of Exchange says no. ``reason`` is the exception's short name, ``category`` the ErrorCategory.

    ``published`` tells whether a public source has the text.
    """

    def __init__(
        self, message: str, reason: str, category: str = "NotSpecified", target: Any = None, *, published: bool = True
    ) -> None:
        super().__init__(message)
        self.published = published
        self.message = message
        self.reason = reason
        self.category = category
        self.target = target


def not_found(identity: str, controller: str) -> Refusal:
    """The generic text of the Get, Set and Remove cmdlets."""
    return Refusal(
        f"The operation couldn't be performed because object '{identity}' couldn't be found on '{controller}'.",
        "ManagementObjectNotFoundException",
        target=identity,
    )


def not_found_for_permission(identity: str) -> Refusal:
    """The text of the *-ADPermission cmdlets (OfficeDocs-Exchange issue 3043)."""
    return Refusal(
        f"{identity} wasn't found. Please make sure you've typed it correctly.",
        "ManagementObjectNotFoundException",
        target=identity,
    )


def ambiguous(identity: str) -> Refusal:
    """Several objects have the name."""
    return Refusal(
        f"The operation couldn't be performed because '{identity}' matches multiple entries.",
        "ManagementObjectAmbiguousException",
        target=identity,
        published=False,
    )


def already_exists(distinguished_name: str, controller: str) -> Refusal:
    """The directory has an object of that name in the same container; wording without a public source."""
    return Refusal(
        f"Active Directory operation failed on {controller}. The object '{distinguished_name}' already exists.",
        "ADObjectAlreadyExistsException",
        target=distinguished_name,
        published=False,
    )


def limit_exceeded() -> Refusal:
    """More values than a non-linked attribute holds ("Administrative limit for this request was exceeded")."""
    return Refusal("The administrative limit for this request was exceeded.", "AdminLimitExceededException")


def access_denied(controller: str) -> Refusal:
    """The directory refuses the write (OfficeDocs-Exchange issue 3043)."""
    return Refusal(
        f"Active Directory operation failed on {controller}. This error is not retriable. Additional information: "
        "Access is denied. Active directory response: 00000005: SecErr: DSID-03152857, problem 4003 "
        "(INSUFF_ACCESS_RIGHTS), data 0",
        "ADOperationException",
        "WriteError",
    )


def conflict(other: str, *, roles: bool) -> Refusal:
    """Another connector of the server listens there for the same clients; the first sentence is verbatim for both."""
    text = (
        "The values that you specified for the Bindings and RemoteIPRanges parameters conflict with the settings on "
        f'Receive connector "{other}". '
    )
    if roles:
        text += (
            "Receive connectors assigned to different Transport roles on a single server must listen on unique local "
            "IP address & port bindings."
        )
        return Refusal(text, "ReceiveConnectorRoleConflictException", "InvalidOperation", other)
    text += "Each Receive connector on a server must have a unique combination of Bindings and RemoteIPRanges."
    return Refusal(text, "ReceiveConnectorConflictException", "InvalidOperation", other, published=False)


def invalid(message: str, target: Any = None) -> Refusal:
    """A value, or a combination of values, breaks a rule; wording without a public source."""
    return Refusal(message, "DataValidationException", "InvalidData", target, published=False)


def in_other_words(refusal: Refusal) -> Refusal:
    """The refusal as Exchange may word it where no public source has its text."""
    if refusal.published:
        return refusal
    return Refusal("The task wasn't carried out.", "LocalizedException", "InvalidOperation", refusal.target)
