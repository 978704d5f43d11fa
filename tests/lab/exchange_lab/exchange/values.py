# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call of New- or Set-ReceiveConnector makes of a connector's values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exchange_lab.exchange.conflicts import RangeList
from exchange_lab.exchange.kinds import ListChange
from exchange_lab.exchange.parameters import Attribute, writable
from exchange_lab.exchange.refusals import Refusal, invalid
from exchange_lab.exchange.versions import Profile
from exchange_lab.switches import Switches

_LISTS = ("bindings", "ranges", "capabilities")
_EMPTY_FOR_NULL = {"text": "", "fqdn": None, "certificate": None, "accepted_domain": None}


def given_values(
    bound: Mapping[str, Any], current: Mapping[str, Any], profile: Profile, switches: Switches, *, new: bool
) -> dict[str, Any]:
    """The new values of those attributes whose parameters were given; lists merged with the current ones."""
    if profile.edge and "TransportRole" in bound:
        raise invalid("The TransportRole parameter isn't available on an Edge Transport server.")
    found: dict[str, Any] = {}
    for attribute in writable(profile, new=new):
        if attribute.name in bound and attribute.name != "PermissionGroups":
            found[attribute.name] = _value(attribute, bound[attribute.name], current, switches)
    return found


def _value(attribute: Attribute, given: Any, current: Mapping[str, Any], switches: Switches) -> Any:
    if attribute.kind in _LISTS:
        values = _listed(attribute.name, given, current.get(attribute.name, ()), switches)
        return RangeList(values) if attribute.kind == "ranges" else values
    if given is None and attribute.kind in _EMPTY_FOR_NULL:
        return _EMPTY_FOR_NULL[attribute.kind]
    if given is None:
        raise invalid(f"The property {attribute.name} can't be $null.")
    return given


def _listed(name: str, given: Any, current: tuple[Any, ...], switches: Switches) -> tuple[Any, ...]:
    """The list to be stored; the directory returns values in an order of its own, here the reverse."""
    if isinstance(given, ListChange):
        return _changed(name, given, current, switches)
    values = given or ()
    unique = tuple(dict.fromkeys(values))
    if len(unique) < len(values) and switches.repeated_values == "refused":
        raise _present(name, next(value for value in unique if values.count(value) > 1))
    return unique[::-1]


def _changed(name: str, change: ListChange, current: tuple[Any, ...], switches: Switches) -> tuple[Any, ...]:
    known = set(current)
    for value in change.add:
        if value in known and switches.add_present == "refused":
            raise _present(name, value)
    for value in change.remove:
        if value not in known and switches.remove_missing == "refused":
            raise invalid(f'The value "{value}" isn\'t present in the property {name}.', value)
    gone = set(change.remove)
    added = tuple(value for value in dict.fromkeys(change.add) if value not in known)
    return added[::-1] + tuple(value for value in current if value not in gone)


def _present(name: str, value: Any) -> Refusal:
    return invalid(f'The value "{value}" is already present in the property {name}.', value)


def given_groups(bound: Mapping[str, Any], profile: Profile, switches: Switches) -> frozenset[str] | None:
    """The permission groups asked for, without Custom, or None when the parameter was not given."""
    if "PermissionGroups" not in bound:
        return None
    groups: frozenset[str] = bound["PermissionGroups"] or frozenset()
    if "Custom" in groups and switches.custom_group == "refused":
        raise invalid('The value "Custom" can\'t be set for the property PermissionGroups.', "Custom")
    if profile.edge and "ExchangeLegacyServers" in groups:
        raise invalid("The permission group ExchangeLegacyServers isn't available on an Edge Transport server.")
    return groups - {"Custom"}


def converter(read: Callable[..., Any], switches: Switches, *, hashtables: bool) -> Callable[[Any], Any]:
    """A parameter's conversion under these switches."""
    return lambda value: read(value, switches, hashtables)
