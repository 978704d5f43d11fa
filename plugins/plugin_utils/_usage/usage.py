# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What receive logs say about use, from the results of smtp_receive_log of one or many servers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

# what is added up where a client was seen in several results
_SUMS = (
    "sessions",
    "messages",
    "recipients_inside",
    "recipients_outside",
    "refused_outside",
    "authenticated",
    "proxied",
)
_TEXTS = ("server", "connector", "client", "first_seen", "last_seen")
_COUNTS = ("refusals", "tls", "helo_names", "sender_domains")
Key = tuple[str, str]


def key_of(row: Mapping[str, Any]) -> Key:
    """The connector of a row: server and name, without case."""
    return str(row.get("server", "")).lower(), str(row.get("connector", "")).lower()


@dataclass
class Usage:
    """One client of one connector, whatever logs it was in."""

    server: str
    connector: str
    client: str
    first_seen: str
    last_seen: str
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SUMS, 0))
    counts: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in _COUNTS})

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row of a result."""
        self.first_seen = min(self.first_seen, str(row["first_seen"]))
        self.last_seen = max(self.last_seen, str(row["last_seen"]))
        for name in _SUMS:
            self.sums[name] += int(row.get(name, 0))
        for name in _COUNTS:
            for text, number in (row.get(name) or {}).items():
                self.counts[name][text] = self.counts[name].get(text, 0) + int(number)

    @property
    def key(self) -> Key:
        """Its connector."""
        return self.server.lower(), self.connector.lower()

    @property
    def writes(self) -> bool:
        """Whether it has sent mail, or wanted to send some outside."""
        return bool(self.sums["messages"] or self.sums["recipients_outside"] or self.sums["refused_outside"])

    @property
    def writes_outside(self) -> bool:
        """Whether it has used a right to relay, or has missed one."""
        return bool(self.sums["recipients_outside"] or self.sums["refused_outside"])

    def described(self) -> dict[str, Any]:
        """Return it as a result."""
        shown = {name: getattr(self, name) for name in ("server", "connector", "client")}
        return {**shown, **self.sums, **self.counts, "first_seen": self.first_seen, "last_seen": self.last_seen}


def usages(results: Sequence[Mapping[str, Any]]) -> list[Usage]:
    """Join the rows of results; raises ValueError for what is no result of smtp_receive_log."""
    found: dict[tuple[Key, str], Usage] = {}
    for result in results:
        if not isinstance(result, Mapping) or not isinstance(result.get("usage"), list):
            raise ValueError("a list of results of smtp_receive_log is needed")
        for row in result["usage"]:
            at = key_of(row), str(row["client"])
            if at not in found:
                server, connector, client, first, last = (str(row[name]) for name in _TEXTS)
                found[at] = Usage(server, connector, client, first, last)
            found[at].add(row)
    return sorted(found.values(), key=lambda one: (*one.key, sort_key(one.client)))


def sort_key(address: str) -> tuple[int, int]:
    """Order addresses as numbers."""
    try:
        item = IPRange.parse(address)
    except ValueError:
        return 0, 0
    return item.version, item.first


def days(results: Iterable[Mapping[str, Any]]) -> dict[Key, dict[str, list[int]]]:
    """Return sessions and messages by connector and day."""
    found: dict[Key, dict[str, list[int]]] = {}
    for connector in (each for result in results for each in result.get("connectors", ())):
        of_connector = found.setdefault(key_of(connector), {})
        for each in connector.get("days", ()):
            counts = of_connector.setdefault(str(each["day"]), [0, 0])
            counts[0] += int(each["sessions"])
            counts[1] += int(each["messages"])
    return found
