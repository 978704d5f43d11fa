# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of a relay connector: their addresses, whose they are, and until when they may relay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import disjoint
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.exposure import FIRST_NOBODY

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
        return vars(_Described(self, "expired" if self.expired(today) else "active"))


class _Described:
    """Gives its dictionary away: those of one class share their keys (PEP 412), so that half a million take half."""

    def __init__(self, client: Client, state: str) -> None:
        self.name: Plain = client.name
        self.address: Plain = str(client.address)
        self.owner: Plain = client.owner
        self.note: Plain = client.note
        self.expires: Plain = client.expires.isoformat() if client.expires else ""
        self.state: Plain = state


@dataclass(frozen=True)
class Clients:
    """The clients of one connector in the order of the list; ``told`` has by position those that are not an address
    alone, which of half a million are few."""

    addresses: tuple[IPRange, ...]
    told: Mapping[int, Client]

    def __iter__(self) -> Iterator[Client]:
        """Every client of the list."""
        return (self.told.get(number) or Client(address) for number, address in enumerate(self.addresses))

    def expired(self, today: date) -> list[Client]:
        """Those whose last day is over."""
        return [client for client in self.told.values() if client.expired(today)]

    def unexpired(self, today: date) -> Sequence[IPRange]:
        """The addresses of those whose last day is not over."""
        over = {number for number, client in self.told.items() if client.expired(today)}
        if not over:
            return self.addresses
        return [address for number, address in enumerate(self.addresses) if number not in over]

    def active(self, today: date) -> Sequence[IPRange]:
        """The addresses that may use the connector today; ValueError where any two clients share an address.

        An expired client that lies inside another's range would go on using the connector, so those count too.
        """
        if not disjoint(self.addresses):
            _refuse_shared(list(self))
        return self.unexpired(today)


def parse(listed: Plain) -> Clients:
    """Read plain ranges and entries; ValueError names the entry and what is wrong with it."""
    items = [item for item in (listed if isinstance(listed, list) else [listed]) if item is not None]
    told = {number: _client(item) for number, item in enumerate(items) if isinstance(item, dict)}
    addresses = (told[number].address if number in told else _address(item) for number, item in enumerate(items))
    return Clients(tuple(addresses), told)


def _client(item: Mapping[str, Plain]) -> Client:
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


def _address(value: Plain, of: str = "") -> IPRange:
    """Read an address or range; ``of`` is how an error begins that does not name it."""
    if not isinstance(value, str):
        raise ValueError(
            f"{of or f'clients: {value}'}: an address or range is a text, such as 192.0.2.10, 192.0.2.0/28 or "
            "192.0.2.1-192.0.2.9"
        )
    try:
        address = IPRange.parse(value)
    except ValueError as problem:
        raise ValueError(f"clients: {problem}" if value in (of or value) else f"{of}: {problem}") from None
    if address >= FIRST_NOBODY and address.version == FIRST_NOBODY.version:
        raise ValueError(
            f"{of or f'clients: {value}'}: {address} is reserved, and nothing can send from it. Correct it"
        )
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
