# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One receive connector as Exchange shows it, in the words and values of the options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, WireObject
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.enumeration import NONE, split
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.garbage import uncollected
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Kind, Value, items_of
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import (
    PARAMETERS,
    SETTINGS,
    Parameter,
)

CUSTOM = "Custom"


@dataclass(frozen=True)
class ReceiveConnector:
    """A connector that was read.

    ``settings`` has every property that is an option, keyed by option, None for ``$null``. ``permission_groups`` is
    without ``Custom``, which Exchange derives from the access control list; ``custom`` tells that it was there.
    ``shown`` holds the properties as they came. ``originating_server`` is the domain controller that answered.
    """

    name: str
    server: str
    identity: str
    distinguished_name: str
    originating_server: str
    settings: Mapping[str, Value]
    transport_role: str = ""
    custom: bool = False
    guid: str = ""
    shown: Mapping[str, Plain] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_object(cls, connector: WireObject) -> ReceiveConnector:
        """Read an object of Get- or New-ReceiveConnector; raises ValueError that names a property it cannot read."""
        shown = connector.properties
        identity = str(shown.get("Identity") or connector.text)
        try:
            settings = {
                parameter.option: _read(parameter, shown[parameter.name])
                for parameter in SETTINGS.values()
                if parameter.name in shown
            }
        except ValueError as problem:
            raise ValueError(f"receive connector {identity}: Exchange shows what cannot be read: {problem}") from None
        return cls(
            name=str(settings.get("name") or identity.rpartition("\\")[2]),
            server=str(shown.get("Server") or identity.partition("\\")[0]),
            identity=identity,
            distinguished_name=str(shown.get("DistinguishedName") or ""),
            originating_server=str(shown.get("OriginatingServer") or ""),
            settings=settings,
            transport_role=str(settings.get("transport_role") or ""),
            custom=CUSTOM in split(shown.get("PermissionGroups") or "", ","),
            guid=str(shown.get("Guid") or ""),
            shown=shown,
        )

    @classmethod
    def from_objects(cls, connectors: Iterable[WireObject]) -> list[ReceiveConnector]:
        """Read all of a reply, half a million ranges in a second."""
        with uncollected():
            return [cls.from_object(connector) for connector in connectors]

    def words(self) -> dict[str, Plain]:
        """Give the settings as the options are written: lists sorted, sizes and timespans in one form."""
        return render_settings(self.settings)

    def expressions(self, option: str) -> dict[Any, list[str]]:
        """Give the texts under which Exchange holds each item of a list, which need not be those we would write."""
        parameter = PARAMETERS[option]
        shown = self.shown.get(parameter.name)
        texts: dict[Any, list[str]] = {}
        for text in shown if isinstance(shown, list) else ():
            for item in items_of(parameter.kind.parse([text])):
                texts.setdefault(item, []).append(str(text))
        return texts


def render_settings(settings: Mapping[str, Value]) -> dict[str, Plain]:
    """Write values as the options are written, in the order of the table."""
    return {
        option: None if settings[option] is None else parameter.kind.render(settings[option])
        for option, parameter in PARAMETERS.items()
        if option in settings
    }


def _read(parameter: Parameter, shown: Plain) -> Value:
    """Read a property; empty texts are $null, and a name that is not known stays as Exchange shows it."""
    kind = parameter.kind
    if kind.many:
        return _read_many(parameter, shown)
    if shown is None or shown == "":
        return None
    try:
        return kind.parse(shown)
    except ValueError as problem:
        if kind.names:
            return str(shown)
        raise ValueError(f"{parameter.name}: {problem}") from None


def _read_many(parameter: Parameter, shown: Plain) -> Value:
    try:
        return parameter.kind.parse(shown or [])
    except ValueError as problem:
        if parameter.kind.names:
            return _unknown_names(parameter.kind, shown)
        raise ValueError(f"{parameter.name}: {problem}") from None


def _unknown_names(kind: Kind, shown: Plain) -> frozenset[str]:
    return frozenset(name for name in split(shown, ",") if name not in (NONE, CUSTOM))
