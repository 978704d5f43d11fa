# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of a plan: what it does in words, the command for it, and what that changes for callers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import Effect


@dataclass(frozen=True)
class Step:
    """One cmdlet call on one connector.

    ``parameters`` leave the identity out: a connector's distinguished name is known once it exists. ``effects`` are
    written one after the other in an order that Exchange does not tell, so each may be the last before a crash.
    ``recheck`` tells that an earlier step may have done or undone this: then the entries are read first, and the call
    is made for what is missing (or still there).
    """

    words: str
    server: str
    connector: str
    cmdlet: str
    parameters: Mapping[str, Plain]
    effects: tuple[Effect, ...] = field(default=(), compare=False)
    recheck: bool = False
