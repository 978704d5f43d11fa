# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error records as data, for the wire (MS-PSRP 2.2.3.15) and for the console."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from psrpcore.types import ErrorCategory, ErrorCategoryInfo, ErrorRecord, NETException, PSObject

from .cmdlet import CmdletError
from .objects import text_of

_BASES = ["System.Exception", "System.Object"]
_FULL_NAMES = {
    "CommandNotFoundException": "System.Management.Automation.CommandNotFoundException",
    "ParameterBindingException": "System.Management.Automation.ParameterBindingException",
    "ParseException": "System.Management.Automation.ParseException",
    "HostException": "System.Management.Automation.Host.HostException",
    "PSInvalidOperationException": "System.Management.Automation.PSInvalidOperationException",
    "RemoteException": "System.Management.Automation.RemoteException",
}


class _CategoryInfo(ErrorCategoryInfo):
    def __str__(self) -> str:
        return (
            f"{self.Category.name}: ({self.TargetName or ''}:{self.TargetType or ''}) "
            f"[{self.Activity or ''}], {self.Reason or ''}"
        )


@dataclass(frozen=True)
class Failure:
    """One error record. ``activity`` is the cmdlet's name, ``error_id`` the whole FullyQualifiedErrorId."""

    message: str
    category: str = "NotSpecified"
    reason: str = "Exception"
    error_id: str = ""
    activity: str = ""
    target: Any = None

    def record(self) -> ErrorRecord:
        """The record as psrpcore serialises it."""
        exception = NETException(Message=self.message)
        exception.PSObject.type_names = [_FULL_NAMES.get(self.reason, self.reason), *_BASES]
        return ErrorRecord(
            Exception=exception,
            CategoryInfo=self._category_info(),
            TargetObject=self.target if isinstance(self.target, PSObject) else text_of(self.target) or None,
            FullyQualifiedErrorId=self.error_id,
        )

    def _category_info(self) -> ErrorCategoryInfo:
        return _CategoryInfo(
            Category=ErrorCategory[self.category],
            Activity=self.activity,
            Reason=self.reason,
            TargetName=text_of(self.target),
            TargetType=_type_name(self.target),
        )

    def lines(self) -> list[str]:
        """What powershell.exe writes, without the position in the script."""
        start = f"{self.activity} : " if self.activity else ""
        return [
            *f"{start}{self.message}".splitlines(),
            f"    + CategoryInfo          : {self._category_info()}",
            f"    + FullyQualifiedErrorId : {self.error_id}",
            " ",
        ]

    def stopping(self) -> Failure:
        """The record that ErrorAction Stop makes of it (ActionPreferenceStopException)."""
        text = (
            'The running command stopped because the preference variable "ErrorActionPreference" or common parameter '
            f"is set to Stop: {self.message}"
        )
        return replace(self, message=text)


def _type_name(target: Any) -> str:
    if target is None:
        return ""
    if isinstance(target, PSObject) and target.PSTypeNames:
        return str(target.PSTypeNames[0]).rpartition(".")[2]
    return {bool: "Boolean", int: "Int32", str: "String"}.get(type(target), "PSObject")


def failure_of(error: CmdletError, activity: str, suffix: str) -> Failure:
    """The record of a cmdlet's error; ``suffix`` ends its FullyQualifiedErrorId unless it is complete already."""
    error_id = error.error_id or error.reason
    if "," not in error_id.rpartition("]")[2]:
        error_id = f"{error_id},{suffix}"
    return Failure(error.message, error.category, error.reason, error_id, activity, error.target)


class StatementFailed(Exception):
    """A terminating error: the statement ends here, with ``script`` the script as well.

    ``stopped`` tells that ErrorAction Stop made it one: a console shows the error itself, a remote client the
    ActionPreferenceStopException around it.
    """

    def __init__(self, failure: Failure, *, script: bool = False, stopped: bool = False) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.script = script
        self.stopped = stopped

    @property
    def remote(self) -> Failure:
        """The record that a remote client gets."""
        return self.failure.stopping() if self.stopped else self.failure
