# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on the values of a receive connector and on their combinations (New-ReceiveConnector, each parameter)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from exchange_lab.exchange.parameters import Attribute, attributes
from exchange_lab.exchange.quantities import UNLIMITED
from exchange_lab.exchange.refusals import Refusal, invalid, limit_exceeded
from exchange_lab.exchange.versions import Profile
from exchange_lab.switches import Switches

MAXIMUM_NAME = 64


def check_name(name: str) -> None:
    """A name has 1 to 64 characters."""
    if not name.strip():
        raise invalid("The Name parameter can't be empty.")
    if len(name) > MAXIMUM_NAME:
        raise invalid(
            f'The value "{name}" of property Name has {len(name)} characters. The maximum is {MAXIMUM_NAME}.', name
        )


def check(values: Mapping[str, Any], groups: Set[str], profile: Profile, switches: Switches) -> None:
    """All rules that need no other connector; raises Refusal for the first one broken."""
    for attribute in attributes(profile):
        if attribute.name in values:
            _check_bounds(attribute, values[attribute.name])
    for broken, text in _combinations(values, groups, profile):
        if broken:
            raise invalid(text)
    if len(values["RemoteIPRanges"]) > int(switches.range_limit):
        raise limit_exceeded()


def _check_bounds(attribute: Attribute, value: Any) -> None:
    if attribute.minimum is None or value is None or value == UNLIMITED:
        return
    if not attribute.minimum <= value <= attribute.maximum:
        raise _out_of_range(attribute, value)


def _out_of_range(attribute: Attribute, value: Any) -> Refusal:
    return invalid(
        f'The value "{value}" of property {attribute.name} isn\'t within the allowed range of {attribute.minimum} to '
        f"{attribute.maximum}.",
        value,
    )


def _combinations(values: Mapping[str, Any], groups: Set[str], profile: Profile) -> Iterator[tuple[bool, str]]:
    """Each rule as (is broken, what Exchange says); the wordings have no public source."""
    mechanisms = values["AuthMechanism"]
    external = "ExternalAuthoritative" in mechanisms
    yield from _authentication(mechanisms, external=external)
    yield (
        external and "ExchangeServers" not in groups,
        "The ExternalAuthoritative authentication mechanism requires the permission group ExchangeServers.",
    )
    yield from _encryption(values, mechanisms, external=external)
    yield (
        values["ConnectionInactivityTimeout"] >= values["ConnectionTimeout"],
        "ConnectionInactivityTimeout must be less than ConnectionTimeout.",
    )
    yield (
        values["BinaryMimeEnabled"] and not values["ChunkingEnabled"],
        "BinaryMimeEnabled requires that ChunkingEnabled is $true.",
    )
    yield (
        bool(values["Banner"]) and not values["Banner"].startswith("220"),
        "The banner must start with the SMTP status code 220.",
    )
    yield not values["Bindings"], "The Bindings property can't be empty."
    yield not values["RemoteIPRanges"], "The RemoteIPRanges property can't be empty."
    yield (
        profile.has_roles and values["TransportRole"] not in ("FrontendTransport", "HubTransport"),
        "TransportRole must be FrontendTransport or HubTransport.",
    )


def _encryption(values: Mapping[str, Any], mechanisms: Set[str], *, external: bool) -> Iterator[tuple[bool, str]]:
    yield values["RequireTLS"] and "Tls" not in mechanisms, "RequireTLS requires the authentication mechanism Tls."
    yield (
        values["DomainSecureEnabled"] and ("Tls" not in mechanisms or external),
        "DomainSecureEnabled requires the authentication mechanism Tls and can't be used with ExternalAuthoritative.",
    )


def _authentication(mechanisms: Set[str], *, external: bool) -> Iterator[tuple[bool, str]]:
    yield (
        "BasicAuthRequireTLS" in mechanisms and not {"BasicAuth", "Tls"} <= mechanisms,
        "BasicAuthRequireTLS requires the authentication mechanisms BasicAuth and Tls.",
    )
    yield (
        external and not mechanisms <= {"Tls", "ExternalAuthoritative"},
        "ExternalAuthoritative can be combined with no authentication mechanism but Tls.",
    )
