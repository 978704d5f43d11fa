# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Active Directory's limit on the entries of one connector, and what can be done about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import merge
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

# "The administrative limit for this request was exceeded" comes between 1,200 and 1,300 entries (connector remote IP
# address limit exceeded); an address, a range and a CIDR are one entry each
LIMIT = 1200


def fit(ranges: Collection[IPRange], *, merge_ranges: bool, others: Iterable[IPRange] = ()) -> Collection[IPRange]:
    """Return the ranges, merged where they are too many and that is allowed; raises ValueError where they do not fit.

    ``others`` are the ranges of other connectors on the same address and port: merging must not change which
    connector is the more specific one for a client.
    """
    over = len(ranges) - LIMIT
    if over <= 0:
        return ranges
    if not merge_ranges:
        fewest = len(merge(ranges))
        hint = f"set merge_ranges, which makes {fewest} of them, or" if fewest <= LIMIT else "merge neighbours, or"
        raise ValueError(
            f"remote_ip_ranges: {len(ranges)} entries are {over} too many, one connector holds about {LIMIT}. "
            f"Give networks instead of addresses ({hint} spread them over a second connector)"
        )
    merged = _merged(ranges)
    if len(merged) > LIMIT:
        raise ValueError(
            f"remote_ip_ranges: {len(ranges)} entries are still {len(merged)} after merging, {len(merged) - LIMIT} too "
            f"many; one connector holds about {LIMIT}. Spread them over a second connector"
        )
    for wide, inner in _winners_changed(ranges, merged, others):
        raise ValueError(
            f"remote_ip_ranges: merging would make {wide}, and {inner} of another connector on the same address and "
            "port would take its clients away. Spread the ranges over a second connector"
        )
    return merged


def _winners_changed(
    ranges: Iterable[IPRange], merged: Iterable[IPRange], others: Iterable[IPRange]
) -> Iterator[tuple[IPRange, IPRange]]:
    """Give merged ranges that hold another connector's range which none of the entries held (most specific wins)."""
    entries, wide = list(ranges), list(merged)
    for inner in others:
        holder = next((item for item in wide if item.covers(inner)), None)
        if holder is not None and not any(entry.covers(inner) for entry in entries):
            yield holder, inner


def _merged(ranges: Collection[IPRange]) -> list[IPRange]:
    """Merge with netaddr, and prove that the addresses are still the same ones; scoped ranges stay as they are."""
    try:
        import netaddr
    except ImportError:
        raise ValueError("merge_ranges needs the Python package netaddr on the controller. Install it") from None
    joined = netaddr.IPSet(
        netaddr.IPRange(netaddr.IPAddress(item.first, item.version), netaddr.IPAddress(item.last, item.version))
        for item in ranges
        if not item.scope
    )
    merged = [IPRange(span.version, span.first, span.last) for span in joined.iter_ipranges()]
    merged += [item for item in ranges if item.scope]
    if merge(merged) != merge(ranges):
        raise ValueError("remote_ip_ranges: merging would change which addresses are meant. Leave merge_ranges out")
    return merged
