# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of a list: exactly these items, or some more and some less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Kind, Value, items_of

Items = frozenset[Any]


@dataclass(frozen=True)
class ListEdit:
    """Items to add to and to remove from whatever the list holds."""

    add: Items = frozenset()
    remove: Items = frozenset()

    def applied_to(self, items: Items | None) -> Items:
        """Return the list as it is to be."""
        return ((items or frozenset()) | self.add) - self.remove


def parse(kind: Kind, value: Plain) -> Value | ListEdit:
    """Read a plain list, ``{set: […]}`` or ``{add: […], remove: […]}``; raises ValueError."""
    if not isinstance(value, Mapping):
        return kind.parse(value)
    if unknown := sorted(set(map(str, value)) - {"set", "add", "remove"}):
        raise ValueError(f"a list takes set, add and remove, not {', '.join(unknown)}")
    if value.get("set") is not None:
        if value.get("add") or value.get("remove"):
            raise ValueError("set gives the whole list and cannot be combined with add or remove")
        return kind.parse(value["set"])
    add, remove = (_items(kind, value.get(key)) for key in ("add", "remove"))
    if both := add & remove:
        raise ValueError(f"{', '.join(sorted(map(str, both)))} cannot be both added and removed")
    return ListEdit(add, remove)


def _items(kind: Kind, value: Plain) -> Items:
    return items_of(kind.parse(value or []))
