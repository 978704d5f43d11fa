# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task wants of an address, and what it may do for that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network

from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import IPAddress, parse_ip

# "This host", what is reserved for nothing yet, and IPv4 addresses in the dress of IPv6 (RFC 6890, RFC 4291 2.5.5),
# among which are the unspecified address and IPv6's loopback.
_NO_HOST = tuple(map(ip_network, ("0.0.0.0/8", "240.0.0.0/4", "::/96", "::ffff:0:0/96")))


class Refusal(ValueError):
    """Something that is not done: ``reason`` says why, ``remedy`` what to do instead."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{reason}. {remedy}".rstrip(". ") + ".")


@dataclass(frozen=True)
class Desired:
    """One address; ``prefix_length`` and ``interface`` are found by the subnet that it lies in where they are None.

    ``index`` is that of the interface once it is chosen, so that a change under way does not choose another.
    """

    ip: IPAddress
    prefix_length: int | None = None
    present: bool = True
    skip_as_source: bool = True
    register_in_dns: bool = False
    interface: str | None = None
    index: int | None = None


@dataclass(frozen=True)
class Allowed:
    """The dangers that a task accepts, each by an option of its own (``allow_static`` …, ``force``)."""

    static: bool = False
    foreign_subnet: bool = False
    interruption: bool = False
    dns_change: bool = False
    force: bool = False


def parse_address(text: str) -> tuple[IPAddress, int | None]:
    """Return address and prefix length of ``192.0.2.25/24``, ``192.0.2.25/255.255.255.0`` or ``2001:db8::25``.

    Raises ValueError naming the text, and for an address that no interface is given by hand.
    """
    host, slash, length = text.strip().partition("/")
    ip = parse_ip(host)
    if "%" in host:
        raise ValueError(f"{text!r} bears a zone; write {ip}, and the interface in the option of that name")
    if ip.is_multicast or ip.is_link_local or any(ip in network for network in _NO_HOST):
        raise ValueError(f"{text!r} is no address to give an interface")
    return ip, _prefix_length(length, ip, text) if slash else None


def _prefix_length(length: str, ip: IPAddress, text: str) -> int:
    number = int(length) if re.fullmatch("[1-9][0-9]{0,2}", length) else _mask_length(length, ip)
    if number is None or not 1 <= number <= ip.max_prefixlen:
        raise ValueError(f"{text!r}: {length!r} is no prefix length from 1 to {ip.max_prefixlen}")
    return number


def _mask_length(mask: str, ip: IPAddress) -> int | None:
    """The length of a netmask (``255.255.255.0``), None if it is none."""
    if ip.version != 4:
        return None
    try:
        bits = f"{int(IPv4Address(mask)):032b}"
    except ValueError:
        return None
    return bits.count("1") if "01" not in bits else None
