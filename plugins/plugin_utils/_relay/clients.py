# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of a relay connector: their addresses, whose they are, and until when they may relay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import disjoint
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.exposure import NOBODY

_KEYS = ("name", "address", "owner", "note", "expires")


@dataclass(frozen=True, slots=True)
class Client:
    """One device or group of devices; ``expires`` is the last day on which it may use the connector."""

    address: IPRange
    name: str = ""
    owner: str = ""
    note: str = ""
    expires: date | None = None

    def __str__(self) -> str:
        """Name it for a reader: ``copier (192.0.2.10)``."""
        return f"{self.name} ({self.address})" if self.name else str(self.address)

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.expires is not None and self.expires < today

    def described(self, today: date) -> dict[str, Plain]:
        """The client for a result, with its state."""
        return {
            "name": self.name,
            "address": str(self.address),
            "owner": self.owner,
            "note": self.note,
            "expires": self.expires.isoformat() if self.expires else "",
            "state": "expired" if self.expired(today) else "active",
        }


def parse(listed: Plain) -> list[Client]:
    """Read plain ranges and entries; ValueError names the entry and what is wrong with it."""
    items = listed if isinstance(listed, list) else [listed]
    return [_client(item) for item in items if item is not None]


def active(clients: Sequence[Client], today: date) -> list[Client]:
    """Those that may use the connector today; ValueError where any two share an address.

    An expired client that lies inside another's range would go on using the connector, so those count too.
    """
    _refuse_shared(clients)
    return unexpired(clients, today)


def unexpired(clients: Iterable[Client], today: date) -> list[Client]:
    """Those whose last day is not over."""
    return [client for client in clients if not client.expired(today)]


def _client(item: Plain) -> Client:
    if not isinstance(item, dict):
        return Client(_address(item, f"clients: {item}"))
    where = f"clients: {item.get('name') or item.get('address') or item}"
    unknown = sorted(set(item) - set(_KEYS))
    if unknown:
        raise ValueError(f"{where}: {unknown[0]} is none of {', '.join(_KEYS)}")
    if item.get("address") is None:
        raise ValueError(f"{where}: address is missing")
    name, owner, note, expires = (_text(item, key, where) for key in ("name", "owner", "note", "expires"))
    return Client(_address(item["address"], where), name, owner, note, _date(expires, where))


def _text(item: Mapping[str, Plain], key: str, where: str) -> str:
    value = item.get(key)
    if isinstance(value, (dict, list)):
        raise ValueError(f"{where}: {key} is a text, not a list or a dictionary")
    return "" if value is None else str(value).strip()


def _address(value: Plain, where: str) -> IPRange:
    if not isinstance(value, str):
        raise ValueError(
            f"{where}: an address or range is a text, such as 192.0.2.10, 192.0.2.0/28 or 192.0.2.1-192.0.2.9"
        )
    try:
        address = IPRange.parse(value)
    except ValueError as problem:
        raise ValueError(f"{where}: {problem}" if str(value) not in where else f"clients: {problem}") from None
    if address.version == NOBODY.version and address.first >= NOBODY.first:
        raise ValueError(f"{where}: {address} is reserved, and nothing can send from it. Correct it")
    return address


def _date(text: str, where: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise ValueError(f"{where}: expires {text!r} is not a date; write it as 2027-03-31") from None


def _refuse_shared(clients: Sequence[Client]) -> None:
    """Sorted by first address and widest first, whoever shares addresses with anybody shares them with the one that
    reaches furthest so far."""
    if disjoint(client.address for client in clients):
        return
    ordered = sorted(
        clients, key=lambda one: (one.address.version, one.address.scope, one.address.first, -one.address.last)
    )
    furthest: Client | None = None
    for client in ordered:
        if furthest is not None and furthest.address.overlaps(client.address):
            if furthest.address == client.address:
                raise ValueError(f"clients: {furthest} and {client} have the same address. Leave one of them out")
            how = "lies inside" if furthest.address.covers(client.address) else "shares addresses with"
            raise ValueError(f"clients: {client} {how} {furthest}. Leave one of them out, or make the ranges disjoint")
        if (
            furthest is None
            or not furthest.address.overlaps(client.address)
            or client.address.last > furthest.address.last
        ):
            furthest = client
