# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether connectors of one server can stand side by side (New-ReceiveConnector, Bindings and RemoteIPRanges).

Two connectors of one transport role may share an address and port while each pair of their ranges is disjoint or one
contains the other; equal and partly overlapping ranges conflict. Two connectors of different roles may not share an
address and port at all. Half a million ranges are compared by sorting them, not pair by pair.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import near
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

# Bytes of an address, by version, and of a claim's index
_WIDTH = {4: 4, 6: 16}
_OWNER = 4
_AFTER_ALL = b"\xff" * _OWNER


class Claim(NamedTuple):
    """What one connector listens on and answers to; ``role`` is "" where there are no transport roles."""

    owner: str
    role: str
    bindings: Collection[Binding]
    ranges: Collection[IPRange]


class Conflict(NamedTuple):
    """Two connectors that cannot stand together: ``kind`` is role, equal or partial; ``ranges`` is what overlaps."""

    owner: str
    other: str
    binding: Binding
    kind: str
    ranges: tuple[IPRange, ...] = ()

    def __str__(self) -> str:
        """Say it in a sentence for the person who configures ``owner``."""
        if self.kind == "role":
            return (
                f"{self.binding} is already used by {self.other}, which has another transport role; connectors of "
                "different roles cannot share an address and port"
            )
        more = f" and {len(self.ranges) - 3} more" if len(self.ranges) > 3 else ""
        shared = ", ".join(str(item) for item in self.ranges[:3]) + more
        how = "equal ranges" if self.kind == "equal" else "partly overlapping ranges"
        return f"{self.other} has {how} on {self.binding}: {shared}"


def find(claims: Iterable[Claim], of: Collection[str] | None = None) -> list[Conflict]:
    """Find the conflicts in which one of the owners ``of`` (by default any) takes part, in the order of the claims."""
    claims = list(claims)
    found: dict[tuple[str, str, Binding, str], set[IPRange]] = {}
    for one, other, binding in _different_roles(claims):
        found.setdefault((one, other, binding, "role"), set())
    wanted = None if of is None else set(of)
    for binding, sharing in _by_binding(claims).items():
        for one, other, kind, shared in _crossings(sharing if wanted is None else _around(wanted, sharing)):
            found.setdefault((one, other, binding, kind), set()).add(shared)
    return [
        _seen_from(wanted, one, other, binding, kind, ranges)
        for (one, other, binding, kind), ranges in found.items()
        if wanted is None or one in wanted or other in wanted
    ]


def _around(wanted: set[str], claims: Sequence[Claim]) -> list[Claim]:
    """The claims of the wanted owners, and of the others' ranges those that share an address with them."""
    mine, others = ([one.ranges for one in claims if (one.owner in wanted) is asked] for asked in (True, False))
    parts = iter(near(mine, others))
    found = [one if one.owner in wanted else one._replace(ranges=next(parts)) for one in claims]
    return found if mine else []


def _seen_from(
    wanted: set[str] | None, one: str, other: str, binding: Binding, kind: str, ranges: set[IPRange]
) -> Conflict:
    if wanted is not None and one not in wanted:
        one, other = other, one
    return Conflict(one, other, binding, kind, tuple(sorted(ranges)))


def _by_binding(claims: Sequence[Claim]) -> dict[Binding, list[Claim]]:
    """Group claims that share an address and port within a role; those that stand alone are left out."""
    groups: dict[tuple[Binding, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        for binding in claim.bindings:
            groups[binding, claim.role].append(claim)
    return {binding: group for (binding, _role), group in groups.items() if len(group) > 1}


def _different_roles(claims: Sequence[Claim]) -> Iterator[tuple[str, str, Binding]]:
    """Give claims of different roles on one address and port.

    The wildcard address counts as every address of its version: the two services would listen on the same socket.
    """
    by_port: dict[tuple[int, int], list[tuple[Claim, Binding]]] = defaultdict(list)
    for claim in claims:
        for binding in claim.bindings:
            by_port[binding.version, binding.port].append((claim, binding))
    for users in by_port.values():
        if len({claim.role for claim, _binding in users}) > 1:
            yield from _pairs_of_roles(users)


def _pairs_of_roles(users: Sequence[tuple[Claim, Binding]]) -> Iterator[tuple[str, str, Binding]]:
    for index, (one, binding) in enumerate(users):
        for other, its in users[index + 1 :]:
            same = binding == its or binding.wildcard or its.wildcard
            if same and one.role != other.role and one.owner != other.owner:
                yield one.owner, other.owner, its if binding.wildcard else binding


def _crossings(claims: Sequence[Claim]) -> Iterator[tuple[str, str, str, IPRange]]:
    """Give pairs of owners whose ranges are equal or cross, with the addresses they share.

    Ranges stay packed, with the owner's index behind, so that a sort compares bytes.
    """
    zones: dict[bytes, list[bytes]] = defaultdict(list)
    for index, claim in enumerate(claims):
        owner = index.to_bytes(_OWNER, "big")
        for item in claim.ranges:
            first, last = item.ends
            zones[item.space].append(first + last + owner)
    for zone, items in zones.items():
        for one, other, kind, first, last in _sweep(sorted(items), _WIDTH[zone[0]]):
            shared = IPRange(zone[0], int.from_bytes(first, "big"), int.from_bytes(last, "big"), zone[1:].decode())
            yield claims[one].owner, claims[other].owner, kind, shared


def _sweep(items: Iterable[bytes], width: int) -> Iterator[tuple[int, int, str, bytes, bytes]]:
    """Sweep over ranges by first address; a range that starts inside another crosses it when it ends later.

    ``active`` holds the ranges that reach the sweep, last address in front: those that the current range outlasts
    are a slice at its start.
    """
    active: list[bytes] = []
    for item in items:
        first, last, owner = item[:width], item[width : 2 * width], item[2 * width :]
        if active and active[0] < first:
            del active[: bisect_left(active, first)]
        for other in active[: bisect_right(active, last + first + _AFTER_ALL)]:
            reach, start, index = other[:width], other[width : 2 * width], other[2 * width :]
            equal = reach == last and start == first
            if index != owner and (equal or (reach < last and start < first)):
                kind = "equal" if equal else "partial"
                yield int.from_bytes(index, "big"), int.from_bytes(owner, "big"), kind, first, reach
        insort(active, last + first + owner)
