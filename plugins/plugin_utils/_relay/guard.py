# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Danger that is refused unless a task asks for it by an option that names it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import wider
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

# The widest range that passes without a word: a /24, and for IPv6 a /64.
WIDEST = {4: 1 << 8, 6: 1 << 64}

# What setup creates on a server (Receive connectors, default receive connectors); 2007 and 2010 have the fourth and
# the last but one, an Edge Transport server the last.
_DEFAULTS = (
    "default frontend",
    "client frontend",
    "outbound proxy frontend",
    "default",
    "client proxy",
    "client",
    "default internal receive connector",
)


@dataclass(frozen=True)
class Allowed:
    """The dangers that a task takes on itself, one option each."""

    wide_range: bool = False
    any_range: bool = False
    server_address: bool = False
    default_connector: bool = False
    trust: bool = False


def is_default(connector: str, server: str) -> bool:
    """Whether a connector's name is one that Exchange's setup gives on this server."""
    name, own = connector.strip().lower(), server.strip().lower()
    return any(name == f"{default} {own}" for default in _DEFAULTS)


def check_default(connector: str, server: str, allowed: Allowed) -> None:
    """Refuse a relay right on a connector that other mail needs; ValueError."""
    if is_default(connector, server) and not allowed.default_connector:
        raise ValueError(
            f"{connector} is a connector that Exchange's setup made and that other mail flows through, so a relay "
            "right on it reaches far more than the devices meant. Make a connector of its own for them, or set "
            "allow_default_connector."
        )


def check_dedicated(connector: str, server: str, allowed: Allowed) -> None:
    """Refuse to give a connector that other mail needs over to some clients, or to remove it; ValueError."""
    if is_default(connector, server) and not allowed.default_connector:
        raise ValueError(
            f"{connector} is a connector that Exchange's setup made and that other mail flows through; here it would "
            "serve the clients of the list alone, or go. Make a connector of its own for them, or set "
            "allow_default_connector."
        )


def check_ranges(
    connector: str, ranges: Collection[IPRange], allowed: Allowed, names: Mapping[IPRange, str] | None = None
) -> None:
    """Refuse what is wider than a network segment; ValueError that names the range, and the client if it has a name."""
    for item in wider(ranges):
        if item.single:
            continue
        if item.any:
            if not allowed.any_range:
                raise ValueError(
                    f"{_named(item, names)} on connector {connector} is every address there is, which makes an open "
                    "relay of it. Name the clients that are meant, or set allow_any_range."
                )
        elif item.size > WIDEST[item.version] and not allowed.wide_range:
            limit = "a /24" if item.version == 4 else "a /64"
            raise ValueError(
                f"{_named(item, names)} on connector {connector} is wider than {limit}. Name the clients more closely, "
                "or set allow_wide_range."
            )


def check_server_addresses(
    connector: str,
    ranges: Collection[IPRange],
    addresses: Mapping[str, str],
    allowed: Allowed,
    names: Mapping[IPRange, str] | None = None,
) -> None:
    """Refuse a range that holds an Exchange server: ``addresses`` maps an address to its server's name; ValueError.

    Mail between the servers would arrive at the relay connector and fail with ``5.7.3 Cannot achieve Exchange Server
    authentication`` (NDR codes, 5.7.3).
    """
    if allowed.server_address:
        return
    own = {IPRange.parse(address): server for address, server in addresses.items()}
    for item in wider(ranges) if frozenset(own).isdisjoint(ranges) else ranges:
        if item.any or (item.single and item not in own):
            continue
        inside = next((one for one in own if item.covers(one)), None)
        if inside is not None:
            raise ValueError(
                f"{_named(item, names)} on connector {connector} holds {inside}, an address of the Exchange server "
                f"{own[inside]}, whose own mail would be taken by this connector and fail. Leave that address out, "
                "or set allow_server_address."
            )


def _named(item: IPRange, names: Mapping[IPRange, str] | None) -> str:
    name = (names or {}).get(item)
    return f"{name} ({item})" if name else str(item)


def check_trust(connector: str, allowed: Allowed) -> None:
    """Refuse ExternalAuthoritative to who has not said that they know what it does; ValueError."""
    if not allowed.trust:
        raise ValueError(
            f"connector {connector} is to trust its clients like Exchange servers (mode externally_secured): no "
            "anti-spam, no size limit, any sender taken for a colleague. Use mode anonymous, or set acknowledge_trust."
        )
