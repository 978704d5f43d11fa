# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Use and registration together: who is silent, who is not known, and who needs less than it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage import chart
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.known import (
    Known,
    Registered,
    Registry,
    exchange_servers,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.usage import (
    Key,
    Usage,
    days,
    key_of,
    sort_key,
    usages,
)

_STAMP = "%Y-%m-%dT%H:%M:%S.000Z"


def joined(
    results: Sequence[Mapping[str, Any]],
    audits: Sequence[Mapping[str, Any]],
    connectors: Sequence[Mapping[str, Any]],
    silent_days: int,
    now: datetime,
) -> dict[str, Any]:
    """Join results of smtp_receive_log with those of relay_audit and with connectors of receive_connector_info.

    Raises ValueError for what is none of these. Times are texts as in the log, UTC.
    """
    if silent_days < 1:
        raise ValueError(f"silent_days must be at least 1, not {silent_days}")
    used = usages(results)
    served = _registered(audits)
    known = Known(Registry(served), _relaying(audits), exchange_servers(used))
    levels = {key_of({**each, "connector": each["name"]}): _level(each) for each in connectors}
    silent, unobserved = _silent(
        served, _seen(used, known), f"{now - timedelta(days=silent_days):{_STAMP}}", known, levels
    )
    first = min((one.first_seen for one in used), default="")
    report = {
        "generated": f"{now:{_STAMP}}",
        "first_seen": first,
        "last_seen": max((one.last_seen for one in used), default=""),
        "silent_days": silent_days,
        "usage": [one.described() for one in used],
        "exchange_servers": sorted(known.servers, key=sort_key),
        "connectors": _connectors(used, results, connectors, known, levels),
        "silent": silent,
        "unobserved": unobserved,
        "observed_days": _days_since(first, now),
    }
    clients = [one for one in used if one.client not in known.servers]
    for name, chosen in _CHOICES.items():
        report[name] = [_shown(one, known.registry) for one in clients if chosen(one, known)]
    return {**report, "proposal": _proposal(used, known)}


def _registered(audits: Iterable[Mapping[str, Any]]) -> dict[Registered, set[Key]]:
    """The registered clients, each with the connectors that serve it."""
    found: dict[Registered, set[Key]] = {}
    for row in (row for audit in audits for row in audit.get("clients", ())):
        name, owner, expires, note = (str(row.get(key) or "") for key in ("name", "owner", "expires", "note"))
        client = Registered(IPRange.parse(str(row["address"])), name, owner, expires, note)
        found.setdefault(client, set()).add(key_of(row))
    return found


def _level(connector: Mapping[str, Any]) -> str:
    return str(connector.get("protocol_logging_level") or "").lower()


def _relaying(audits: Sequence[Mapping[str, Any]]) -> frozenset[Key] | None:
    """The connectors through which clients that prove nothing may relay; None without an audit."""
    rows = (row for audit in audits for row in audit.get("access", ()))
    return frozenset(key_of(row) for row in rows if "relay" in row["may"].get("anyone", ())) if audits else None


def _seen(used: Iterable[Usage], known: Known) -> dict[Registered, str]:
    """When each registered client was last seen.

    A server in a range is no sign of the others there; who registers one alone means a program that runs on it.
    """
    found: dict[Registered, str] = {}
    for one in used:
        client = known.registry.of(one.client)
        if client is not None and (one.client not in known.servers or client.address.size == 1):
            found[client] = max(found.get(client, ""), one.last_seen)
    return found


def _silent(
    served: Mapping[Registered, set[Key]],
    seen: Mapping[Registered, str],
    before: str,
    known: Known,
    levels: Mapping[Key, str],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The registered clients not seen since, and of them apart those that may have been where nothing is logged.

    A connector through which they may relay has to log, each of them; where there is none, one that serves them.
    """
    silent: list[dict[str, Any]] = []
    unobserved: list[dict[str, Any]] = []
    for client in known.registry.clients:
        last = seen.get(client, "")
        if last < before:
            logging = {key for key in served[client] if levels.get(key, "verbose") == "verbose"}
            relayed = served[client] & (known.relaying or frozenset())
            logs = relayed <= logging if relayed else bool(logging)
            (silent if logs else unobserved).append({**client.described(), "last_seen": last})
    return silent, unobserved


def _unregistered(one: Usage, known: Known) -> bool:
    return known.relays(one) and known.registry.of(one.client) is None


def _inside_only(one: Usage, known: Known) -> bool:
    return bool(one.sums["messages"]) and one.key in (known.relaying or ()) and not one.writes_outside


def _could_use_tls(one: Usage, known: Known) -> bool:
    """It has used TLS, and not always."""
    return 0 < sum(one.counts["tls"].values()) < one.sums["sessions"]


def _could_authenticate(one: Usage, known: Known) -> bool:
    """It has logged on, and not always."""
    return 0 < one.sums["authenticated"] < one.sums["sessions"]


_CHOICES = {
    "unregistered": _unregistered,
    "inside_only": _inside_only,
    "could_use_tls": _could_use_tls,
    "could_authenticate": _could_authenticate,
}


def _shown(one: Usage, registry: Registry) -> dict[str, Any]:
    client = registry.of(one.client)
    row = one.described()
    names = ("server", "connector", "client", "sessions", "messages", "recipients_outside", "first_seen", "last_seen")
    return {
        **{name: row[name] for name in names},
        "name": client.name if client else "",
        "owner": client.owner if client else "",
        "helo_names": list(one.counts["helo_names"])[:3],
    }


def _connectors(
    used: Sequence[Usage],
    results: Sequence[Mapping[str, Any]],
    connectors: Sequence[Mapping[str, Any]],
    known: Known,
    levels: Mapping[Key, str],
) -> list[dict[str, Any]]:
    by_day = days(results)
    names = {key_of(each): (str(each["server"]), str(each["connector"])) for r in results for each in r["connectors"]}
    for each in connectors:
        names[key_of({**each, "connector": each["name"]})] = str(each["server"]), str(each["name"])
    rows: dict[Key, list[Usage]] = {}
    for one in used:
        rows.setdefault(one.key, []).append(one)
    return [
        {
            "server": names[key][0],
            "connector": names[key][1],
            "relays": key in (known.relaying or ()),
            "clients": sum(bool(one.client) and one.client not in known.servers for one in rows.get(key, [])),
            **_use(rows.get(key, []), by_day.get(key, {}), levels.get(key, "verbose" if key in rows else "")),
        }
        for key in sorted(names)
    ]


def _use(rows: Sequence[Usage], by_day: Mapping[str, list[int]], level: str) -> dict[str, Any]:
    logs = level == "verbose"
    return {
        "logs": logs,
        "state": "used" if rows else "unused" if logs else "unknown",
        **{name: sum(one.sums[name] for one in rows) for name in ("sessions", "messages", "recipients_outside")},
        "last_seen": max((one.last_seen for one in rows), default=""),
        "days": [{"day": day, "sessions": both[0], "messages": both[1]} for day, both in sorted(by_day.items())],
        "chart": chart.points({day: both[0] for day, both in by_day.items()}),
    }


def _proposal(used: Iterable[Usage], known: Known) -> list[dict[str, Any]]:
    """For each connector through which mail was relayed, exactly the clients that have sent mail through it."""
    found: dict[Key, dict[str, Any]] = {}
    for one in used:
        if known.relays(one):
            of = found.setdefault(one.key, {"server": one.server, "connector": one.connector, "clients": []})
            of["clients"].append(_client(one, known.registry.of(one.client)))
    return list(found.values())


def _client(one: Usage, registered: Registered | None) -> dict[str, str]:
    outside = one.sums["recipients_outside"]
    said = f"seen {one.first_seen[:10]} to {one.last_seen[:10]}, {one.sums['messages']} messages, {outside} outside"
    named = registered.described() if registered else {}
    kept: dict[str, str] = {key: str(named[key]) for key in ("name", "owner", "expires") if key in named}
    helo = next(iter(one.counts["helo_names"]), "")
    # the date stays, since its owner chose it; a list with it lets this client in no more
    late = "" if not kept.get("expires") or one.last_seen[:10] <= kept["expires"] else ", after it had expired"
    return {"address": one.client, **kept, "note": said + (f", as {helo}" if helo else "") + late}


def _days_since(first: str, now: datetime) -> int:
    if not first:
        return 0
    return (now.date() - datetime.strptime(first[:10], "%Y-%m-%d").date()).days + 1
