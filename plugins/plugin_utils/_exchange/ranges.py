# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote IP ranges: every form people and Exchange write, compared by first and last address."""

from __future__ import annotations

import socket
from functools import lru_cache

_TOP = {4: (1 << 32) - 1, 6: (1 << 128) - 1}
_BITS = {4: 32, 6: 128}
_HOST_BITS = {str(length): (1 << (32 - length)) - 1 for length in range(33)}
# How many bytes one IPv4 address is packed into; a range of several takes more.
ONE_ADDRESS = 5
_VERSION = {4: b"\4", 6: b"\6"}
_INET, _pton, _ntop, _new, _number = socket.AF_INET, socket.inet_pton, socket.inet_ntop, bytes.__new__, int.from_bytes


class IPRange(bytes):
    """Addresses from ``first`` to ``last``, both included, of one IP version; ``scope`` is an IPv6 zone (``%11``).

    A server can hold half a million of them. So each is one packed value, which sorts by version, first and last
    address, is hashed and compared as fast as a text, and which the garbage collector need not visit. One IPv4 address,
    by far the commonest, is packed once, so that its length tells it.
    """

    __slots__ = ()

    def __new__(cls, version: int, first: int, last: int, scope: str = "") -> IPRange:
        """Pack the numbers; no check is made, ``parse`` does that."""
        width = _BITS[version] >> 3
        packed = _VERSION[version] + first.to_bytes(width, "big")
        if version == 4 and first == last:
            return _new(cls, packed)
        return _new(cls, packed + last.to_bytes(width, "big") + scope.encode())

    def __getnewargs__(self) -> tuple[int, int, int, str]:  # type: ignore[override]
        """Tell pickle and copy what to make another of."""
        return self.version, self.first, self.last, self.scope

    def __repr__(self) -> str:
        """Show the range, not its packing."""
        return f"IPRange({str(self)!r})"

    @property
    def version(self) -> int:
        """4 or 6."""
        return self[0]

    @property
    def first(self) -> int:
        """The lowest address as a number."""
        return _number(self[1:5] if self[0] == 4 else self[1:17], "big")

    @property
    def last(self) -> int:
        """The highest address as a number."""
        return _number(self[-4:] if self[0] == 4 else self[17:33], "big")

    @property
    def ends(self) -> tuple[bytes, bytes]:
        """The lowest and the highest address as bytes of one length, which compare as the numbers do."""
        return (self[1:5], self[-4:]) if self[0] == 4 else (self[1:17], self[17:33])

    @property
    def space(self) -> bytes:
        """IP version and zone: what two ranges have to have in common to share an address."""
        return self[:1] + self[33:]

    @property
    def scope(self) -> str:
        """The zone with its percent sign, or ""."""
        return self[33:].decode() if self[0] == 6 else ""

    @classmethod
    def parse(cls, text: str) -> IPRange:
        """Read a single address, CIDR (host bits allowed), first-last or address and netmask.

        Raises ValueError that names the text. The forms are those of New-ReceiveConnector, RemoteIPRanges, and
        ``10.0.0.0(255.0.0.0)`` of the Exchange Management Console.
        """
        try:
            return _parse_plain(text)
        except (OSError, ValueError, KeyError, AttributeError):
            return _parse(text)

    @lru_cache(maxsize=4096)  # noqa: B019 - short, and a range refers to nothing; a result has each text twice
    def __str__(self) -> str:
        """Write it as Exchange does: a single address, CIDR where that is exact, else first-last."""
        if len(self) == ONE_ADDRESS:
            return _ntop(_INET, self[1:])
        version, first, last, scope = self.__getnewargs__()
        text = address_text(version, first) + scope
        if first == last:
            return text
        span = last - first + 1
        if span & (span - 1) == 0 and first % span == 0 and not self.any:
            return f"{text}/{_BITS[version] - span.bit_length() + 1}"
        return f"{text}-{address_text(version, last)}{scope}"

    @property
    def size(self) -> int:
        """How many addresses it holds."""
        return self.last - self.first + 1

    @property
    def single(self) -> bool:
        """Whether it is one address."""
        return len(self) == ONE_ADDRESS or (self[0] == 6 and self[1:17] == self[17:33])

    @property
    def any(self) -> bool:
        """Whether it is every address of its version (``0.0.0.0-255.255.255.255``)."""
        return len(self) != ONE_ADDRESS and self.first == 0 and self.last == _TOP[self.version]

    def covers(self, other: IPRange) -> bool:
        """Whether every address of the other lies in this one."""
        (first, last), (start, end) = self.ends, other.ends
        return first <= start and end <= last and self.space == other.space

    def overlaps(self, other: IPRange) -> bool:
        """Whether the two share an address."""
        (first, last), (start, end) = self.ends, other.ends
        return first <= end and start <= last and self.space == other.space


