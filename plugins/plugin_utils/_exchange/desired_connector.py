# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of one receive connector, read from its options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import connector_name, list_edit
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.list_edit import ListEdit
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS, Parameter
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts

Wanted = Union[Value, ListEdit]  # noqa: UP007 - Value is a Union already
CLEARABLE = tuple(sorted(option for option, parameter in PARAMETERS.items() if parameter.clears))


@dataclass(frozen=True)
class DesiredConnector:
    """The connector's name and what was asked, by option; None stands for an option to be cleared."""

    name: str
    wanted: Mapping[str, Wanted]
    new_name: str = ""

    @classmethod
    def from_options(cls, options: Mapping[str, Plain]) -> DesiredConnector:
        """Read the options; raises ValueError that names the option and the value."""
        name = str(options["name"])
        wanted = {
            option: _wanted(parameter, options[option])
            for option, parameter in PARAMETERS.items()
            if option != "name" and options.get(option) is not None
        }
        for option in _cleared(options.get("clear")):
            if wanted.get(option):
                raise ValueError(f"clear: {option} is given a value as well; leave one of the two out")
            wanted[option] = frozenset() if PARAMETERS[option].kind.many else None
        new_name = str(options.get("new_name") or "")
        for text in (name, new_name):
            if text and not connector_name.is_reference(text):
                _check_bounds(PARAMETERS["name"], text)
        return cls(name, wanted, new_name)

    def refuse_missing(self, server: ServerFacts) -> None:
        """Raise ValueError for the first option that this server does not have."""
        for option in self.wanted:
            if reason := PARAMETERS[option].refusal(server):
                raise ValueError(f"{reason}. Remove the option for this host")
        if server.edge and self.wanted.get("usage") == "Client":
            raise ValueError(f"usage Client does not exist on {server.name}, an Edge Transport server. Use another")
        groups = self.wanted.get("permission_groups")
        asked = groups.add if isinstance(groups, ListEdit) else groups
        if server.edge and isinstance(asked, frozenset) and "ExchangeLegacyServers" in asked:
            raise ValueError(
                f"permission_groups: ExchangeLegacyServers does not exist on {server.name}, an Edge Transport server. "
                "Leave it out"
            )


def _wanted(parameter: Parameter, value: Plain) -> Wanted:
    kind = parameter.kind
    try:
        wanted = list_edit.parse(kind, value) if kind.many else kind.parse(value)
    except ValueError as problem:
        raise ValueError(f"{parameter.option}: {problem}") from None
    if kind.edits and wanted == frozenset() and not parameter.clears:
        raise ValueError(f"{parameter.option}: the list must not be empty. Leave the option out, or name an entry")
    if not kind.many:
        _check_bounds(parameter, wanted)
    return wanted


def _check_bounds(parameter: Parameter, value: Wanted) -> None:
    if reason := parameter.check(value):
        raise ValueError(f"{parameter.option}: {reason}")


def _cleared(value: Plain) -> list[str]:
    options = [str(option) for option in value] if isinstance(value, list) else []
    for option in options:
        if option not in CLEARABLE:
            raise ValueError(f"clear: {option!r} cannot be cleared; these can: {', '.join(CLEARABLE)}")
    return options
