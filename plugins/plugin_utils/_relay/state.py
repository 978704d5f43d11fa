# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A receive connector reduced to what decides who may do what through it, and how a command changes that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import (
    ANONYMOUS,
    EXTERNALLY_SECURED,
    GROUP_RIGHTS,
    RELAY,
    RIGHTS,
)

EXTERNAL = "ExternalAuthoritative"
# Mechanisms by which a caller proves who it is; Tls alone proves nothing, ExternalAuthoritative asks for nothing.
CREDENTIALS = frozenset({"Integrated", "BasicAuth", "ExchangeServer"})
ANYONE = "anyone"


class Grant(NamedTuple):
    """A right of a principal (a key of Principals), allowed or denied."""

    principal: str
    right: str
    deny: bool = False


# The protocol extensions between Exchange servers are left out: they let no client do more.
MODELLED = frozenset(right.name for right in RIGHTS.values() if right.side == "receive")


@cache
def of_groups(groups: frozenset[str]) -> frozenset[Grant]:
    """The entries that permission groups make."""
    return frozenset(
        Grant(principal, right)
        for group in groups
        for principal, rights in GROUP_RIGHTS.get(group, {}).items()
        for right in rights & MODELLED
    )


@dataclass(frozen=True)
class State:
    """One connector; ``entries`` are its own, those of its groups among them, ``inherited`` what no command changes."""

    name: str
    enabled: bool
    bindings: frozenset[Binding]
    ranges: frozenset[IPRange]
    auth: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    entries: frozenset[Grant] = frozenset()
    role: str = ""
    inherited: frozenset[Grant] = field(default=frozenset(), compare=False)

    @property
    def explicit(self) -> frozenset[Grant]:
        """What somebody granted or denied beyond the groups."""
        return self.entries - of_groups(self.groups)

    def held(self, principal: str) -> frozenset[str]:
        """The rights of one principal. A denial outweighs a grant, and both outweigh what is inherited.

        (MS-DTYP 2.5.3.2, whose order is that of Windows: own denials, own grants, inherited denials and grants.)
        """
        own, above = (
            [entry for entry in entries if entry.principal == principal] for entries in (self.entries, self.inherited)
        )
        decided = {entry.right for entry in own}
        denied = {entry.right for entry in own if entry.deny}
        denied |= {entry.right for entry in above if entry.deny} - decided
        return frozenset(entry.right for entry in (*own, *above) if not entry.deny) - denied

    def capabilities(self) -> frozenset[tuple[str, str]]:
        """What callers may do: (anyone, right) without proof of identity, (principal, right) with it.

        Under ExternalAuthoritative every caller counts as one of the Externally Secured Servers (Receive connectors,
        "Externally secured").
        """
        found = {(ANYONE, right) for right in self.held(ANONYMOUS)}
        if EXTERNAL in self.auth:
            found |= {(ANYONE, right) for right in self.held(EXTERNALLY_SECURED)}
        if self.auth & CREDENTIALS:
            others = {entry.principal for entry in self.entries | self.inherited} - {ANONYMOUS, EXTERNALLY_SECURED}
            found |= {(principal, right) for principal in others for right in self.held(principal)}
        return frozenset(found)

    @property
    def relays(self) -> bool:
        """Whether a caller that proves nothing may write to any recipient, were it open."""
        return (ANYONE, RELAY) in self.capabilities()


@dataclass(frozen=True)
class Create:
    """A connector comes into being."""

    state: State


@dataclass(frozen=True)
class Remove:
    """A connector goes."""


@dataclass(frozen=True)
class Attributes:
    """Properties of the object, all written by one modification of the directory."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class Groups:
    """The permission groups, which are entries of the access control list: written apart from the properties."""

    groups: frozenset[str]


@dataclass(frozen=True)
class Entries:
    """Entries added and dropped."""

    add: frozenset[Grant] = frozenset()
    drop: frozenset[Grant] = frozenset()


Effect = Create | Remove | Attributes | Groups | Entries


def after(state: State | None, effect: Effect, groups_drop_explicit: bool) -> State | None:
    """The connector after one effect.

    Whether setting PermissionGroups drops entries that no group made has no public source, so both are modelled.
    """
    if isinstance(effect, Create):
        return effect.state
    if state is None or isinstance(effect, Remove):
        return None
    if isinstance(effect, Attributes):
        return replace(state, **effect.values)
    if isinstance(effect, Groups):
        kept = frozenset() if groups_drop_explicit else state.explicit
        return replace(state, groups=effect.groups, entries=kept | of_groups(effect.groups))
    return replace(state, entries=(state.entries | effect.add) - effect.drop)
