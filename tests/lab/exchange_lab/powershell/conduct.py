# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Common parameters of every cmdlet (about_CommonParameters)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .cmdlet import Cmdlet, CmdletError, Parameter

ACTIONS = ("SilentlyContinue", "Stop", "Continue", "Inquire", "Ignore")


def action(given: Any) -> str:
    """An ActionPreference by name, unique start of a name or number; raises ValueError for anything else."""
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < len(ACTIONS):
        return ACTIONS[given]
    matching = [name for name in ACTIONS if given and name.lower().startswith(str(given).lower())]
    if len(matching) != 1:
        raise ValueError(
            f"Unable to match the identifier name {given} to a valid enumerator name. Specify one of the following "
            f"enumerator names and try again: {', '.join(ACTIONS)}"
        )
    return matching[0]


_PREFERENCE = "System.Management.Automation.ActionPreference"
COMMON = (
    Parameter("Verbose", switch=True, aliases=("vb",)),
    Parameter("Debug", switch=True, aliases=("db",)),
    Parameter("ErrorAction", action, _PREFERENCE, aliases=("ea",)),
    Parameter("WarningAction", action, _PREFERENCE, aliases=("wa",)),
    Parameter("InformationAction", action, _PREFERENCE, aliases=("infa",)),
    Parameter("ErrorVariable", aliases=("ev",)),
    Parameter("WarningVariable", aliases=("wv",)),
    Parameter("InformationVariable", aliases=("iv",)),
    Parameter("OutVariable", aliases=("ov",)),
    Parameter("OutBuffer", type_name="System.Int32", aliases=("ob",)),
    Parameter("PipelineVariable", aliases=("pv",)),
)
SHOULD_PROCESS = (
    Parameter("WhatIf", switch=True, aliases=("wi",)),
    Parameter("Confirm", switch=True, aliases=("cf",)),
)
NOT_INTERACTIVE = (
    "A command that prompts the user failed because the host program or the command type does not support user "
    "interaction. The host was attempting to request confirmation with the following message: Are you sure you want to "
    "perform this action?"
)


def parameters_of(cmdlet: Cmdlet) -> tuple[Parameter, ...]:
    """Its own parameters and the common ones."""
    common = COMMON + SHOULD_PROCESS if cmdlet.should_process else COMMON
    own = {parameter.name for parameter in cmdlet.parameters}
    return cmdlet.parameters + tuple(parameter for parameter in common if parameter.name not in own)


@dataclass(frozen=True)
class Conduct:
    """What the common parameters of one call ask for."""

    errors: str = "Continue"
    warnings: str = "Continue"
    what_if: bool = False
    confirm: bool | None = None

    @classmethod
    def taken_from(cls, bound: dict[str, Any], default_errors: str = "Continue") -> Conduct:
        """Take the common parameters out of what was bound."""
        conduct = cls(
            bound.get("ErrorAction", default_errors),
            bound.get("WarningAction", "Continue"),
            bool(bound.get("WhatIf")),
            bound.get("Confirm"),
        )
        for parameter in COMMON + SHOULD_PROCESS:
            bound.pop(parameter.name, None)
        return conduct

    def allow(self, cmdlet: Cmdlet) -> None:
        """Ask for confirmation where the cmdlet or the caller wants it; nobody is there to answer."""
        if self.confirm is False or self.what_if:
            return
        if self.confirm or cmdlet.asks:
            raise CmdletError(
                NOT_INTERACTIVE,
                category="NotImplemented",
                reason="HostException",
                error_id="HostFunctionNotImplemented",
                terminating=True,
            )
