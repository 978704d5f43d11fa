# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What PowerShell says when an argument cannot be bound (ParameterBindingException)."""

from __future__ import annotations

from typing import Any

from .cmdlet import CmdletError, Parameter


def binding_error(text: str, error_id: str, *, target: Any = None) -> CmdletError:
    """An argument that does not fit; ends the statement."""
    return CmdletError(
        text,
        category="InvalidArgument",
        reason="ParameterBindingException",
        error_id=error_id,
        target=target,
        terminating=True,
    )


def invalid(text: str, error_id: str, reason: str = "ParameterBindingValidationException") -> CmdletError:
    """A value that a parameter does not take; ends the statement."""
    return CmdletError(text, category="InvalidData", reason=reason, error_id=error_id, terminating=True)


def refuse_empty(parameter: Parameter, value: Any) -> None:
    """A mandatory parameter takes neither an empty string nor an empty collection."""
    if not parameter.mandatory:
        return
    if value == "" and isinstance(value, str):
        raise invalid(
            f"Cannot bind argument to parameter '{parameter.name}' because it is an empty string.",
            "ParameterArgumentValidationErrorEmptyStringNotAllowed",
        )
    if isinstance(value, list | tuple) and not value:
        raise invalid(
            f"Cannot bind argument to parameter '{parameter.name}' because it is an empty collection.",
            "ParameterArgumentValidationErrorEmptyCollectionNotAllowed",
        )
