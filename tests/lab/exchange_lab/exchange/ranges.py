# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges of remote addresses in every text form that New-ReceiveConnector, RemoteIPRanges, documents."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from exchange_lab.switches import Switches

_NETMASK = re.compile(r"(?P<address>[^()]+)\((?P<mask>[^()]+)\)")
_BITS = {4: 32, 6: 128}


class _Address(NamedTuple):
    version: int
    number: int
    scope: str


@dataclass(frozen=True)
class IPRange:
    """Addresses from ``first`` to ``last``; ``expression`` is the text that Exchange shows for it.

    ``kind`` is single, netmask, cidr or lohi. Equality is by addresses, not by text.
    """

    version: int
    first: int
    last: int
    scope: str = ""
    expression: str = ""
    kind: str = "lohi"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IPRange) and self.bounds == other.bounds

    def __hash__(self) -> int:
        return hash(self.bounds)

    def __str__(self) -> str:
        return self.expression

    @property
    def bounds(self) -> tuple[int, int, int, str]:
        """Version, first and last address, scope: what a range is apart from its text."""
        return self.version, self.first, self.last, self.scope

    @property
    def size(self) -> int:
        """The number of addresses."""
        return self.last - self.first + 1

    @property
    def lower(self) -> str:
        """The first address as text."""
        return address_text(self.version, self.first, self.scope)

    @property
    def upper(self) -> str:
        """The last address as text."""
        return address_text(self.version, self.last, self.scope)

    def contains(self, address: str) -> bool:
        """Whether the address, as text, lies in the range; an IPv4-mapped IPv6 address counts as IPv4."""
        found = ipaddress.ip_address(address)
        if found.version == 6 and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return found.version == self.version and self.first <= int(found) <= self.last


def address_text(version: int, number: int, scope: str = "") -> str:
    """Dotted or compressed lower-case text, with the scope that an IPv6 address may have."""
    text = str(ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number))
    return f"{text}%{scope}" if scope else text


@lru_cache(maxsize=65536)
def parse_range(text: str, switches: Switches) -> IPRange:
    """A range out of any accepted text; raises ValueError with Exchange's sort of inner text."""
    given = text.strip()
    try:
        parsed = _parse(given, switches)
    except ValueError:
        raise ValueError(f'"{text}" isn\'t a valid IP address range.') from None
    if parsed.first > parsed.last:
        raise ValueError(f'"{text}" isn\'t a valid IP address range.')
    return parsed


def _parse(text: str, switches: Switches) -> IPRange:
    masked = _NETMASK.fullmatch(text)
    if masked:
        return _netmask(text, masked["address"], masked["mask"], switches)
    if "/" in text:
        return _cidr(text, switches)
    lower, dash, upper = text.partition("-")
    first = _address(lower)
    last = _address(upper) if dash else first
    if first.version != last.version or (first.scope != last.scope and last.scope):
        raise ValueError(text)
    shown = [_shown(each.strip(), switches) for each in (lower, upper) if each]
    return IPRange(first.version, first.number, last.number, first.scope, "-".join(shown), "lohi" if dash else "single")


def _address(text: str) -> _Address:
    plain, _, scope = text.strip().partition("%")
    if "." in plain and ":" not in plain and plain.count(".") != 3:
        raise ValueError(text)
    found = ipaddress.ip_address(plain)
    return _Address(found.version, int(found), scope)


def _network(address: _Address, length: int) -> tuple[int, int]:
    host = (1 << (_BITS[address.version] - length)) - 1
    return address.number & ~host, address.number | host


def _cidr(text: str, switches: Switches) -> IPRange:
    plain, _, digits = text.partition("/")
    address = _address(plain)
    if not digits.strip().isdecimal() or int(digits) > _BITS[address.version]:
        raise ValueError(text)
    first, last = _network(address, int(digits))
    if switches.host_bits == "rebased" and first != address.number:
        plain = address_text(address.version, first, address.scope)
    return IPRange(
        address.version, first, last, address.scope, f"{_shown(plain.strip(), switches)}/{int(digits)}", "cidr"
    )


def _netmask(text: str, plain: str, mask: str, switches: Switches) -> IPRange:
    if switches.netmask == "refused":
        raise ValueError(text)
    network = ipaddress.IPv4Network(f"{plain.strip()}/{mask.strip()}", strict=False)
    if switches.host_bits == "rebased":
        plain = str(network.network_address)
    first, last = int(network.network_address), int(network.broadcast_address)
    return IPRange(4, first, last, "", f"{plain.strip()}({mask.strip()})", "netmask")


def _shown(text: str, switches: Switches) -> str:
    """The text of an IPv6 address when it is read back; an IPv4 address stays as it was given."""
    if ":" not in text or switches.ipv6_text == "given":
        return text
    plain, percent, scope = text.partition("%")
    address = ipaddress.IPv6Address(plain)
    return (address.compressed if switches.ipv6_text == "compressed" else address.exploded) + percent + scope


V4_ANY = IPRange(4, 0, 2**32 - 1, "", "0.0.0.0-255.255.255.255")
V6_ANY = IPRange(6, 0, 2**128 - 1, "", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
