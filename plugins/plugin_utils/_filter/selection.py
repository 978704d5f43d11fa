# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connector of a list serves a client, and why none of the others does.

Among those that listen on the address and port, the one with the narrowest range around the client serves it (Receive
connectors, "Remote IP addresses"); between equal ranges, the one that names the address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import SMTP, Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange


@dataclass(frozen=True)
class Candidate:
    """A connector as it is seen from one endpoint by one client; ``binding`` and ``range`` are None where none fits."""

    name: str
    role: str
    enabled: bool
    binding: Binding | None
    range: IPRange | None

    @property
    def serves(self) -> bool:
        """Whether it would serve the client if it were alone."""
        return self.enabled and self.binding is not None and self.range is not None

    @property
    def rank(self) -> tuple[int, bool, str]:
        """The lowest is served first."""
        wildcard = self.binding is None or self.binding.wildcard
        return (self.range.size if self.range else 0), wildcard, self.name.lower()


def connector_for(
    connectors: Any, client: str, address: str = "", port: int = SMTP, server: str = ""
) -> dict[str, Any]:
    """Return the connector's name, "" if none, with the range, the binding, and why; ValueError for what is no list.

    Without ``address`` the client connects to one that no connector names. ``server`` chooses among connectors of
    several servers.
    """
    device, endpoint = IPRange.parse(str(client)), _endpoint(address, port, str(client))
    if device.size != 1:
        raise ValueError(f"client {client} is a range; one address is needed")
    seen = [_candidate(item, device, endpoint) for item in _of(connectors, server)]
    serving = sorted((each for each in seen if each.serves), key=lambda each: each.rank)
    listening = {each.role for each in seen if each.enabled and each.binding is not None}
    chosen = serving[0] if serving else None
    contested = len(listening) > 1
    return {
        "connector": chosen.name if chosen else "",
        "client": str(device),
        "endpoint": str(endpoint),
        "binding": str(chosen.binding) if chosen else "",
        "range": str(chosen.range) if chosen else "",
        "certain": chosen is not None and not contested,
        "why": _why(serving, contested, str(device), str(endpoint)),
        "others": [{"connector": each.name, "why": _why_not(each, chosen)} for each in seen if each is not chosen],
    }


def _of(connectors: Any, server: str) -> list[Mapping[str, Any]]:
    items = connectors.get("connectors") if isinstance(connectors, Mapping) else connectors
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise ValueError("a list of connectors is needed, such as receive_connector_info returns")
    found = list(items)
    if not all(isinstance(item, Mapping) and item.get("name") for item in found):
        raise ValueError("each connector needs a name, bindings and remote_ip_ranges")
    mine = [item for item in found if not server or str(item.get("server", "")).lower() == server.lower()]
    servers = sorted({str(item.get("server") or "") for item in (mine or found)})
    if found and not mine:
        raise ValueError(f"none of the connectors is of server {server}; they are of {', '.join(servers) or 'none'}")
    if len(servers) > 1:
        raise ValueError(f"the connectors are of several servers ({', '.join(servers)}); choose one with server")
    return mine


def _endpoint(address: str, port: int, client: str) -> Binding:
    if not address:
        return Binding("::" if ":" in client else "0.0.0.0", int(port))  # noqa: S104 - compared, not bound
    return Binding.parse(f"[{address.strip('[]')}]:{port}" if ":" in address else f"{address}:{port}")


def _candidate(item: Mapping[str, Any], client: IPRange, endpoint: Binding) -> Candidate:
    try:
        bindings = [Binding.parse(text) for text in _texts(item, "bindings")]
        ranges = [IPRange.parse(text) for text in _texts(item, "remote_ip_ranges")]
    except ValueError as problem:
        raise ValueError(f"connector {item['name']}: {problem}") from None
    fitting = [each for each in bindings if each == endpoint or (each.wildcard and _same(each, endpoint))]
    return Candidate(
        name=str(item["name"]),
        role=str(item.get("transport_role") or ""),
        enabled=str(item.get("enabled")).lower() not in ("false", "no"),
        binding=min(fitting, key=lambda each: each.wildcard, default=None),
        range=min((each for each in ranges if each.covers(client)), key=lambda each: each.size, default=None),
    )


def _texts(item: Mapping[str, Any], name: str) -> list[str]:
    """A list, or a text with commas, spaces or lines between its entries."""
    given = item.get(name) or []
    if isinstance(given, str):
        return given.replace(",", " ").split()
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise ValueError(f"{name} must be a list, not {given!r}")
    return [str(text) for text in given]


def _same(binding: Binding, endpoint: Binding) -> bool:
    return (binding.version, binding.port) == (endpoint.version, endpoint.port)


def _why(serving: Sequence[Candidate], contested: bool, client: str, endpoint: str) -> str:
    if not serving:
        return f"No enabled connector on {endpoint} has a range with {client}, so Exchange closes the connection."
    first = serving[0]
    text = f"{first.name} on {endpoint} has {client} in {first.range}"
    if len(serving) > 1:
        same = serving[1].range is not None and first.range is not None and serving[1].range.size == first.range.size
        text += f", {'as narrow as' if same else 'narrower than'} {serving[1].range} of {serving[1].name}"
        text += ", and names the address" if same and first.rank[:2] != serving[1].rank[:2] else ""
        text += ", which Exchange forbids" if same and first.rank[:2] == serving[1].rank[:2] else ""
    if contested:
        text += ". Connectors of different transport roles share the port, so which service answers is not certain"
    return text + "."


def _why_not(one: Candidate, chosen: Candidate | None) -> str:
    if not one.enabled:
        return "It is disabled."
    if one.binding is None:
        return "It does not listen there."
    if one.range is None:
        return "None of its ranges has the client."
    return (
        f"Its range {one.range} is wider than {chosen.range} of {chosen.name}."
        if chosen and _wider(one, chosen)
        else "Its range is as narrow, but another one comes first."
    )


def _wider(one: Candidate, chosen: Candidate) -> bool:
    return one.range is not None and chosen.range is not None and one.range.size > chosen.range.size
