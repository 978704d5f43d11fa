# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of all receive connectors of a server, in as few calls as the server takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Outcome, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller

# By distinguished name.
Entries = Mapping[str, Sequence[Entry]]


def read(caller: Caller, server: str, identities: Mapping[str, str], *, whole: bool = True) -> Entries:
    """Read the entries of connectors, by distinguished name; ``identities`` maps each to its ``SERVER\\Name``.

    ``whole`` tells that they are all that the server has, or nearly. Raises ExchangeError where the account may not
    read them.
    """
    found = attempt(caller, server, identities, whole=whole)
    return {name: reading.entries(caller, name) for name in identities} if found is None else found


def attempt(caller: Caller, server: str, identities: Mapping[str, str], *, whole: bool = True) -> Entries | None:
    """Read the entries as ``read`` does; None where the account may not read them.

    One pipeline does it, as people do it by hand (Get-ADPermission, Identity, accepts pipeline input). Whether the
    endpoint pipes has no public source, nor in which form an entry shows what it is of: where that fails, each
    connector is asked for by its distinguished name, in one call where the server takes several statements.
    """
    if not identities:
        return {}
    if whole and len(identities) > 1:
        piped = (Command("Get-ReceiveConnector", {"Server": server}), Command("Get-ADPermission"))
        found = by_connector(caller.run(piped)[0], identities)
        if found is not None:
            return found
    names = list(identities)
    single = [(Command("Get-ADPermission", {"Identity": name}),) for name in names]
    if len(names) == 1:
        outcome = caller.run(single[0])[0]
        return None if outcome.errors else {names[0]: Entry.from_objects(outcome.objects)}
    outcome = caller.gather(*single)
    found = by_connector(outcome, identities)
    if found is not None or outcome.errors:
        return found
    return {name: reading.entries(caller, name) for name in names}


def by_connector(outcome: Outcome, identities: Mapping[str, str]) -> Entries | None:
    """Sort what came by connector; None where it failed, or where it cannot be told whose an entry is."""
    if outcome.errors:
        return None
    found = sorted_out(outcome.objects, identities)
    # every object has entries, inherited ones at least
    return found if found is not None and all(found.values()) else None


def sorted_out(items: Iterable[WireObject], identities: Mapping[str, str]) -> dict[str, list[Entry]] | None:
    """Entries by the connector that they are of; None where that cannot be told of one."""
    known = {text.casefold(): name for name, identity in identities.items() for text in (name, identity)}
    found: dict[str, list[WireObject]] = {name: [] for name in identities}
    for item in items:
        name = known.get(reading.text(item, "Identity").casefold())
        if name is None:
            return None
        found[name].append(item)
    return {name: Entry.from_objects(each) for name, each in found.items()}


def identities(connectors: Iterable[WireObject]) -> dict[str, str]:
    """What ``read`` wants, of objects as Get-ReceiveConnector returns them."""
    return {reading.text(item, "DistinguishedName"): reading.text(item, "Identity") or item.text for item in connectors}
