# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cmdlet of the lab is: a table of parameters and a function; binding and errors are the engine's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any


class CmdletError(Exception):
    """An error record to be; raised it ends this call of the cmdlet, handed to ``Invocation.error`` it does not.

    ``error_id`` is the first part of the FullyQualifiedErrorId; the engine appends the cmdlet's name (remote) or
    class (local). ``category`` is an ErrorCategory name, ``reason`` the exception's short type name. Only a
    ``terminating`` one ends the statement whatever ErrorAction says (``ThrowTerminatingError``).
    """

    def __init__(
        self,
        message: str,
        *,
        category: str = "NotSpecified",
        reason: str = "Exception",
        error_id: str = "",
        target: Any = None,
        terminating: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.category = category
        self.reason = reason
        self.error_id = error_id
        self.target = target
        self.terminating = terminating


def as_given(value: Any) -> Any:
    """Take a value as it came."""
    return value


@dataclass(frozen=True)
class Parameter:
    """A parameter as the binder sees it.

    ``convert`` turns what came over the wire into the cmdlet's own value and raises ValueError with the inner text
    of the transformation error; ``type_name`` is what that error calls the type. ``aliases`` holds other names.
    """

    name: str
    convert: Callable[[Any], Any] = as_given
    type_name: str = "System.String"
    mandatory: bool = False
    position: int | None = None
    by_value: bool = False
    by_property_name: bool = False
    switch: bool = False
    aliases: tuple[str, ...] = ()


@dataclass
class Invocation:
    """One call of a cmdlet: what was bound, who asks, and where to write besides the output.

    ``bound`` holds only parameters that were given, under their declared names. ``pipeline_input`` is the object
    that was piped in, or None. ``user`` is the account that opened the shell, ``remote`` tells an Exchange endpoint
    from a local shell.
    """

    cmdlet: Cmdlet
    bound: dict[str, Any]
    pipeline_input: Any = None
    user: str = ""
    remote: bool = True
    what_if: bool = False
    errors: list[CmdletError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def error(self, error: CmdletError) -> None:
        """Write a non-terminating error."""
        self.errors.append(error)

    def warn(self, text: str) -> None:
        """Write a warning."""
        self.warnings.append(text)


@dataclass(frozen=True)
class Cmdlet:
    """A cmdlet: ``run`` is called once for each object piped in, or once without any, and yields output objects.

    Common parameters (ErrorAction, WarningAction, Verbose, Confirm, WhatIf where ``should_process``) are the
    engine's. ``class_name`` ends the FullyQualifiedErrorId in a local shell. ``prompts`` asks for confirmation unless
    told not to; without a word Remove-cmdlets do. One that ``previews`` is called under WhatIf too, with
    ``Invocation.what_if``, and checks everything without writing. With ``collects`` it is called once, all that is
    piped in being ``pipeline_input``, a list.
    """

    name: str
    parameters: tuple[Parameter, ...]
    run: Callable[[Invocation], Iterable[Any]]
    class_name: str = ""
    should_process: bool = False
    prompts: bool | None = None
    previews: bool = False
    collects: bool = False

    @property
    def asks(self) -> bool:
        """Whether its confirmation impact is high (about_Preference_Variables, ConfirmPreference)."""
        return self.should_process and (self.name.startswith("Remove-") if self.prompts is None else self.prompts)
