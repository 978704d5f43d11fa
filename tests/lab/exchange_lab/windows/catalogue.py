# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cmdlets a host has: Windows Server 2008 and 2008 R2 know none of the NetTCPIP module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..powershell.cmdlet import Cmdlet
from .net_interface import Interfaces, Management
from .net_ip_address import Addresses

if TYPE_CHECKING:
    from .host import WindowsHost


def cmdlets(host: WindowsHost) -> dict[str, Cmdlet]:
    """The network cmdlets of the host, by name."""
    modern = [*Addresses(host).cmdlets(), *Interfaces(host).cmdlets()] if host.flavour != "2008" else []
    return {cmdlet.name: cmdlet for cmdlet in (*modern, *Management(host).cmdlets())}
