# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the connectors of a server are to become: the list's entries beside what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    guard,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.desired import STATE_OPTIONS, Desired
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.mark import is_marked, marked, unmarked
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import State
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.view import View

PURGED = "which this collection made and the list no longer names"


@dataclass(frozen=True)
class Aim:
    """What one server's connectors are to become: the list's entries, and the changes that they and a purge need."""

    view: View
    desired: Mapping[str, Desired]
    changes: Sequence[Change]

    @property
    def goals(self) -> dict[str, State | None]:
        """The state that each connector of the list will have."""
        now: dict[str, State | None] = {key: self.view.states.get(key) for key in self.desired}
        return {**now, **{change.key: change.goal for change in self.changes}}


def aim(seen: View, desired: Mapping[str, Desired], purge: bool, today: date) -> Aim:
    changes = [change for entry in desired.values() if (change := _change(seen, entry, today)) is not None]
    if purge:
        changes += [
            Change(seen.facts.name, seen.states[key], None, accounts=seen.accounts(key), reason=PURGED)
            for key, connector in seen.connectors.items()
            if key not in desired and _is_ours(connector)
        ]
    return Aim(seen, desired, changes)


def _is_ours(connector: ReceiveConnector) -> bool:
    """Whether this collection made it; setup's own connectors stay, whatever their comment says."""
    return is_marked(connector.settings.get("comment")) and not guard.is_default(connector.name, connector.server)


def _change(seen: View, entry: Desired, today: date) -> Change | None:
    """What differs for one entry of the list, None where nothing does."""
    key = entry.name.lower()
    before, connector = seen.states.get(key), seen.connectors.get(key)
    goal = entry.goal(before, seen.facts, today)
    settings: dict[str, Value] = {}
    if goal is not None:
        old = connector.settings if connector else {}
        wanted = {option: value for option, value in entry.settings.items() if option not in STATE_OPTIONS}
        wanted["comment"] = _comment(entry, connector)
        settings = {
            option: value
            for option, value in wanted.items()
            if not PARAMETERS[option].kind.same(old.get(option), value)
        }
    if before == goal and not settings:
        return None
    return Change(seen.facts.name, before, goal, settings, seen.accounts(key))


def _comment(entry: Desired, connector: ReceiveConnector | None) -> Value:
    """The comment asked for, else the one that is there, with the mark if the connector comes from this collection."""
    shown = connector.settings.get("comment") if connector else None
    if connector is None or is_marked(shown):
        return marked(str(entry.settings.get("comment", shown) or ""))
    asked = entry.settings.get("comment")
    return shown if asked is None else unmarked(str(asked))
