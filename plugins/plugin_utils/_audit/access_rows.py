# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to "who may do what": one row for each connector and set of endpoints, one for each registered client."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.capability import (
    ANYONE,
    WORDS,
    Capabilities,
    in_words,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Estate, RegisteredClient
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.partition import Cell, Point
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.view import ServerView
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain

_MOST_NAMES = 20


def rows(servers: Sequence[ServerView], most_ranges: int) -> list[dict[str, Plain]]:
    """Return a row for each cell; together the rows of an endpoint are a partition of the address space."""
    found = [
        _row(view, point, cell, served, most_ranges)
        for view in servers
        for point, served in view.served
        for cell in served
    ]
    return sorted(found, key=lambda row: (str(row["server"]), *_weight(row), str(row["connector"]).lower()))


def _weight(row: dict[str, Plain]) -> tuple[int, int]:
    """What anyone may do weighs first, then how many they are."""
    may = row["may"]
    anyone = may.get(ANYONE) if isinstance(may, dict) else None
    allowed = 2 * ("relay" in anyone) + bool(anyone) if isinstance(anyone, dict) else 0
    return -allowed, -int(str(row["addresses"]))


def _row(view: ServerView, point: Point, cell: Cell, served: Sequence[Cell], most: int) -> dict[str, Plain]:
    connector = cell.connector
    exact = sum(map(len, cell.pieces.values())) <= most
    ranges = cell.ranges() if exact else view.extents[connector].all.ranges(most)
    others = sorted({each.connector.name for each in served if each is not cell}, key=str.lower)
    return {
        "server": view.server.name,
        "connector": connector.name,
        "role": connector.role,
        "endpoints": [str(endpoint) for endpoint in cell.endpoints],
        "ranges": [str(item) for item in ranges],
        "exact": exact,
        "less_those_of": [] if exact else list[Plain](others[:_MOST_NAMES]),
        "addresses": str(cell.size),
        "contested": point.contested,
        "authentication": list[Plain](sorted(connector.auth)),
        "permission_groups": list[Plain](connector.groups),
        "may": {who: _grants(may) for who, may in view.access[connector].items()},
        "words": {who: list[Plain](in_words(may)) for who, may in view.access[connector].items()},
    }


def _grants(capabilities: Capabilities) -> dict[str, Plain]:
    return {name: str(capabilities[name]) for name in WORDS if name in capabilities}


def client_rows(estate: Estate, servers: Sequence[ServerView]) -> list[dict[str, Plain]]:
    """Return what each registered client really gets: a row for each connector that serves it, with the endpoints.

    A client that belongs to a connector is looked at where that one listens, any other everywhere. Connectors that let
    it do nothing are left out where another one lets it do something.
    """
    found: dict[tuple[int, int, str], dict[str, Plain]] = {}
    for place, view in enumerate(servers):
        for point, served in view.served:
            names = {"", *(listener.connector.name.lower() for listener in point.listeners)}
            endpoints = [str(endpoint) for endpoint in point.endpoints]
            for number, client in enumerate(estate.clients):
                wanted = client.connector.rpartition("\\")[2].lower() in names
                cell = view.serving_at(point, served, client.address) if wanted else None
                if cell is not None:
                    row = found.setdefault((number, place, cell.connector.name), _client(client, view, cell))
                    row["endpoints"] = [*row["endpoints"], *endpoints]  # type: ignore[misc]
    able = {key[:2] for key, row in found.items() if row["may"]}
    shown = {key[:2]: key for key in reversed(found) if key[:2] not in able}
    return [found[key] for key in sorted(found, key=lambda key: key[:2]) if found[key]["may"] or key in shown.values()]


def _client(client: RegisteredClient, view: ServerView, cell: Cell) -> dict[str, Plain]:
    return {
        "name": client.name,
        "address": str(client.address),
        "owner": client.owner,
        "note": client.note,
        "expires": str(client.expires or ""),
        "server": view.server.name,
        "endpoints": [],
        "connector": cell.connector.name,
        "may": list[Plain](in_words(view.access[cell.connector].get(ANYONE, {}))),
    }
