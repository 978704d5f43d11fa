# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._iis.blob import Blob, parse
from exchange_lab.windows.iis import relay_ip_list
from hypothesis import example, given, settings
from hypothesis import strategies as st

# 127.0.0.1 alone may relay, as published scripts write it
LOOPBACK = bytes.fromhex(
    "18000080200000803c00008044000080010000004c000000"
    "0000000000000000"
    "010000000100000002000000020000000400000000000000"
    "4c000080"
    "00000000000000000000000000000000"
    "ffffffff7f000001"
)
NETWORKS = st.lists(
    st.builds(
        lambda address, length: str(IPv4Network((address, length), strict=False)),
        st.integers(0, (1 << 32) - 1),
        st.integers(0, 32),
    ),
    max_size=12,
)


def written(entries: list[tuple[int, int]]) -> list[str]:
    return sorted(str(IPv4Network(f"{IPv4Address(address)}/{IPv4Address(mask)}")) for mask, address in entries)


def test_what_scripts_write() -> None:
    assert parse(LOOPBACK) == Blob(granted=[(0xFFFFFFFF, 0x7F000001)])
    assert relay_ip_list(["127.0.0.1/32"]) == LOOPBACK
    # the places of a list that denies, as a published check of the file has them
    assert relay_ip_list(denied=["192.0.2.1/32"])[:9] == bytes.fromhex("18000080340000803c")


@settings(deadline=None)
@given(NETWORKS, NETWORKS)
def test_what_is_written_is_read(granted: list[str], denied: list[str]) -> None:
    found = parse(relay_ip_list(granted, denied))
    assert (written(found.granted), written(found.denied)) == (sorted(granted), sorted(denied))
    assert (found.names, found.readable) == (0, [])


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(blob: bytes) -> None:
    with suppress(ValueError):
        parse(blob)


@settings(deadline=None)
@given(NETWORKS, st.integers(0, 10_000), st.integers(0, 255))
@example(["127.0.0.1/32"], 36, 0xFF)
def test_a_byte_that_is_another_never_adds_more_than_its_own(granted: list[str], place: int, value: int) -> None:
    """A damaged blob is refused, or differs in the one address or mask that was hit."""
    whole = relay_ip_list(granted)
    damaged = bytearray(whole)
    damaged[place % len(whole)] = value
    try:
        found = parse(bytes(damaged))
    except ValueError:
        return
    assert len(found.granted) == len(granted)
    assert found.denied == []


@settings(deadline=None)
@given(NETWORKS, st.integers(1, 200))
def test_a_cut_blob_is_refused(granted: list[str], cut: int) -> None:
    whole = relay_ip_list(granted)
    if cut < len(whole):
        with pytest.raises(ValueError, match="no RelayIpList that can be read"):
            parse(whole[:-cut])
    with pytest.raises(ValueError, match="no RelayIpList that can be read"):
        parse(whole + bytes(4 * cut))


@pytest.mark.parametrize(
    ("place", "number", "why"),
    [
        (0, 0x18, "place of its denied addresses"),
        (4, 0x80000001, "place of its granted addresses"),
        (8, 0x80FFFFFF, "place of its denied names"),
        (20, 0, "place of its addresses"),
        (20, 28, "no order"),
        (24, 0xFFFFFFFF, "4294967295 groups"),
        (36, 2, "2 addresses has 1"),
        (40, 23, "family 23"),
        (44, 0xFFFFFFFF, "4294967295 entries"),
        (44, 1, "1 addresses has 0"),
        (56, 0x80000000 | 24, "entries from 24"),
    ],
)
def test_a_blob_that_lies_about_itself(place: int, number: int, why: str) -> None:
    blob = LOOPBACK[:place] + number.to_bytes(4, "little") + LOOPBACK[place + 4 :]
    with pytest.raises(ValueError, match=why):
        parse(blob)


def test_a_blob_of_megabytes() -> None:
    with pytest.raises(ValueError, match="4000000 bytes"):
        parse(bytes(4_000_000))


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le"])
def test_names_are_counted_and_shown_where_they_can_be_read(encoding: str) -> None:
    found = parse(relay_ip_list(["192.0.2.1/32"], names="printers.example.com".encode(encoding)))
    assert (written(found.granted), found.names, found.readable) == (["192.0.2.1/32"], 1, ["printers.example.com"])


def test_every_bit_of_a_blob_counts() -> None:
    """Cut anywhere, it is refused; with one bit turned, it is too, or one group of the same form is another."""
    whole = relay_ip_list(["192.0.2.77/32", "198.51.100.0/24", "192.0.2.78/32"])
    read = sorted(parse(whole).granted)
    for end in range(len(whole)):
        with pytest.raises(ValueError, match="no RelayIpList that can be read"):
            parse(whole[:end])
    for bit in range(8 * len(whole)):
        turned = bytearray(whole)
        turned[bit // 8] ^= 1 << bit % 8
        try:
            found = parse(bytes(turned))
        except ValueError:
            continue
        assert (len(found.granted), found.denied) == (len(read), []), bit
        # a mask is that of its group, which may have two addresses; nobody has said what the number behind the places
        # means, the highest bit of the next one is set by some, and a name that is said to be there is named as lost
        changed = len(set(found.granted) - set(read)) or bool(found.names)
        assert changed in (1, 2) or (changed == 0 and (16 <= bit // 8 < 20 or bit == 8 * 24 - 1)), bit
