# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads all that a decision about a server's connectors needs in one call, where the server takes that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import (
    Command,
    Outcome,
    Pipeline,
    WireObject,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import all_entries, connector_checks, reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.all_entries import Entries
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import ADAPTERS, Caller


@dataclass(frozen=True)
class Overview:
    """A server's connectors, their entries by distinguished name, and the addresses that it holds.

    ``entries`` are None where nobody needs them, ``held`` where Exchange cannot tell or was not asked.
    """

    connectors: Sequence[WireObject]
    entries: Entries | None
    held: frozenset[str] | None = None


def read(caller: Caller, facts: ServerFacts, named: Collection[str] | None = None) -> Overview:
    """Read everything of a server; raises ExchangeError that names what could not be read.

    ``named`` are the keys of connectors for whose sake entries are read. Where the connectors came along with the
    servers and none of these is among them, no entry is: a new connector's way depends on none.
    """
    early = reading.early(caller, facts.name)
    if early is None:
        return _everything(caller, facts)
    connectors, _entries, found = sorted_by_kind(early)
    held = connector_checks.addresses_of(found)
    if held is None and not early.errors:
        held = _held(caller, facts)
    shown = reading.without_roles(connectors, facts)
    if named is not None and not any(reading.text(item, "Name").lower() in named for item in connectors):
        return Overview(shown, None, held)
    return Overview(shown, all_entries.read(caller, facts.name, all_entries.identities(connectors)), held)


def _everything(caller: Caller, facts: ServerFacts) -> Overview:
    listed = reading.listing(facts.name)
    adapters = [(Command(ADAPTERS, {"Identity": facts.name}),)] if connector_checks.tells_addresses(facts) else []
    outcome = caller.gather((listed,), (listed, Command("Get-ADPermission")), *adapters)
    refused = [record for record in outcome.errors if ADAPTERS not in f"{record.cmdlet} {record.raw}"]
    connectors, entries, found = sorted_by_kind(outcome)
    if not connectors or (refused and entries):
        return _one_by_one(caller, facts)
    identities = all_entries.identities(connectors)
    known = None if refused else all_entries.by_connector(Outcome(tuple(entries)), identities)
    if known is None:
        known = all_entries.read(caller, facts.name, identities, whole=False)
    held = connector_checks.addresses_of(found)
    if refused and held is None:
        held = _held(caller, facts)
    return Overview(reading.without_roles(connectors, facts), known, held)


def again(caller: Caller, facts: ServerFacts, changed: Sequence[str], kept: Entries | None) -> Overview:
    """Read the connectors again, and the entries of those that were changed, by distinguished name.

    ``kept`` are the entries of the others, None where they are to be read too.
    """
    listed = reading.listing(facts.name)
    whole = kept is None or len(changed) > max(1, len(kept))
    kept = kept or {}
    singles: list[Pipeline] = [(Command("Get-ADPermission", {"Identity": name}),) for name in changed]
    outcome = caller.gather((listed,), *([(listed, Command("Get-ADPermission"))] if whole else singles))
    connectors, entries, _adapters = sorted_by_kind(outcome)
    if outcome.errors or not connectors:
        return _again_one_by_one(caller, facts, kept)
    identities = all_entries.identities(connectors)
    names = identities if whole else {name: text for name, text in identities.items() if name not in kept}
    found = all_entries.by_connector(Outcome(tuple(entries)), names)
    if found is None:
        return _again_one_by_one(caller, facts, kept)
    return Overview(reading.without_roles(connectors, facts), {**kept, **found})


def sorted_by_kind(outcome: Outcome) -> tuple[list[WireObject], list[WireObject], list[WireObject]]:
    """Connectors, entries and adapters, told apart by a property that only one of them has."""
    connectors: list[WireObject] = []
    entries: list[WireObject] = []
    adapters: list[WireObject] = []
    for item in outcome.objects:
        shown = item.properties
        (connectors if "RemoteIPRanges" in shown else entries if "ExtendedRights" in shown else adapters).append(item)
    return connectors, entries, adapters


def _one_by_one(caller: Caller, facts: ServerFacts) -> Overview:
    items = reading.receive_connectors(caller, facts.name)
    entries = all_entries.read(caller, facts.name, all_entries.identities(items))
    return Overview(items, entries, _held(caller, facts))


def _held(caller: Caller, facts: ServerFacts) -> frozenset[str] | None:
    found = connector_checks.held_addresses(caller, facts)
    return None if found is None else frozenset(found)


def _again_one_by_one(caller: Caller, facts: ServerFacts, kept: Entries) -> Overview:
    items = reading.receive_connectors(caller, facts.name)
    identities = all_entries.identities(items)
    wanted = {name: identity for name, identity in identities.items() if name not in kept}
    most = len(wanted) * 2 > len(identities)
    found = all_entries.read(caller, facts.name, identities if most else wanted, whole=most)
    return Overview(items, {**kept, **found})
