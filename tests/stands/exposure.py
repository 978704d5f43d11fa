# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every device may do, asked by sending mail after each write, and a lab's connectors kept and put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exchange_lab.exchange.directory import own_copy

Abilities = Mapping[tuple[str, str], frozenset[str]]


def _text(connector: Any) -> str:
    """All that decides about a connector's mail; not when and how it was written."""
    acl = sorted(map(repr, connector.acl))
    properties = sorted((name, repr(value)) for name, value in connector.properties.items())
    return repr((connector.name, connector.server, properties, acl))


@dataclass(frozen=True)
class Kept:
    """The connectors of a directory."""

    connectors: tuple[Any, ...]

    @property
    def text(self) -> str:
        return repr(sorted(map(_text, self.connectors)))

    def same(self, other: Kept) -> bool:
        """Whether both have the same connectors with the same settings and entries."""
        return self.text == other.text


def kept(lab: Any) -> Kept:
    """Remember all connectors."""
    organisation = lab.organisation
    with organisation.lock:
        found = organisation.receive_connectors(organisation.directory.controllers[0])
        return Kept(tuple(own_copy(each) for each in found))


def put_back(lab: Any, state: Kept) -> None:
    """Make the connectors what they were, at once on every domain controller."""
    organisation = lab.organisation
    directory, first = organisation.directory, organisation.directory.controllers[0]
    with organisation.lock:
        for each in organisation.receive_connectors(first):
            directory.remove(first, each.guid)
        for each in state.connectors:
            directory.add(first, own_copy(each))
        directory.replicate()
        organisation.changed()
    organisation.announce()


class Watch:
    """Asks as every device after each write, before the cmdlet has returned; a state that was met is known."""

    def __init__(self, stand: Any) -> None:
        self.stand = stand
        self.seen: list[Abilities] = []
        self._known: dict[str, Abilities] = {}
        stand.lab.organisation.on_change(lambda: self.seen.append(self.abilities()))

    def abilities(self) -> Abilities:
        """What each device may do now."""
        text = kept(self.stand.lab).text
        if text not in self._known:
            self._known[text] = self.stand.abilities()
        return self._known[text]

    def excess(self, *allowed: Abilities) -> list[str]:
        """Who was able to do more, at any moment seen, than all the others together allow."""
        return sorted(
            {
                f"{device} at {host} may {', '.join(sorted(excess))}"
                for now in self.seen
                for (device, host), can in now.items()
                if (excess := can - frozenset().union(*(one[device, host] for one in allowed)))
            }
        )
