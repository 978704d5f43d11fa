# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes one receive connector as planned, and reads it again: a change counts when Exchange shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import connector_change, rules
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import (
    ReceiveConnector,
    render_settings,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector_change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.desired_connector import Wanted
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import explicit_entries, reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.connector_plan import Plan, find
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller

# How a binder says that it cannot make a value of what it was given
_NOT_BOUND = ("ParameterArgumentTransformationError", "CannotConvertArgument", "ParameterBindingFailed")


def read_all(caller: Caller, server: str, *, first: bool = False) -> list[ReceiveConnector]:
    """Read a server's connectors; raises ValueError that names the connector with a property that makes no sense.

    ``first`` tells that nothing was written yet.
    """
    look = reading.first_look if first else reading.receive_connectors
    return ReceiveConnector.from_objects(look(caller, server))


def write(caller: Caller, plan: Plan, warn: Callable[[str], None]) -> ReceiveConnector:
    """Create or change the connector and return it as Exchange shows it afterwards.

    Raises ValueError that names the options on which Exchange does not agree when it is read again.
    """
    if plan.existing is None:
        _create(caller, plan)
    else:
        _update(caller, plan.existing, plan.made, plan.wanted, warn)
    return _confirmed(caller, plan)


def remove(caller: Caller, connector: ReceiveConnector) -> None:
    """Remove the connector and make sure that it is gone; raises ValueError if Exchange still shows it."""
    what = f"Removing the receive connector {connector.name}"
    caller.call(connector_change.remove_command(connector, caller.facts), what)
    if find(read_all(caller, connector.server), connector.name):
        raise ValueError(f"{what} on {connector.server}: Exchange took the command but shows it still. Run it again")


def _create(caller: Caller, plan: Plan) -> None:
    """New- and, for what only Set- takes, a Set- after it; the connector has no rights until that is done."""
    values: dict[str, Value] = {option: plan.settings[option] for option in plan.wanted if option in plan.settings}
    command = connector_change.new_command(plan.name, plan.facts.name, values)
    made = ReceiveConnector.from_objects(caller.call(command, f"Creating the receive connector {plan.name}"))
    if not connector_change.needs_set(values):
        return
    created = made[0] if made else find(read_all(caller, plan.facts.name), plan.name)
    if created is not None:
        groups = rules.new_settings(values, edge=plan.facts.edge)["permission_groups"]
        later = {**values, "permission_groups": groups}
        _set(caller, created, connector_change.changes(created.settings, later), later)


def _update(
    caller: Caller,
    connector: ReceiveConnector,
    made: Sequence[Change],
    wanted: Mapping[str, Wanted],
    warn: Callable[[str], None],
) -> None:
    """One Set-; where it may drop entries beyond the permission groups, they are put back.

    While a denial may be missing the connector is disabled, so that nobody gets through in between.
    """
    guarded = connector.custom and any(change.option == "permission_groups" for change in made)
    before = explicit_entries.read(caller, connector, warn) if guarded else []
    enabled = connector.settings.get("enabled")
    closes = enabled is True and any(entry.deny for entry in before)
    first = [change for change in made if change.option != "enabled"] if closes else list(made)
    _set(caller, connector, [*first, Change("enabled", True, False)] if closes else first, wanted)
    if before:
        explicit_entries.restore(caller, connector, before, warn)
    if closes and wanted.get("enabled", True):
        _set(caller, connector, [Change("enabled", False, True)], wanted)


def _set(caller: Caller, connector: ReceiveConnector, made: Sequence[Change], wanted: Mapping[str, Wanted]) -> None:
    """Set-; with full lists from a fresh read where the server does not take ``@{Add=…; Remove=…}``."""
    if not made:
        return
    what = f"Changing {', '.join(change.option for change in made)} of the receive connector {connector.name}"
    try:
        caller.call(connector_change.set_command(connector, made), what)
    except Exception as failure:
        if not (any(change.edit for change in made) and _is_unbound(getattr(failure, "record", None))):
            raise
        fresh = find(read_all(caller, connector.server), connector.distinguished_name) or connector
        options = {change.option: wanted.get(change.option, change.after) for change in made}
        again = connector_change.changes(fresh.settings, options)
        caller.call(connector_change.set_command(fresh, again, whole_lists=True), what)


def _is_unbound(record: ErrorRecord | None) -> bool:
    return record is not None and record.error_id.startswith(_NOT_BOUND)


def _confirmed(caller: Caller, plan: Plan) -> ReceiveConnector:
    what = f"Reading the receive connector {plan.name} again"
    found = find(read_all(caller, plan.facts.name), plan.name)
    if found is None:
        raise ValueError(f"{what} on {plan.facts.name}: Exchange does not show it. Look for replication problems")
    left = connector_change.changes(found.settings, plan.wanted)
    if left:
        shown = render_settings({change.option: change.before for change in left})
        asked = render_settings({change.option: change.after for change in left})
        reasons = "; ".join(f"{option} is {shown[option]}, not {asked[option]}" for option in asked)
        raise ValueError(
            f"{what} on {plan.facts.name}: Exchange took the command, but {reasons}. Look for another administrator "
            "or a policy that sets it, and run the task again"
        )
    return found
