# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""getmac of Windows Server 2008 and later: hardware addresses as comma-separated text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .host import WindowsHost


@dataclass
class GetMac:
    """``getmac /v /fo csv /nh``: connection name, adapter, hardware address, transport."""

    host: WindowsHost

    def __call__(self, arguments: list[str], given: list[str] | None = None) -> tuple[int, str]:
        """One line for each adapter."""
        rows = [each for each in self.host.interfaces.values() if each.mac]
        lines = [rf'"{each.alias}","{each.description}","{each.mac}","\Device\Tcpip_{each.guid}"' for each in rows]
        return 0, "\n".join(["", *lines, ""])
