# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay restriction list of IIS as clients for relay_connector, with what of it cannot be carried over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import merge
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._iis import blob, metabase

_ALL = (1 << 32) - 1
_HEX = re.compile(r"[0-9A-Fa-f]*\Z")
_PROPERTIES = ("GrantByDefault", "IPGrant", "IPDeny", "DomainGrant", "DomainDeny", "RelayForAuth", "Name")


@dataclass
class RelayList:
    """One list: only these may relay (``grant``), or all but these (``deny``)."""

    server: str
    form: str = "grant"
    ranges: list[IPRange] = field(default_factory=list)
    lost: list[dict[str, str]] = field(default_factory=list)

    def lose(self, what: str, why: str) -> None:
        """Name something that cannot be carried over."""
        self.lost.append({"what": what, "why": why})

    def described(self) -> dict[str, Any]:
        """Return it as a result."""
        note = f"relay list of {self.server}" if self.server else "relay list of IIS"
        ranges = merge(self.ranges)
        granted = ranges if self.form == "grant" else []
        return {
            "server": self.server,
            "form": self.form,
            "clients": [{"address": str(item), "note": note} for item in granted],
            "denied": [] if self.form == "grant" else [str(item) for item in ranges],
            "not_carried_over": self.lost,
        }


def relay_lists(given: Any) -> list[dict[str, Any]]:
    """Return the lists in a MetaBase.xml, a blob (hexadecimal or bytes), or properties as ADSI names them.

    Each has ``server``, ``form``, ``clients``, ``denied`` and ``not_carried_over``. Raises ValueError for what is none.
    """
    if isinstance(given, Mapping):
        return [_of_properties(given).described()]
    if isinstance(given, str):
        text = given.strip()
        if "<" in text:
            return [_of_server(each).described() for each in metabase.virtual_servers(text)]
        digits = "".join(text.split())
        if not _HEX.match(digits):
            raise ValueError(f"this is neither a MetaBase.xml nor a RelayIpList in hexadecimal digits: {text[:40]!r}")
        return [_of_blob("", digits).described()]
    if isinstance(given, Sequence):
        return [_of_blob("", _bytes(given).hex()).described()]
    raise ValueError("a relay list is a MetaBase.xml, a RelayIpList, or a dictionary with IPGrant or IPDeny")


def _of_server(server: metabase.VirtualServer) -> RelayList:
    digits = server.relay_ip_list
    found = RelayList(server.location) if digits is None else _of_blob(server.location, digits)
    _authenticated(found, server.relay_for_auth)
    return found


def _of_blob(server: str, digits: str) -> RelayList:
    """Read a blob; an empty one, other than none at all, means that all may relay ("All except the list below")."""
    found = RelayList(server)
    if not digits:
        return _everyone(found)
    whose = f"RelayIpList of {server or 'the server'}"
    if not _HEX.match(digits) or len(digits) % 2:
        raise ValueError(f"{whose} is not hexadecimal: {digits[:40]!r}")
    content = blob.parse(bytes.fromhex(digits))
    if content.denied and content.granted:
        raise ValueError(f"{whose} both grants and denies; only one of the two is valid")
    for mask, address in content.denied or content.granted:
        _add(found, address, mask)
    if content.names:
        shown = f", probably {', '.join(content.readable)}" if content.readable else ""
        found.lose(f"{content.names} domain names{shown}", _NAMES)
    if content.denied or not (content.granted or content.names):
        return _everyone(found)
    return found


def _of_properties(given: Mapping[str, Any]) -> RelayList:
    unknown = sorted(set(map(str, given)) - set(_PROPERTIES))
    if unknown:
        raise ValueError(f"{unknown[0]} is none of {', '.join(_PROPERTIES)}")
    found = RelayList(str(given.get("Name") or ""))
    deny = _true(given.get("GrantByDefault"))
    for entry in _listed(given, "IPDeny" if deny else "IPGrant"):
        address, _comma, mask = (part.strip() for part in entry.partition(","))
        try:
            _add(found, int(IPv4Address(address)), int(IPv4Address(mask or "255.255.255.255")))
        except ValueError:
            raise ValueError(f"{entry!r} is no entry of IPGrant or IPDeny, such as 192.0.2.0, 255.255.255.0") from None
    for name in _listed(given, "DomainDeny" if deny else "DomainGrant"):
        found.lose(f"the domain {name}", _NAMES)
    _authenticated(found, given.get("RelayForAuth"))
    return _everyone(found) if deny else found


_NAMES = (
    "A receive connector knows addresses only, no names. Find out which addresses the computers of the domain have, or"
    " whom the log shows, and give those."
)


def _everyone(found: RelayList) -> RelayList:
    found.form = "deny"
    shown = f" but {', '.join(map(str, merge(found.ranges)))}" if found.ranges else ""
    found.lose(
        f"everyone{shown}",
        "The list says who may not relay, so everyone else may: an open relay, of which no list of clients can be made."
        " Count in the log who really uses it.",
    )
    return found


def _add(found: RelayList, address: int, mask: int) -> None:
    size = (_ALL ^ mask) + 1
    written = f"{IPv4Address(address)}/{IPv4Address(mask)}"
    if address == 0 and mask == _ALL:
        return  # what stands in a list in which nobody is
    if size & (size - 1):
        found.lose(written, "The mask has gaps; a remote IP range is addresses in a row.")
    elif mask == 0:
        found.lose(written, "It is every address: an open relay.")
    else:
        first = address & mask
        found.ranges.append(IPRange(4, first, first + size - 1))


def _authenticated(found: RelayList, value: Any) -> None:
    if value is not None and str(value).strip().lower() not in ("", "0", "false"):
        found.lose(
            "RelayForAuth",
            "Whoever logs on may relay whatever the list says. In Exchange that is what the connector Client Frontend,"
            " port 587, is for; no anonymous relay is needed.",
        )


def _listed(given: Mapping[str, Any], name: str) -> list[str]:
    value = given.get(name)
    items = [value] if isinstance(value, str) else list(value or [])
    if not all(isinstance(item, str) for item in items):
        raise ValueError(f"{name} is a list of texts")
    return [item for item in items if item.strip()]


def _true(value: Any) -> bool:
    return value is not None and str(value).strip().lower() not in ("", "0", "false")


def _bytes(given: Sequence[Any]) -> bytes:
    """Return bytes from numbers, as WMI gives them, or from texts such as 24.0.0.128, four bytes each."""
    words = [part for item in given for part in (item.split(".") if isinstance(item, str) else [item])]
    try:
        if any(isinstance(word, bool) for word in words):
            raise ValueError("a truth")
        return bytes(int(word) for word in words)
    except (ValueError, TypeError):
        raise ValueError("a RelayIpList as a list has a number from 0 to 255 for each byte") from None
