# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameter sets of New-ReceiveConnector: usages, what each needs and what it starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exchange_lab.exchange.conflicts import RangeList
from exchange_lab.exchange.ranges import V4_ANY, V6_ANY, IPRange
from exchange_lab.exchange.versions import Profile
from exchange_lab.powershell.cmdlet import CmdletError
from exchange_lab.switches import Switches


@dataclass(frozen=True)
class Usage:
    """What a usage sets unless the caller does; ``required`` parameters have no default."""

    mechanisms: frozenset[str]
    groups: frozenset[str]
    required: tuple[str, ...]
    implied: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


_TLS = frozenset({"Tls"})

USAGES: Mapping[str, Usage] = {
    "Custom": Usage(_TLS, frozenset(), ("Bindings", "RemoteIPRanges")),
    "Internet": Usage(_TLS, frozenset({"AnonymousUsers"}), ("Bindings",), {"RemoteIPRanges": (V4_ANY,)}),
    "Internal": Usage(
        _TLS | {"ExchangeServer"},
        frozenset({"ExchangeServers", "ExchangeLegacyServers"}),
        ("RemoteIPRanges",),
        {"Bindings": (("0.0.0.0", 25),)},
    ),
    "Client": Usage(
        _TLS | {"BasicAuth", "BasicAuthRequireTLS", "Integrated"},
        frozenset({"ExchangeUsers"}),
        ("RemoteIPRanges",),
        {"Bindings": (("0.0.0.0", 587),)},
    ),
    "Partner": Usage(_TLS, frozenset({"Partners"}), ("Bindings", "RemoteIPRanges")),
}
EVERYONE: tuple[IPRange, ...] = RangeList((V6_ANY, V4_ANY))


def chosen(bound: Mapping[str, Any], profile: Profile, switches: Switches) -> Usage:
    """The usage that the bound parameters select; raises CmdletError where they fit no parameter set."""
    given = [name for name in USAGES if bound.get(name)]
    if "Usage" in bound:
        given.append(bound["Usage"])
    if len(given) > 1:
        raise _unresolved()
    name = given[0] if given else "Custom"
    usage = USAGES[name]
    if profile.edge and name == "Client":
        raise _refused("The usage type Client isn't available on an Edge Transport server.")
    for parameter in usage.required:
        if parameter in bound and not bound[parameter]:
            raise _empty(parameter, null=bound[parameter] is None)
    missing = [parameter for parameter in usage.required if parameter not in bound]
    if missing and "Usage" not in bound:
        raise _missing(missing)
    if missing:
        raise _refused(f"The usage type {name} requires a value for {' and '.join(missing)}.")
    surplus = [parameter for parameter in usage.implied if parameter in bound]
    if surplus and switches.implied_parameters == "refused":
        raise _refused(f"The usage type {name} sets {surplus[0]} itself.")
    return usage


def starting_groups(usage: Usage, profile: Profile) -> frozenset[str]:
    """The permission groups of a usage; Edge Transport has no ExchangeLegacyServers."""
    return usage.groups - {"ExchangeLegacyServers"} if profile.edge else usage.groups


def _unresolved() -> CmdletError:
    return CmdletError(
        "Parameter set cannot be resolved using the specified named parameters.",
        category="InvalidArgument",
        reason="ParameterBindingException",
        error_id="AmbiguousParameterSet",
        terminating=True,
    )


def _missing(names: list[str]) -> CmdletError:
    return CmdletError(
        f"Cannot process command because of one or more missing mandatory parameters: {' '.join(names)}.",
        category="InvalidArgument",
        reason="ParameterBindingException",
        error_id="MissingMandatoryParameter",
        terminating=True,
    )


def _empty(name: str, *, null: bool) -> CmdletError:
    kind = "null" if null else "an empty collection"
    error_id = "NullNotAllowed" if null else "EmptyCollectionNotAllowed"
    return CmdletError(
        f"Cannot bind argument to parameter '{name}' because it is {kind}.",
        category="InvalidData",
        reason="ParameterBindingValidationException",
        error_id=f"ParameterArgumentValidationError{error_id}",
        terminating=True,
    )


def _refused(text: str) -> CmdletError:
    return CmdletError(text, category="InvalidArgument", reason="ArgumentException")
