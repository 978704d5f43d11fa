# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other IP addresses in the same relations: order, common prefixes, sizes and containment of ranges stay true.

All addresses are points of a binary tree. An inner node with one child may send that child to the other side; one with
two children may not, so that order survives as well as prefixes do. What must keep its distances, the ends of a range
and the last eight bits, is not touched.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

# RFC 5737
DOCUMENTATION_NETWORKS = tuple(int(IPv4Address(text)) >> 8 for text in ("192.0.2.0", "198.51.100.0", "203.0.113.0"))
# RFC 3849
DOCUMENTATION_6 = 0x20010DB8
# nobody has these, and the collection itself asks with some of them; by width, first bits and their number
_DOCUMENTATION = {32: tuple((network, 24) for network in DOCUMENTATION_NETWORKS), 128: ((DOCUMENTATION_6, 32),)}
KEPT_BITS = 8
# Where an ordinary address cannot come to lie: this network, loopback, link-local, multicast and reserved
NOWHERE = ((0, 8), (127, 8), (0xA9FE, 16), (7, 3))
# Kinds of IPv6 address that are told by their beginning (RFC 4291): global, unique local, link-local
KINDS_6 = ((1, 3), (0b1111110, 7), (0b1111111010, 10))


def stays(address: Address) -> bool:
    """Whether an address means the same everywhere: any, this host, a netmask, one for documentation."""
    return _everywhere(address) or _is_documentation(int(address), address.max_prefixlen)


def _everywhere(address: Address) -> bool:
    number = int(address)
    if isinstance(address, IPv6Address):
        return number in (0, 1, 2**128 - 1)
    inverted = number ^ (2**32 - 1)
    return number in (0, int(IPv4Address("127.0.0.1"))) or (number >> 24 == 255 and inverted & (inverted + 1) == 0)


def _is_documentation(number: int, width: int) -> bool:
    return any(number >> (width - bits) == prefix for prefix, bits in _DOCUMENTATION[width])


class AddressMap:
    """Learns all addresses and ranges first; ``key`` decides what becomes of them."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._points: dict[int, set[int]] = {32: set(), 128: set()}
        self._ranges: dict[int, set[tuple[int, int]]] = {32: set(), 128: set()}
        self._found: dict[int, dict[int, int]] = {}

    def learn(self, low: Address, high: Address) -> None:
        """Take an address, or the ends of a range."""
        if low.version != high.version or _everywhere(low) or _everywhere(high):
            return
        width = low.max_prefixlen
        self._points[width] |= {int(low), int(high)}
        if low != high:
            self._ranges[width].add((int(low), int(high)))

    def of(self, address: Address) -> Address:
        """The other address; one that was not learnt is one of none."""
        if stays(address):
            return address
        width = address.max_prefixlen
        if width not in self._found:
            self._found[width] = self._made(width)
        return ip_address(self._found[width].get(int(address), 0).to_bytes(width // 8, "big"))

    def _made(self, width: int) -> dict[int, int]:
        points = sorted(self._points[width])
        others = {number for number in points if not _is_documentation(number, width)}
        found = self._documentation(points) if width == 32 else {}
        attempt = 0
        while not found:
            # what lies close to an address for documentation stays what it is beside it, so the order has to go then
            taken = points if attempt < 50 else sorted(others)
            made = _Tree(taken, self._ranges[width], width, self._key + attempt.to_bytes(4, "big")).mapped()
            attempt += 1
            new = {made[number] for number in others}
            good = not others & new and all(_ordinary(number, width) for number in made.values())
            good = good and not any(_is_documentation(number, width) for number in new)
            # with so many addresses that each try meets one of them, it is enough that none stays what it is
            if good or attempt > 500 or not points:
                found = made
                break
        return found

    def _documentation(self, points: Sequence[int]) -> dict[int, int]:
        """The blocks for documentation, where up to three networks of 256 addresses, far apart, are all there is."""
        networks = sorted({number >> 8 for number in points})
        apart = len({network >> 8 for network in networks}) == len(networks)
        within = all(low >> 8 == high >> 8 for low, high in self._ranges[32])
        taken = any(_is_documentation(number, 32) for number in points)
        if not networks or not apart or not within or taken or len(networks) > len(DOCUMENTATION_NETWORKS):
            return {}
        others = dict(zip(networks, DOCUMENTATION_NETWORKS, strict=False))
        return {number: others[number >> 8] << 8 | number & 255 for number in points}


class _Tree:
    def __init__(self, points: Sequence[int], ranges: set[tuple[int, int]], width: int, key: bytes) -> None:
        self._points = points
        self._width = width
        self._key = key
        self._nodes = {(depth, number >> (width - depth)) for number in points for depth in range(width + 1)}
        self._fixed = {node for low, high in self._stretches(ranges) for node in self._paths(low, high)}
        if width == 128:
            kinds = ((kind << (128 - bits), bits) for kind, bits in KINDS_6)
            self._fixed |= {(depth, kind >> (128 - depth)) for kind, bits in kinds for depth in range(bits)}
        # these are points of the tree too, since others lie below and above them
        stay = [number for number in points if _is_documentation(number, width)]
        self._fixed |= {(depth, number >> (width - depth)) for number in stay for depth in range(width)}

    def _stretches(self, ranges: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Ranges, and neighbours, which stay neighbours."""
        pairs = zip(self._points, self._points[1:], strict=False)
        return ranges | {(low, high) for low, high in pairs if high - low == 1}

    def _paths(self, low: int, high: int) -> set[tuple[int, int]]:
        shared = self._width - (low ^ high).bit_length()
        depths = range(shared, self._width)
        return {(depth, end >> (self._width - depth)) for end in (low, high) for depth in depths}

    def mapped(self) -> dict[int, int]:
        """The other address of each point."""
        return {number: self._one(number) for number in self._points}

    def _one(self, number: int) -> int:
        made = 0
        for depth in range(self._width):
            prefix = number >> (self._width - depth)
            bit = number >> (self._width - depth - 1) & 1
            made = made << 1 | (bit ^ self._flipped(depth, prefix))
        return made

    def _flipped(self, depth: int, prefix: int) -> int:
        both = all((depth + 1, prefix << 1 | bit) in self._nodes for bit in (0, 1))
        if both or depth >= self._width - KEPT_BITS or (depth, prefix) in self._fixed:
            return 0
        said = f"{self._width}/{depth}/{prefix}".encode()
        return hmac.new(self._key, said, hashlib.sha256).digest()[0] & 1


def _ordinary(number: int, width: int) -> bool:
    return width == 128 or all(number >> (32 - bits) != prefix for prefix, bits in NOWHERE)
