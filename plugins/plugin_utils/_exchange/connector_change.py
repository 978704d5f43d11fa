# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between a connector and what a task asks of it, and the commands that make it equal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.desired_connector import Wanted
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value, items_of
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.list_edit import ListEdit
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import (
    PARAMETERS,
    SETTINGS,
    Parameter,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts, Version

_NOTHING: frozenset[Any] = frozenset()


@dataclass(frozen=True)
class Change:
    """One option that differs; ``edit`` is there when only some items of a list are to come and go."""

    option: str
    before: Value
    after: Value
    edit: ListEdit | None = None


def changes(actual: Mapping[str, Value], wanted: Mapping[str, Wanted]) -> list[Change]:
    """Compare by value, never by form: lists are sets, names know no case, ``Custom`` is on neither side.

    The usage is not compared, since Exchange does not keep it.
    """
    found = []
    for option, parameter in SETTINGS.items():
        if option not in wanted:
            continue
        asked, before = wanted[option], actual.get(option)
        after = asked.applied_to(items_of(before)) if isinstance(asked, ListEdit) else asked
        if before is None and after == _NOTHING:
            continue
        if not parameter.kind.same(before, after):
            found.append(Change(option, before, after, asked if isinstance(asked, ListEdit) else None))
    return found


def applied(actual: Mapping[str, Value], made: Iterable[Change]) -> dict[str, Value]:
    """Return the settings as they are after the changes."""
    return {**actual, **{change.option: change.after for change in made}}


def new_command(name: str, server: str, values: Mapping[str, Value]) -> Command:
    """New-ReceiveConnector with every value it takes; without a usage it is Custom.

    Where something is left for a Set- afterwards, the connector begins without permission groups: nobody can use it
    half made.
    """
    if needs_set(values):
        values = {**values, "permission_groups": frozenset()}
        if "ExternalAuthoritative" in items_of(values.get("auth_mechanism")):
            del values["auth_mechanism"]
    parameters: dict[str, Plain] = {"Name": name, "Server": server, "Usage": "Custom"}
    for option, value in values.items():
        parameter = PARAMETERS[option]
        if parameter.on_new and option != "name" and value is not None and not (parameter.clears and value == _NOTHING):
            parameters[parameter.name] = parameter.kind.render(value)
    return Command("New-ReceiveConnector", parameters)


def needs_set(values: Mapping[str, Value]) -> bool:
    """Whether some of the values can be given by Set-ReceiveConnector only."""
    return any(not PARAMETERS[option].on_new for option in values)


def set_command(connector: ReceiveConnector, made: Iterable[Change], *, whole_lists: bool = False) -> Command:
    """One Set-ReceiveConnector for all changes, by distinguished name.

    Items that come and go are sent as ``@{Add=…; Remove=…}``, so that an entry which somebody else adds meanwhile
    stays; ``whole_lists`` sends the full list instead, for a server that refuses that form.
    """
    parameters: dict[str, Plain] = {"Identity": connector.distinguished_name or connector.identity}
    for change in made:
        parameter = PARAMETERS[change.option]
        if change.edit and parameter.kind.edits and not whole_lists:
            parameters[parameter.name] = _add_and_remove(connector, change, change.edit)
        else:
            parameters[parameter.name] = _sent(parameter, change.after)
    return Command("Set-ReceiveConnector", parameters)


def remove_command(connector: ReceiveConnector, server: ServerFacts) -> Command:
    """Remove-ReceiveConnector without its question, which Exchange 2007 before service pack 1 does not ask."""
    asks = server.version > Version.EXCHANGE_2007 or server.service_pack > 0
    identity: dict[str, Plain] = {"Identity": connector.distinguished_name or connector.identity}
    return Command("Remove-ReceiveConnector", {**identity, "Confirm": False} if asks else identity)


def _sent(parameter: Parameter, value: Value) -> Plain:
    """Write a value for a command; an emptied list is $null, for PowerShell binds no empty collection."""
    empty = value is None or (parameter.kind.edits and value == _NOTHING)
    return None if empty else parameter.kind.render(value)


def _add_and_remove(connector: ReceiveConnector, change: Change, edit: ListEdit) -> Plain:
    before = items_of(change.before)
    parts: dict[str, Plain] = {}
    if add := edit.add - before:
        parts["Add"] = [str(item) for item in sorted(add)]
    if remove := edit.remove & before:
        held = connector.expressions(change.option)
        parts["Remove"] = [text for item in sorted(remove) for text in held.get(item, [str(item)])]
    return parts