HOW_TO_WRITE = "Write it as 192.0.2.77, 192.0.2.64/28 or 192.0.2.10-192.0.2.20"


def address_text(version: int, address: int) -> str:
    """Write one address; IPv6 in the compressed lower-case form."""
    if version == 4:
        return socket.inet_ntop(socket.AF_INET, address.to_bytes(4, "big"))
    return socket.inet_ntop(socket.AF_INET6, address.to_bytes(16, "big"))


def parse_address(text: str) -> tuple[int, int, str]:
    """Read one address into its version, number and scope (``%11`` or empty); raises ValueError or OSError."""
    if ":" not in text:
        return 4, int.from_bytes(socket.inet_pton(socket.AF_INET, text), "big"), ""
    address, percent, zone = text.partition("%")
    if percent and not zone:
        raise ValueError("the scope after % is empty")
    return 6, int.from_bytes(socket.inet_pton(socket.AF_INET6, address), "big"), percent + zone


def _parse_plain(text: str) -> IPRange:
    """Read the two commonest forms, an IPv4 address and IPv4 CIDR, in a third of the time.

    Raises OSError, KeyError or AttributeError for everything else.
    """
    address, slash, length = text.partition("/")
    packed = _pton(_INET, address)
    if not slash:
        return _new(IPRange, b"\4" + packed)
    host, number = _HOST_BITS[length], _number(packed, "big")
    return IPRange(4, number & ~host, number | host)


def _parse(text: str) -> IPRange:
    try:
        return _parse_parts(text.strip())
    except (ValueError, OSError, TypeError, AttributeError) as problem:
        reason = f": {problem}" if isinstance(problem, ValueError) else ""
        raise ValueError(f"{text!r} is not an IP address or range{reason}. {HOW_TO_WRITE}") from None


def _parse_parts(text: str) -> IPRange:
    if "-" in text:
        low, _dash, high = text.partition("-")
        return _from_to(parse_address(low.strip()), parse_address(high.strip()))
    if "/" in text:
        base, _slash, length = text.partition("/")
        return _network(parse_address(base.strip()), length.strip())
    if "(" in text:
        base, _open, mask = text.partition("(")
        if not mask.endswith(")"):
            raise ValueError("the bracket of the netmask is not closed")
        return _network(parse_address(base.strip()), mask[:-1].strip())
    version, number, scope = parse_address(text)
    return IPRange(version, number, number, scope)


def _from_to(low: tuple[int, int, str], high: tuple[int, int, str]) -> IPRange:
    """Join two ends; a scope on the first alone holds for both."""
    version, first, scope = low
    if high[0] != version:
        raise ValueError("the ends are of different IP versions")
    if high[2] not in ("", scope):
        raise ValueError("the ends have different scopes")
    if high[1] < first:
        raise ValueError("the last address is below the first")
    return IPRange(version, first, high[1], scope)


def _network(base: tuple[int, int, str], length: str) -> IPRange:
    version, number, scope = base
    host_bits = _BITS[version] - _prefix_length(version, length)
    if host_bits < 0:
        raise ValueError(f"the prefix length must be at most {_BITS[version]}")
    first = number >> host_bits << host_bits
    return IPRange(version, first, first | ((1 << host_bits) - 1), scope)


def _prefix_length(version: int, text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    mask_version, mask, _scope = parse_address(text)
    inverse = mask ^ _TOP[version]
    if mask_version != version or inverse & (inverse + 1):
        raise ValueError(f"{text} is not a netmask")
    return _BITS[version] - inverse.bit_length()
