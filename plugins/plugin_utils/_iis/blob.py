# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The binary form of RelayIpList (IPSECLIST): addresses and names that may, or may not, relay.

There is no documentation of it but what management scripts write. All numbers are 32 bits, least byte first. Four
places say where the lists begin, denied addresses, granted addresses, denied names, granted names, each with the
highest bit set; then 1, and the place where the addresses themselves begin. A list is its number of groups and its
number of entries; a group of addresses is 2 (AF_INET), one more than its addresses, 4 (bytes of each), 0, and where it
begins. There stands the mask of all its addresses, and then they.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_HEADER = 24
_GROUP = 20
_POINTER = 1 << 31
_AF_INET = 2
_MOST_BYTES = 1 << 20
_LISTS = ("denied addresses", "granted addresses", "denied names", "granted names")
_ADVICE = "Read IPGrant, IPDeny, DomainGrant and DomainDeny through ADSI instead, and give those"

# A mask and an address, as numbers
Entry = tuple[int, int]


@dataclass(frozen=True)
class Blob:
    """What a blob says; ``names`` counts names that may or may not relay, ``readable`` are those that can be read."""

    denied: list[Entry] = field(default_factory=list)
    granted: list[Entry] = field(default_factory=list)
    names: int = 0
    readable: list[str] = field(default_factory=list)


def parse(blob: bytes) -> Blob:
    """Read a blob; raises ValueError for one that is not whole in itself."""
    if len(blob) > _MOST_BYTES:
        raise _broken(f"it has {len(blob)} bytes")
    if len(blob) < _HEADER + 32 or len(blob) % 4:
        raise _broken(f"it has {len(blob)} bytes, too few or no multiple of 4")
    numbers = struct.unpack(f"<{len(blob) // 4}I", blob)
    places = [_place(number, len(blob), _LISTS[at]) for at, number in enumerate(numbers[:4])]
    data = _place(numbers[5] | _POINTER, len(blob) + 1, "addresses")
    if [_HEADER, *places] != sorted([_HEADER, *places]) or data < places[3] + 8 or places[0] != _HEADER:
        raise _broken("its lists are in no order")
    used: list[tuple[int, int]] = []
    denied, granted = (_entries(blob, numbers, at, end, data, used) for at, end in (places[:2], places[1:3]))
    names = sum(numbers[at // 4 + 1] for at in places[2:])
    readable = _readable(blob, data, used) if names else []
    if not names:
        groups = [numbers[at // 4] for at in places[2:]]
        if (places[3] - places[2], data - places[3], *groups) != (8, 8, 0, 0):
            raise _broken("its lists of names, which are empty, overlap, leave a gap or have groups")
        _check_whole(used, data, len(blob))
    return Blob(denied, granted, names, readable)


def _place(number: int, size: int, what: str) -> int:
    place = number & ~_POINTER
    if not number & _POINTER or place % 4 or not _HEADER <= place < size:
        raise _broken(f"the place of its {what} is {number:#010x}")
    return place


def _entries(
    blob: bytes, numbers: tuple[int, ...], start: int, end: int, data: int, used: list[tuple[int, int]]
) -> list[Entry]:
    groups, total = numbers[start // 4 : start // 4 + 2]
    if end - start != 8 + _GROUP * groups:
        raise _broken(f"a list of {groups} groups has {end - start} bytes")
    found: list[Entry] = []
    for number in range(groups):
        family, count, width, zero, pointer = numbers[(start + 8 + _GROUP * number) // 4 :][:5]
        if (family, width, zero) != (_AF_INET, 4, 0):
            raise _broken(f"a group is of family {family} with {width} bytes each")
        place = _place(pointer, len(blob), "addresses")
        if not 1 <= count <= (len(blob) - place) // 4 or place < data:
            raise _broken(f"a group has {count} entries from {place} on")
        mask, *addresses = struct.unpack_from(f">{count}I", blob, place)
        found += [(mask, address) for address in addresses]
        used.append((place, place + 4 * count))
    if len(found) != total:
        raise _broken(f"a list of {total} addresses has {len(found)}")
    return found


def _check_whole(used: list[tuple[int, int]], data: int, size: int) -> None:
    """Every byte after the lists belongs to exactly one group."""
    at = data
    for first, end in sorted(used):
        if first != at:
            raise _broken("its groups overlap or leave a gap")
        at = end
    if at != size:
        raise _broken(f"{size - at} bytes belong to no group")


def _readable(blob: bytes, data: int, used: list[tuple[int, int]]) -> list[str]:
    """Return what looks like names among the bytes of no group; how names are laid out has no public source."""
    rest = bytearray(blob[data:])
    for first, end in used:
        rest[first - data : end - data] = bytes(end - first)
    words = "".join(chr(byte) if chr(byte).isalnum() or chr(byte) in ".-*" else " " for byte in rest if byte).split()
    return [word for word in words if len(word) > 2 and any(letter.isalpha() for letter in word)][:100]


def _broken(why: str) -> ValueError:
    return ValueError(f"this is no RelayIpList that can be read: {why}. {_ADVICE}")
