# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a host's addresses, for modules that only want to know whether one can be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import Failure
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import HostShell
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.opening import WINDOWS_CONNECTIONS


def states(connection: Any, server: str) -> Mapping[str, str] | None:
    """Return the state (Set-NetIPAddress, "AddressState") of each address that the host holds now.

    None where the inventory gives no connection to a Windows host; raises ValueError where there is one and it fails.
    """
    if not _reaches_windows(connection):
        return None
    # loaded only by the few tasks that bind a connector to an address
    from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.host import Host

    try:
        table = Host(HostShell(connection, server)).read()
    except (Failure, AnsibleError) as failure:
        raise ValueError(str(failure)) from None
    return {str(found.ip): found.state for found in table.addresses if found.active}


def _reaches_windows(connection: Any) -> bool:
    """Whether PowerShell can be run over it; a psrp connection with another path than wsman is Exchange's endpoint."""
    transport = getattr(connection, "transport", "")
    if transport == "psrp" and str(connection.get_option("path") or "wsman").strip("/").lower() != "wsman":
        return False
    return transport in WINDOWS_CONNECTIONS and hasattr(getattr(connection, "_shell", None), "_encode_script")
