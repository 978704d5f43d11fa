# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of value that a receive connector's parameters have: how each is read, written and compared."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Union

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import enumeration, size, timespan, unlimited
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.capabilities import DomainCapabilities
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

# None is Exchange's $null. Sizes are int (bytes), Unlimited is the text "Unlimited", lists and flags are frozensets
# of str, Binding, IPRange or DomainCapabilities.
Value = Union[None, bool, int, str, timedelta, "frozenset[Any]"]


@dataclass(frozen=True)
class Kind:
    """One kind of value.

    ``parse`` reads what a person or Exchange wrote and raises ValueError, ``render`` writes it for a command, a
    result or a diff, ``same`` compares two values. ``ansible`` is the option's type. ``many`` tells a set of items;
    ``edits`` that Exchange takes ``@{Add=…; Remove=…}`` for it (MultiValuedProperty).
    """

    name: str
    ansible: str
    parse: Callable[[Any], Value]
    render: Callable[[Any], Plain]
    same: Callable[[Any, Any], bool] = operator.eq
    many: bool = False
    edits: bool = False
    names: tuple[str, ...] = ()


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word in ("true", "false"):
        return word == "true"
    raise ValueError(f"{value!r} is neither true nor false")


def _number(value: object) -> int:
    try:
        if isinstance(value, bool):
            raise ValueError
        return int(str(value).strip())
    except ValueError:
        raise ValueError(f"{value!r} is not a whole number") from None


def _text(value: object) -> str:
    return str(value)


def _same_letters(one: str | None, other: str | None) -> bool:
    """Compare without case, as host and domain names do."""
    return (one or "").casefold() == (other or "").casefold()


def _same_certificate(one: str | None, other: str | None) -> bool:
    """Compare ``<I>issuer<S>subject`` without case and without the spaces of distinguished names."""
    return _same_letters("".join((one or "").split()), "".join((other or "").split()))


def _same_domain(one: str | None, other: str | None) -> bool:
    """Compare accepted domains by name: a distinguished name's first part, or the end of a container's path."""
    return _same_letters(_domain_name(one or ""), _domain_name(other or ""))


def _domain_name(text: str) -> str:
    if text[:3].casefold() == "cn=":
        return text[3:].partition(",")[0]
    return text.rpartition("/")[2]


def _items(parse: Callable[[str], Any], separators: str) -> Callable[[Any], Value]:
    return lambda value: frozenset(parse(text) for text in enumeration.split(value, separators))


def _texts(items: Collection[Any]) -> Plain:
    return [str(item) for item in sorted(items)]


def items_of(value: Value) -> frozenset[Any]:
    """Return the items of a set; none for a value that is not there."""
    return value if isinstance(value, frozenset) else frozenset()


BOOLEAN = Kind("boolean", "bool", _boolean, bool)
NUMBER = Kind("number", "int", _number, int)
TEXT = Kind("text", "str", _text, str)
FQDN = Kind("fqdn", "str", _text, str, same=_same_letters)
DOMAIN = Kind("accepted domain", "str", _text, str, same=_same_domain)
CERTIFICATE = Kind("certificate", "str", _text, str, same=_same_certificate)
SIZE = Kind("size", "str", size.parse, size.render)
TIMESPAN = Kind("timespan", "str", timespan.parse, timespan.render)
UNLIMITED_NUMBER = Kind("number or Unlimited", "str", unlimited.parse, unlimited.render)
BINDINGS = Kind("bindings", "raw", _items(Binding.parse, ","), _texts, many=True, edits=True)
RANGES = Kind("ranges", "raw", _items(IPRange.parse, ","), _texts, many=True, edits=True)
CAPABILITIES = Kind("domain capabilities", "raw", _items(DomainCapabilities.parse, ""), _texts, many=True, edits=True)


def one_of(*names: str) -> Kind:
    """Make the kind of an enumeration with these names."""
    return Kind("name", "str", lambda value: enumeration.parse_one(value, names), str, names=names)


def flags(*names: str, derived: tuple[str, ...] = ()) -> Kind:
    """Make the kind of an enumeration whose names combine, in Exchange's order of values.

    ``derived`` names are what Exchange adds by itself when it shows the value; they are left out.
    """

    def parse(value: object) -> Value:
        return enumeration.parse_flags(value, (*names, *derived)).difference(derived)

    def render(value: Collection[str]) -> Plain:
        return list[Plain](enumeration.render_flags(value, names))

    return Kind("names", "raw", parse, render, many=True, names=names)
