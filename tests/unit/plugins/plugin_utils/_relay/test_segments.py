# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that are treated alike, and those among them that some connectors have a range for."""

from __future__ import annotations

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.segments import Layer, segments, segments_of
from hypothesis import given
from hypothesis import strategies as st

ANY = [IPRange.parse("0.0.0.0-255.255.255.255"), IPRange.parse("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
spaces = st.sampled_from([(4, 0x0A000000, ""), (6, 0, ""), (6, 0, "%1")])
ranges = st.one_of(
    st.builds(
        lambda space, first, size: IPRange(space[0], space[1] + first, space[1] + first + size, space[2]),
        spaces,
        st.integers(0, 30),
        st.sampled_from([0, 0, 0, 1, 3, 9]),
    ),
    st.sampled_from(ANY),
)
layers = st.builds(Layer, st.sampled_from("abcdefgh"), st.integers(0, 1), st.frozensets(ranges, min_size=1, max_size=6))


@given(st.lists(layers, max_size=14, unique_by=lambda layer: layer[:2]), st.frozensets(st.sampled_from("abc")))
def test_those_of_some_connectors_are_the_same_as_among_all(found: list[Layer], mine: frozenset[str]) -> None:
    everything = [one for one in segments(found) if any(key in mine for key, _number in one.sizes)]
    assert segments_of(mine, found) == everything
