# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is different from an earlier report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.capability import WORDS
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.coverage import Coverage
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

_NOTHING: Mapping[str, Any] = {"ranges": [], "may": {}}


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Plain]:
    """Compare two results of an audit, as far as both go.

    Findings are the same if rule, subject and message are; access rows if server, connector and endpoints are.
    ``servers_new`` are those that the first does not know, of which nothing can be said.
    """
    known, servers = ({each["name"] for each in result["servers"]} for result in (before, now))
    both = (known & servers) | {""}
    old, new = (
        {_finding(each): each for each in result["findings"] if each["server"] in both} for result in (before, now)
    )
    return {
        "since": str(before.get("generated", "")),
        "servers_new": list[Plain](sorted(servers - known)),
        "findings_new": [_short(new[key]) for key in new if key not in old],
        "findings_gone": [_short(old[key]) for key in old if key not in new],
        "access": _access(before["access"], now["access"], both),
    }


def _finding(finding: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return finding["rule"], finding["server"], finding["connector"], finding["message"]


def _short(finding: Mapping[str, Any]) -> Plain:
    return {name: finding[name] for name in ("rule", "title", "severity", "server", "connector", "message")}


def _access(before: Iterable[Any], now: Iterable[Any], servers: set[str]) -> list[Plain]:
    old = {_row(row): row for row in before if row["server"] in servers}
    new = {_row(row): row for row in now if row["server"] in servers}
    found: list[Plain] = []
    for key in sorted({*old, *new}):
        one, other = old.get(key), new.get(key)
        gained, lost = (
            _beyond(one or _NOTHING, other or _NOTHING),
            _beyond(before=other or _NOTHING, now=one or _NOTHING),
        )
        if gained or lost:
            what = "added" if one is None else "removed" if other is None else "changed"
            found.append({"what": what, **_where(other or one or {}), "gained": gained, "lost": lost})
    return found


def _row(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["server"], row["connector"], " ".join(row["endpoints"])


def _where(row: Mapping[str, Any]) -> dict[str, Plain]:
    return {name: row[name] for name in ("server", "connector", "endpoints")}


def _beyond(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Plain]:
    """Return what the second has beyond the first: ranges, and capabilities with who holds them."""
    gone, there = (Coverage.of(map(IPRange.parse, row["ranges"])) for row in (before, now))
    ranges = [str(item) for item in there.minus(gone).ranges()]
    held = {(who, name) for who, may in before["may"].items() for name in may}
    rights = [
        f"{who}: {WORDS.get(name, name)}" for who, may in now["may"].items() for name in may if (who, name) not in held
    ]
    return [*ranges, *rights]
