# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server as it is read for a plan: its connectors as states, and whose entry is whose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import (
    ANONYMOUS_LOGON,
    Entry,
    Principals,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import ANONYMOUS, GROUP_RIGHTS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import all_entries, overview
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.overview import Overview
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import MODELLED, Grant, State, of_groups


@dataclass(frozen=True)
class View:
    """What was read of one server; connectors, states and entries by key (the name in lower case).

    ``held`` are the addresses that the server has, None where Exchange cannot tell. ``lean`` tells that no entries were
    read, so that states show those of the groups alone.
    """

    facts: ServerFacts
    connectors: Mapping[str, ReceiveConnector]
    states: Mapping[str, State]
    entries: Mapping[str, Sequence[Entry]]
    principals: Principals
    held: frozenset[str] | None = None
    lean: bool = False

    def accounts(self, key: str) -> dict[str, str]:
        """Account names by principal, as far as a connector's entries or the organization tell them.

        Where none were read, the anonymous logon goes by its English name.
        """
        known = {self.principals.key(entry.user): entry.user for entry in self.entries.get(key, ())}
        return {**known, ANONYMOUS: ANONYMOUS_LOGON if self.lean else self.principals.account(ANONYMOUS)}


def read(caller: Caller, facts: ServerFacts, named: Collection[str] | None = None) -> View:
    """Read all connectors of a server and the addresses that it holds; their entries too if any of ``named`` is there.

    ``named`` holds keys; None stands for entries in any case.
    """
    return _view(facts, overview.read(caller, facts, named))


def again(caller: Caller, seen: View, changed: Collection[str], names: Mapping[str, str]) -> View:
    """Read all connectors again after a change, and the entries of those that were changed, by key.

    ``names`` are the distinguished names of those that are still to be there.
    """
    kept = {one.distinguished_name: seen.entries[key] for key, one in seen.connectors.items() if key not in changed}
    wanted = [names[key] for key in sorted(changed) if key in names]
    found = overview.again(caller, seen.facts, wanted, None if seen.lean else kept)
    return replace(_view(seen.facts, found), held=seen.held)


def made(seen: View, new: Collection[str], listed: Sequence[WireObject], added: Sequence[WireObject]) -> View | None:
    """The view after connectors were made, from the list of all and the entries that Exchange said it added.

    Of a connector's entries the list shows whether there are some beside the groups' (Custom), so one that was made a
    moment ago has those that were added and no others. None where that does not fit, or others came, went or changed.
    """
    shown = {one.name.lower(): one for one in ReceiveConnector.from_objects(listed)}
    others = {key: one for key, one in shown.items() if key not in new}
    if shown.keys() - others.keys() != set(new) or not _same(others, seen.connectors):
        return None
    names = {one.distinguished_name: one.identity for key, one in shown.items() if key in new}
    entries = all_entries.sorted_out(added, names)
    if entries is None:
        return None
    states = {key: told(shown[key], entries[shown[key].distinguished_name], seen.principals) for key in new}
    if any(shown[key].custom != bool(one.explicit) for key, one in states.items()):
        return None
    own = {key: entries[shown[key].distinguished_name] for key in new}
    return replace(seen, connectors=shown, states={**seen.states, **states}, entries={**seen.entries, **own})


def _same(some: Mapping[str, ReceiveConnector], others: Mapping[str, ReceiveConnector]) -> bool:
    return some.keys() == others.keys() and all(
        (one.settings, one.custom) == (others[key].settings, others[key].custom) for key, one in some.items()
    )


def told(one: ReceiveConnector, added: Sequence[Entry], principals: Principals) -> State:
    """A connector's state by its groups and what was added."""
    found = state(one, added, principals)
    return replace(found, entries=found.entries | of_groups(found.groups))


def _view(facts: ServerFacts, found: Overview) -> View:
    connectors = {one.name.lower(): one for one in ReceiveConnector.from_objects(found.connectors)}
    read = found.entries
    entries: dict[str, Sequence[Entry]] = {
        key: () if read is None else read[one.distinguished_name] for key, one in connectors.items()
    }
    groups = {key: _set(one.settings.get("permission_groups")) for key, one in connectors.items()}
    principals = Principals.learn((sorted(groups[key]), entries[key]) for key in connectors)
    states = {
        key: told(one, (), principals) if read is None else state(one, entries[key], principals)
        for key, one in connectors.items()
    }
    return View(facts, connectors, states, entries, principals, found.held, lean=read is None)


def state(connector: ReceiveConnector, entries: Iterable[Entry], principals: Principals) -> State:
    """A connector as far as it decides who may do what.

    What a principal of the connector's own groups holds beyond the documented rights is the group's affair and left
    out: nobody granted it, so nobody is to take it away.
    """
    settings = connector.settings
    groups = _set(settings.get("permission_groups"))
    of_group = {principal for group in groups for principal in GROUP_RIGHTS.get(group, {})} - {ANONYMOUS}
    granted, own, inherited = of_groups(groups), set(), set()
    for entry in entries:
        grant = Grant(principals.key(entry.user), entry.right, entry.deny)
        if entry.right not in MODELLED:
            continue
        if entry.inherited:
            inherited.add(grant)
        elif entry.deny or grant in granted or grant.principal not in of_group:
            own.add(grant)
    return State(
        name=connector.name,
        enabled=settings.get("enabled") is not False,
        bindings=_set(settings.get("bindings")),
        ranges=_set(settings.get("remote_ip_ranges")),
        auth=_set(settings.get("auth_mechanism")),
        groups=groups,
        entries=frozenset(own),
        role=connector.transport_role,
        inherited=frozenset(inherited),
    )


def _set(value: Any) -> frozenset[Any]:
    return value if isinstance(value, frozenset) else frozenset()
