# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a connector is, as people write it: its name, and the server before it or in an option of its own."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain


def place(options: Mapping[str, Plain]) -> tuple[str, str]:
    """Server ("" where none is named) and name; ``SERVER\\Name`` in the name counts as both.

    Exchange writes identities like that, so no name holds a backslash. Raises ValueError that names the option.
    """
    own = str(options.get("name") or "")
    server = str(options.get("server") or "").strip()
    named, _backslash, name = own.rpartition("\\")
    if not name.strip():
        raise ValueError(f"connectors: the name {own!r} is empty. Name the connector")
    if named and server and _short(named) != _short(server):
        raise ValueError(f"connector {own}: it is not on the server {server} that is given beside it. Leave one out")
    return server or named.strip(), name


def _short(server: str) -> str:
    return server.strip().partition(".")[0].casefold()
