# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as PowerShell serialises them (MS-PSRP 2.2.5.2), made from plain Python values."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from psrpcore.types import PSCryptoProvider, PSEnumBase, PSList, PSNoteProperty, PSObject, PSType, serialize_clixml

_NOBODY = PSObject()


class _Swift:
    """psrpcore looks through all properties at each attribute; only names Python does not know need that."""

    __getattribute__ = object.__getattribute__

    def __getattr__(self, name: str) -> Any:
        if name != "PSObject":
            for prop in (*self.PSObject.extended_properties, *self.PSObject.adapted_properties):
                if prop.name == name:
                    return prop.get_value(self)
        raise AttributeError(name)


class _Object(_Swift, PSObject):
    pass


class _List(_Swift, PSList):
    pass


def ps_object(
    type_names: Sequence[str],
    properties: Mapping[str, Any],
    text: str | None = None,
    *,
    value: int | None = None,
    items: Sequence[Any] | None = None,
    extended: Mapping[str, Any] | None = None,
) -> PSObject:
    """An object of the .NET types ``type_names`` (most specific first), serialisable over PSRP and as CLIXML.

    ``properties`` become ``<Props>``, ``extended`` ``<MS>``, ``text`` ``<ToString>``. With ``value`` it is an enum
    member, whose ``text`` is mandatory and which has no properties; with ``items`` a list (``<LST>``), which has no
    text on the wire. ``System.Object`` ends the types whether given or not.
    """
    types = tuple(type_names) if "System.Object" in type_names else (*type_names, "System.Object")
    if value is not None:
        return _enum_member(types, text or str(value), value)
    made: PSObject = _Object() if items is None else _List(items)
    meta = made.PSObject
    meta.type_names = list(types)
    if text is not None:
        meta.to_string = text
    meta.adapted_properties = [_note(name, content) for name, content in properties.items()]
    meta.extended_properties = [_note(name, content) for name, content in (extended or {}).items()]
    return made


def _note(name: str, content: Any) -> PSNoteProperty:
    made = PSNoteProperty(name)
    made.set_value(content, _NOBODY)
    return made


@cache
def _enum_class(type_names: tuple[str, ...]) -> Any:
    """An empty enumeration of these types; ``__eq__`` by identity keeps each member an ``<Obj>`` of its own."""

    class Member(PSEnumBase):
        def __str__(self) -> str:
            return str(self._name_)

        def __eq__(self, other: object) -> bool:
            return self is other

        def __hash__(self) -> int:
            return id(self)

    return PSType(list(type_names), skip_inheritance=True, rehydrate=False)(Member)


def _enum_member(type_names: tuple[str, ...], text: str, value: int) -> PSObject:
    """A member without a declaration: the text of a flags enumeration is not known beforehand."""
    cls = _enum_class(type_names)
    member: PSObject = int.__new__(cls, value)
    member._value_ = value
    member._name_ = text
    return member


def properties_of(thing: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of an object's properties, the extended ones last; nothing for a primitive."""
    if isinstance(thing, Mapping):
        yield from ((str(name), content) for name, content in thing.items())
    elif isinstance(thing, PSObject):
        meta = thing.PSObject
        for prop in (*meta.adapted_properties, *meta.extended_properties):
            yield prop.name, prop.get_value(thing)


def property_of(thing: Any, name: str) -> Any:
    """The property's value, its name compared without case, or None."""
    wanted = name.lower()
    return next((content for found, content in properties_of(thing) if found.lower() == wanted), None)


def has_property(thing: Any, name: str) -> bool:
    """Whether the object has a property of that name, compared without case."""
    return any(found.lower() == name.lower() for found, _ in properties_of(thing))


def text_of(thing: Any) -> str:
    """What PowerShell's string conversion makes of a value: ``$OFS`` joined lists, invariant numbers and dates."""
    if thing is None:
        return ""
    if isinstance(thing, bool):
        return str(thing)
    if isinstance(thing, str | uuid.UUID):
        return str(thing)
    if isinstance(thing, datetime):
        return thing.strftime("%m/%d/%Y %H:%M:%S")
    if isinstance(thing, timedelta):
        return str(thing)
    if isinstance(thing, list | tuple):
        return " ".join(text_of(item) for item in thing)
    if isinstance(thing, Mapping):
        return "System.Collections.Hashtable"
    if isinstance(thing, PSObject) and not isinstance(thing, int | float):
        return thing.PSObject.to_string or (thing.PSTypeNames[0] if thing.PSTypeNames else "")
    return str(thing)


def clixml_of(values: Sequence[Any]) -> str:
    """The values one after another below ``<Objs>``, as Export-Clixml and ``-OutputFormat XML`` write them."""
    return str(serialize_clixml(list(values), PSCryptoProvider()))
