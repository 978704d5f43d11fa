# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the connectors that a plan makes: by what Exchange told of each step, and by its list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import (
    Entry,
    Principals,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import view as views
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import Create
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.view import View


@dataclass
class Made:
    """What is known after a plan was made, by server.

    ``names`` are the distinguished names of the connectors that are there then, by key. ``added`` are the entries that
    Exchange said it added, of servers where the plan only made connectors and nothing failed, and ``listed`` all
    connectors of a server as they were read after the last write.
    """

    names: dict[str, dict[str, str]]
    added: dict[str, list[WireObject]]
    listed: dict[str, list[WireObject]] = field(default_factory=dict)


def rights(step: Step) -> list[str]:
    """The extended rights that a step grants, denies or takes."""
    listed = step.parameters["ExtendedRights"]
    return [str(right) for right in listed] if isinstance(listed, list) else []


def is_as_made(found: WireObject, step: Step, view: View) -> bool:
    """Whether a connector is the one that the step makes, by all that decides who may do what."""
    shown = ReceiveConnector.from_objects(reading.without_roles([found], view.facts))[0]
    return any(
        isinstance(effect, Create) and effect.state == views.told(shown, (), view.principals) for effect in step.effects
    )


def is_among(told: Iterable[WireObject], step: Step, connector: WireObject) -> bool:
    """Whether Exchange said that it added all rights of a step to a connector."""
    names = {reading.text(connector, name).casefold() for name in ("DistinguishedName", "Identity")}
    mine = Entry.from_objects(item for item in told if reading.text(item, "Identity").casefold() in names)
    return set(rights(step)) <= {entry.right for entry in mine}


def learnt(entries: Sequence[Entry], principals: Principals) -> Principals:
    """The principals as the entries of a connector with AnonymousUsers name them, or as they were known before."""
    found = Principals.learn([(("AnonymousUsers",), entries)])
    return found if found.anonymous else principals
