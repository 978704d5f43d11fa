# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds what on a connector, as Windows decides it."""

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import ANONYMOUS, RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import Grant, State

ALLOW, DENY = Grant(ANONYMOUS, RELAY), Grant(ANONYMOUS, RELAY, deny=True)


@pytest.mark.parametrize(
    ("own", "inherited", "relays"),
    [
        ({ALLOW}, set(), True),
        ({ALLOW, DENY}, set(), False),
        (set(), {ALLOW}, True),
        (set(), {ALLOW, DENY}, False),
        ({ALLOW}, {DENY}, True),  # what is above counts only where the connector itself says nothing
        ({DENY}, {ALLOW}, False),
    ],
)
def test_own_entries_outweigh_inherited_ones(own: set[Grant], inherited: set[Grant], relays: bool) -> None:
    nobody: frozenset[str] = frozenset()
    state = State(
        "Relay",
        True,
        frozenset(),
        frozenset(),
        nobody,
        nobody,
        frozenset(own),
        inherited=frozenset(inherited),
    )
    assert state.relays is relays
