# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known besides use: who is registered, what anyone may do, and which addresses are Exchange servers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.usage import Key, Usage

# a server that speaks with itself, as its own monitoring does
_ITSELF = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Registered:
    """A client that somebody answers for."""

    address: IPRange
    name: str
    owner: str
    expires: str
    note: str

    def described(self) -> dict[str, Any]:
        """Return it as an entry of a list of clients."""
        given = {"name": self.name, "owner": self.owner, "expires": self.expires, "note": self.note}
        return {"address": str(self.address), **{key: value for key, value in given.items() if value}}


class Registry:
    """Finds the registered client that an address belongs to, the narrowest where there are several."""

    def __init__(self, clients: Iterable[Registered]) -> None:
        """Sort them once, however many addresses are asked for."""
        self.clients = sorted(set(clients), key=lambda one: (one.address.version, one.address.first, one.address.last))
        self._firsts = [(one.address.version, one.address.first) for one in self.clients]
        self._widest = max((one.address.size for one in self.clients), default=0)

    def of(self, address: str) -> Registered | None:
        """Return the client of an address."""
        try:
            item = IPRange.parse(address)
        except ValueError:
            return None
        found = None
        for place in range(bisect_right(self._firsts, (item.version, item.first)) - 1, -1, -1):
            client = self.clients[place]
            if client.address.version != item.version or item.first - client.address.first >= self._widest:
                break
            if client.address.covers(item) and (found is None or client.address.size < found.address.size):
                found = client
        return found


@dataclass(frozen=True)
class Known:
    """What is known besides use: who is registered, the connectors through which clients that prove nothing may relay,
    and the addresses that speak for others, which are those of Exchange servers.

    ``relaying`` is None where nothing is known of rights.
    """

    registry: Registry
    relaying: frozenset[Key] | None
    servers: frozenset[str]

    def relays(self, one: Usage) -> bool:
        """Whether a client uses the right that anyone has to relay through a connector, or may need it.

        Who has logged on relays by a right of its own, and a front end has its clients in its own log.
        """
        if not one.client or one.client in self.servers or not one.writes:
            return False
        if self.relaying is None:
            return bool(one.sums["recipients_outside"]) and one.sums["authenticated"] < one.sums["sessions"]
        return one.key in self.relaying or bool(one.sums["recipients_outside"] and not one.sums["authenticated"])


def exchange_servers(used: Iterable[Usage]) -> frozenset[str]:
    """The clients taken to speak for others, as front ends are by transport services, and the server itself."""
    return frozenset(one.client for one in used if one.client and (one.sums["proxied"] or one.client in _ITSELF))
