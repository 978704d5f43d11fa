# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domain controllers: each has its own copy of the objects, and changes reach the others after a while."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from exchange_lab.exchange.model import ReceiveConnector, SendConnector

Connector = ReceiveConnector | SendConnector
_Kind = TypeVar("_Kind", bound=ReceiveConnector | SendConnector)


@dataclass
class _Change:
    """An object that came (``made``), went (``gone``), or some of whose fields and properties have new values."""

    guid: str
    made: Connector | None = None
    gone: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    due: float = 0.0


class Replica(dict[str, Connector]):
    """What one domain controller knows, by GUID."""

    def apply(self, change: _Change) -> None:
        """Take over a change; one to an object that is not there is lost."""
        if change.gone:
            self.pop(change.guid, None)
        elif change.made is not None:
            self[change.guid] = own_copy(change.made)
        elif change.guid in self:
            found = self[change.guid]
            for name, value in change.fields.items():
                setattr(found, name, list(value) if isinstance(value, list) else value)
            found.properties.update(change.properties)


def own_copy(connector: _Kind) -> _Kind:
    """A copy that later changes do not reach."""
    mine = copy.copy(connector)
    mine.properties = dict(connector.properties)
    mine.acl = list(connector.acl)
    return mine


class Directory:
    """Several domain controllers. ``lag`` is the seconds a change takes to the others; infinite means until told.

    Not thread-safe by itself: the organisation's lock is around it.
    """

    def __init__(self, controllers: Sequence[str], now: Callable[[], float] = time.monotonic) -> None:
        self.controllers = tuple(controllers)
        self.lag = 0.0
        self._now = now
        self._replicas = {name: Replica() for name in controllers}
        self._waiting: dict[str, list[_Change]] = {name: [] for name in controllers}

    def replica(self, controller: str) -> Replica:
        """The objects as this controller knows them now."""
        self._deliver(controller, self._now())
        return self._replicas[controller]

    def add(self, controller: str, made: Connector) -> None:
        """A new object."""
        self._write(controller, _Change(made.guid, made=made))

    def update(self, controller: str, guid: str, properties: Mapping[str, Any], **fields: Any) -> None:
        """New values of an object's properties and of its own fields, such as name and acl."""
        self._write(controller, _Change(guid, fields=fields, properties=properties))

    def remove(self, controller: str, guid: str) -> None:
        """An object goes."""
        self._write(controller, _Change(guid, gone=True))

    def replicate(self) -> None:
        """Everything that waits arrives at once."""
        for controller in self.controllers:
            self._deliver(controller, math.inf)

    def _write(self, controller: str, change: _Change) -> None:
        self.replica(controller).apply(change)
        change.due = self._now() + self.lag
        if change.made is not None:
            change.made = own_copy(change.made)
        for other in self.controllers:
            if other != controller:
                self._waiting[other].append(change)

    def _deliver(self, controller: str, until: float) -> None:
        waiting = self._waiting[controller]
        for change in waiting:
            if change.due <= until:
                self._replicas[controller].apply(change)
        self._waiting[controller] = [change for change in waiting if change.due > until]
