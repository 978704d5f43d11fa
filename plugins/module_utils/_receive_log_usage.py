# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the receive log says about each client of each connector. Private to the relayops.exchange collection.

Memory is bounded by how many clients, names and days are kept, not by how much is read.
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from ansible_collections.relayops.exchange.plugins.module_utils._receive_log_line import (
    address_of,
    connector_of,
    text_of,
)

MOST_NAMES = 20
MOST_REPLIES = 50
MOST_DAYS = 1000
MOST_CONNECTORS = 1000
OTHERS = ""


class Names:
    """Counts texts; those beyond the first so many are counted together."""

    __slots__ = ("counts", "others")

    def __init__(self) -> None:
        """Begin with none."""
        self.counts: Dict[Any, int] = {}
        self.others = 0

    def add(self, name: Any, most: int = MOST_NAMES, number: int = 1) -> None:
        """Count one, or so many of it."""
        if name in self.counts:
            self.counts[name] += number
        elif len(self.counts) < most:
            self.counts[name] = number
        else:
            self.others += number


class Usage:
    """One client of one connector; times are the log's own texts, UTC."""

    __slots__ = (
        "authenticated",
        "client",
        "connector",
        "first",
        "helo_names",
        "inside",
        "last",
        "messages",
        "outside",
        "proxied",
        "refusals",
        "refused_outside",
        "sender_domains",
        "sessions",
        "tls",
    )

    def __init__(self, connector: Connector, client: str, stamp: bytes) -> None:
        """Begin at a client's first session."""
        self.connector, self.client = connector, client
        self.first = self.last = stamp
        self.sessions = self.messages = self.inside = self.outside = 0
        self.refused_outside = self.authenticated = self.proxied = 0
        self.helo_names, self.sender_domains, self.refusals = Names(), Names(), Names()
        self.tls: Dict[str, int] = {}

    def described(self) -> Dict[str, Any]:
        """Return it as a result."""
        return {
            "server": self.connector.server,
            "connector": self.connector.name,
            "client": self.client,
            "sessions": self.sessions,
            "messages": self.messages,
            "recipients_inside": self.inside,
            "recipients_outside": self.outside,
            "refused_outside": self.refused_outside,
            "refusals": _counts(self.refusals),
            "tls": dict(sorted(self.tls.items())),
            "authenticated": self.authenticated,
            "proxied": self.proxied,
            "helo_names": _counts(self.helo_names),
            "sender_domains": _counts(self.sender_domains),
            "first_seen": self.first.decode(),
            "last_seen": self.last.decode(),
        }


class Connector:
    """One connector, with the sessions that ended on each day and their messages, for a chart."""

    __slots__ = ("days", "name", "server")

    def __init__(self, server: str, name: str) -> None:
        """Begin without days."""
        self.server, self.name = server, name
        self.days: Dict[bytes, List[int]] = {}

    def count(self, stamp: bytes, sessions: int, messages: int) -> None:
        """Count on a day."""
        day = stamp[:10]
        if day not in self.days and len(self.days) >= MOST_DAYS:
            del self.days[min(self.days)]
        counts = self.days.setdefault(day, [0, 0])
        counts[0] += sessions
        counts[1] += messages

    def described(self, clients: int) -> Dict[str, Any]:
        """Return it as a result."""
        days = [
            {"day": day.decode(), "sessions": counts[0], "messages": counts[1]}
            for day, counts in sorted(self.days.items())
        ]
        return {"server": self.server, "connector": self.name, "clients": clients, "days": days}


class Ledger:
    """All that has been counted, by connector and client."""

    def __init__(self, most_clients: int) -> None:
        """Keep at most so many rows; further clients of a connector share one."""
        self.most_clients = most_clients
        self.usages: Dict[Tuple[Connector, str], Usage] = {}
        self.connectors: Dict[Tuple[str, str], Connector] = {}
        self.replies: Dict[str, str] = {}
        self.overflowed = 0
        self.known: Dict[Tuple[bytes, bytes], Usage] = {}
        self._identified: Dict[bytes, Connector] = {}

    def usage(self, identifier: bytes, address: bytes, stamp: bytes) -> Usage:
        """Return the row of a connector-id and an address, which ``known`` has afterwards."""
        if len(self.known) > 2 * self.most_clients:
            self.known.clear()
        usage = self._row(self._connector(identifier), address_of(address), stamp)
        self.known[identifier, address] = usage
        return usage

    def _row(self, connector: Connector, client: str, stamp: bytes) -> Usage:
        if (connector, client) not in self.usages and len(self.usages) >= self.most_clients:
            self.overflowed += 1
            client = OTHERS
        key = connector, client
        if key not in self.usages:
            self.usages[key] = Usage(connector, client, stamp)
        return self.usages[key]

    def _connector(self, identifier: bytes) -> Connector:
        if identifier not in self._identified:
            if len(self._identified) > MOST_CONNECTORS:
                self._identified.clear()
            server, name = connector_of(identifier) if len(self.connectors) < MOST_CONNECTORS else ("", OTHERS)
            key = server.lower(), name.lower()
            self._identified[identifier] = self.connectors.setdefault(key, Connector(server, name))
        return self._identified[identifier]

    def remember(self, reply: str, text: str) -> None:
        """Keep the words of a refusal once."""
        if reply not in self.replies and len(self.replies) < 10 * MOST_REPLIES:
            self.replies[reply] = text

    def described(self) -> Dict[str, Any]:
        """Return connectors and rows as a result, busiest first."""
        rows = sorted(self.usages.values(), key=lambda row: (-row.messages, -row.sessions, row.client))
        clients: Dict[Connector, int] = {}
        for row in rows:
            clients[row.connector] = clients.get(row.connector, 0) + 1
        seen = sorted(self.connectors.values(), key=lambda one: (one.server.lower(), one.name.lower()))
        return {
            "usage": [row.described() for row in rows],
            "connectors": [one.described(clients.get(one, 0)) for one in seen],
            "replies": dict(sorted(self.replies.items())),
        }


def _counts(names: Names) -> Dict[str, int]:
    """Return counts by text, most frequent first; ``…`` holds those that were not kept apart."""
    counts: Dict[str, int] = {}
    for name, count in names.counts.items():
        text = text_of(name) if isinstance(name, bytes) else str(name)
        counts[text] = counts.get(text, 0) + count
    ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return {**ordered, "…": names.others} if names.others else ordered
