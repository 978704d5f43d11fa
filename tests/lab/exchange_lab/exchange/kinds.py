# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of a receive connector's values: reading what a caller gave, writing the two shapes on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from psrpcore.types import PSObject

from exchange_lab.exchange import enums, nested, quantities, texts
from exchange_lab.exchange.enums import EnumType
from exchange_lab.exchange.ranges import IPRange, parse_range
from exchange_lab.powershell.objects import text_of
from exchange_lab.switches import Switches

_DATA = "Microsoft.Exchange.Data."


@dataclass(frozen=True)
class ListChange:
    """``@{Add=…; Remove=…}`` for a multi-valued property."""

    add: tuple[Any, ...] = ()
    remove: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A type: ``parse`` raises ValueError with the inner text of the transformation error.

    ``text`` is the string form, ``shape`` the object as captured; a kind without ``text`` is a primitive in both
    shapes. ``element`` is set for a MultiValuedProperty, whose functions then work on one element.
    """

    type_name: str
    parse: Callable[[Any, Switches], Any]
    text: Callable[[Any, Switches], str] | None = None
    shape: Callable[[Any, Switches], Any] | None = None
    element: str = ""

    def read(self, value: Any, switches: Switches, hashtables: bool = True) -> Any:
        """The lab's value for what a caller gave; a tuple or a ListChange for a multi-valued property."""
        if not self.element:
            return self.parse(value, switches)
        if isinstance(value, Mapping):
            if not hashtables:
                raise ValueError(f'Cannot convert the "System.Collections.Hashtable" value to type "{self.type_name}".')
            return self._change(value, switches)
        return self._elements(value, switches)

    def write(self, value: Any, switches: Switches) -> Any:
        """The value as a property on the wire, in the shape that the switches choose."""
        if self.element:
            strings = switches.wire_shape == "strings"
            show = self.text if strings else self.shape
            return nested.multi_valued(self.element, [show(item, switches) for item in value] if show else list(value))
        if value is None or self.text is None:
            return value
        show = self.text if switches.wire_shape == "strings" or self.shape is None else self.shape
        return show(value, switches)

    def _elements(self, value: Any, switches: Switches) -> tuple[Any, ...]:
        if value is None:
            return ()
        items = value if isinstance(value, list | tuple) else [value]
        for item in items:
            _refuse_unsigned(item)
        return tuple(self.parse(item, switches) for item in items)

    def _change(self, value: Mapping[Any, Any], switches: Switches) -> ListChange:
        parts = {str(name).lower(): self._elements(content, switches) for name, content in value.items()}
        if not parts or set(parts) - {"add", "remove"}:
            raise ValueError("A hashtable for a multi-valued property may have the keys Add and Remove only.")
        return ListChange(parts.get("add", ()), parts.get("remove", ()))


def _refuse_unsigned(item: Any) -> None:
    """Exchange rehydrates an object of a former Get only when its SerializationData is signed."""
    if isinstance(item, PSObject) and not isinstance(item, str | int | list):
        name = item.PSTypeNames[0].removeprefix("Deserialized.") if item.PSTypeNames else ""
        if name.startswith(_DATA):
            raise ValueError(
                f"Microsoft.Exchange.Data.SerializationTypeConverter.DeserializeObject({name}). Type is not allowed "
                "for custom construction. SerializationData is not signed."
            )


def _plain(parse: Callable[[Any], Any]) -> Callable[[Any, Switches], Any]:
    return lambda value, _: parse(value)


def enum_kind(made: Callable[[Switches], EnumType]) -> Kind:
    """A kind of enumeration, whose numbers may hang on a switch."""
    return Kind(
        made(Switches()).type_name,
        lambda value, switches: made(switches).parse(value),
        lambda value, switches: made(switches).text(value),
        lambda value, switches: nested.enumeration(made(switches), value),
    )


def _multi(
    element: str,
    parse: Callable[[Any, Switches], Any],
    text: Callable[[Any], str],
    shape: Callable[[Any, Switches], Any],
) -> Kind:
    return Kind(f"{_DATA}MultiValuedProperty`1[{_DATA}{element}]", parse, _plain(text), shape, element)


def _text(type_name: str, parse: Callable[[Any], Any], shape: Callable[[Any], Any]) -> Kind:
    return Kind(type_name, _plain(parse), _plain(str), _plain(shape))


KINDS: Mapping[str, Kind] = {
    "text": Kind("System.String", _plain(texts.parse_text)),
    "boolean": Kind("System.Boolean", _plain(quantities.parse_boolean)),
    "integer": Kind("System.Int32", _plain(quantities.parse_integer)),
    "unlimited": _text(_DATA + "Unlimited`1[System.Int32]", quantities.parse_unlimited, nested.unlimited),
    "size": Kind(
        _DATA + "ByteQuantifiedSize",
        _plain(quantities.parse_size),
        _plain(quantities.size_text),
        _plain(nested.size),
    ),
    "timespan": Kind(
        _DATA + "EnhancedTimeSpan",
        _plain(quantities.parse_timespan),
        _plain(quantities.timespan_text),
        _plain(nested.timespan),
    ),
    "fqdn": _text(_DATA + "Fqdn", texts.parse_domain_name, nested.fqdn),
    "certificate": _text(_DATA + "SmtpX509Identifier", texts.parse_certificate, nested.certificate),
    "bindings": _multi("IPBinding", _plain(texts.parse_binding), texts.binding_text, _plain(nested.binding)),
    "ranges": _multi(
        "IPRange", lambda value, switches: parse_range(text_of(value), switches), IPRange.__str__, nested.ip_range
    ),
    "capabilities": _multi(
        "SmtpReceiveDomainCapabilities", _plain(texts.parse_capabilities), str, _plain(nested.capabilities)
    ),
    "strings": Kind("System.String[]", _plain(text_of), _plain(str), _plain(str), "System.String"),
    "auth_mechanisms": enum_kind(enums.auth_mechanisms),
    "permission_groups": enum_kind(enums.permission_groups),
    "transport_role": enum_kind(lambda _: enums.TRANSPORT_ROLE),
    "rate_source": enum_kind(lambda _: enums.RATE_SOURCE),
    "protocol_logging": enum_kind(lambda _: enums.PROTOCOL_LOGGING),
    "size_mode": enum_kind(lambda _: enums.SIZE_MODE),
    "extended_protection": enum_kind(lambda _: enums.EXTENDED_PROTECTION),
    "accepted_domain": Kind(
        "Microsoft.Exchange.Configuration.Tasks.AcceptedDomainIdParameter", _plain(texts.parse_text), _plain(str)
    ),
}
