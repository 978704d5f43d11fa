# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receive connectors that setup makes on each version ("Receive connectors", default Receive connectors)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from exchange_lab.exchange.conflicts import RangeList
from exchange_lab.exchange.model import ExchangeServer
from exchange_lab.exchange.parameters import attributes
from exchange_lab.exchange.quantities import UNLIMITED
from exchange_lab.exchange.ranges import V4_ANY, V6_ANY
from exchange_lab.exchange.versions import Profile, Version
from exchange_lab.switches import Switches


@dataclass(frozen=True)
class Preset:
    """A default connector: ``name`` with ``{server}``, groups, and values that differ from a new connector's."""

    name: str
    port: int
    mechanisms: frozenset[str]
    groups: frozenset[str]
    role: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    ipv4_first: bool = False
    ipv6: bool = True


_CLIENT = frozenset({"Tls", "Integrated", "BasicAuth", "BasicAuthRequireTLS"})
_ALL = _CLIENT | {"ExchangeServer"}
_SERVERS = frozenset({"ExchangeServers", "ExchangeLegacyServers"})
_SUBMISSION = {"EnableAuthGSSAPI": True, "MessageRateLimit": 5, "MessageRateSource": "User"}
_BETWEEN_SERVERS = {
    "MaxInboundConnectionPerSource": UNLIMITED,
    "MaxInboundConnectionPercentagePerSource": 100,
    "MaxRecipientsPerMessage": 5000,
    "SizeEnabled": "EnabledWithoutValue",
}
_HUB, _FRONT = "HubTransport", "FrontendTransport"

# values as captured on Exchange 2019
_SINCE_2013 = (
    Preset(
        "Default {server}",
        2525,
        _ALL,
        _SERVERS | {"ExchangeUsers"},
        _HUB,
        _BETWEEN_SERVERS,
        ipv4_first=True,
    ),
    Preset("Client Proxy {server}", 465, _ALL, frozenset({"ExchangeUsers", "ExchangeServers"}), _HUB, _SUBMISSION),
    Preset(
        "Default Frontend {server}",
        25,
        _ALL,
        _SERVERS | {"AnonymousUsers"},
        _FRONT,
        {"ProtocolLoggingLevel": "Verbose", "DomainSecureEnabled": True},
    ),
    Preset(
        "Outbound Proxy Frontend {server}",
        717,
        _ALL,
        frozenset({"ExchangeServers"}),
        _FRONT,
        {"ProtocolLoggingLevel": "Verbose", "DomainSecureEnabled": True, "TarpitInterval": timedelta()},
    ),
    Preset("Client Frontend {server}", 587, _CLIENT, frozenset({"ExchangeUsers"}), _FRONT, _SUBMISSION),
)
_UNTIL_2010 = (
    Preset("Default {server}", 25, _ALL, _SERVERS | {"ExchangeUsers"}, values=_BETWEEN_SERVERS, ipv4_first=True),
    Preset("Client {server}", 587, _CLIENT, frozenset({"ExchangeUsers"}), values=_SUBMISSION),
)
_EDGE = (
    Preset(
        "Default internal receive connector {server}",
        25,
        frozenset({"Tls", "ExchangeServer"}),
        frozenset({"AnonymousUsers", "ExchangeServers", "Partners"}),
        ipv6=False,
    ),
)


def presets(profile: Profile) -> tuple[Preset, ...]:
    """The connectors that setup makes on a server of this version."""
    if profile.edge:
        return _EDGE
    if profile.version < Version.E2013:
        return _UNTIL_2010
    if profile.version == Version.E2013:
        # the 2013 documentation spells it in its own way
        return tuple(_renamed(preset) for preset in _SINCE_2013)
    return _SINCE_2013


def _renamed(preset: Preset) -> Preset:
    return replace(preset, name=preset.name.replace("Default Frontend", "Default FrontEnd"))


def new_values(profile: Profile, switches: Switches, server: ExchangeServer) -> dict[str, Any]:
    """The values of a new connector before usage and parameters."""
    derived = ("Server", "PermissionGroups")
    values = {each.name: each.default for each in attributes(profile) if each.name not in derived}
    values |= {"Fqdn": server.fqdn, "RemoteIPRanges": RangeList()}
    if switches.new_defaults == "documentation":
        values |= {"MaxHopCount": 30, "MaxLocalHopCount": 8}
    if profile.version == Version.E2007:
        values["MaxInboundConnectionPerSource"] = 100
    if profile.edge:
        values |= {
            "MessageRateLimit": 600,
            "ConnectionTimeout": timedelta(minutes=5),
            "ConnectionInactivityTimeout": timedelta(minutes=1),
        }
    return values


def preset_values(preset: Preset, profile: Profile, server: ExchangeServer) -> dict[str, Any]:
    """All values of a default connector."""
    values = new_values(profile, Switches(), server)
    addresses = ["0.0.0.0", "::"] if preset.ipv4_first else ["::", "0.0.0.0"]
    values |= {
        "AuthMechanism": preset.mechanisms,
        "Bindings": tuple((address, preset.port) for address in addresses if preset.ipv6 or address != "::"),
        "RemoteIPRanges": RangeList((V6_ANY, V4_ANY) if preset.ipv6 else (V4_ANY,)),
    }
    values |= {name: value for name, value in preset.values.items() if name in values}
    if profile.has_roles:
        values["TransportRole"] = preset.role
    return values
