# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metabase of an IIS SMTP service: who may relay, in the binary form that its own console writes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from ipaddress import IPv4Network

PATH = r"C:\Windows\System32\inetsrv\MetaBase.xml"
_POINTER = 1 << 31


def relay_ip_list(granted: Sequence[str] = (), denied: Sequence[str] = (), names: bytes = b"") -> bytes:
    """Write RelayIpList as the scripts do that set it through WMI; networks are grouped by their masks.

    ``names`` are bytes of granted names, whose layout nobody has published.
    """
    groups = [_groups(denied), _groups(granted)]
    sizes = [8 + 20 * len(each) for each in groups]
    places = [24, 24 + sizes[0], 24 + sum(sizes), 32 + sum(sizes)]
    at = data = places[3] + 8
    lists, addresses = b"", b""
    for each in groups:
        lists += struct.pack("<2I", len(each), sum(map(len, each.values())))
        for mask, members in each.items():
            lists += struct.pack("<5I", 2, len(members) + 1, 4, 0, at | _POINTER)
            addresses += struct.pack(f">{len(members) + 1}I", mask, *members)
            at += 4 * (len(members) + 1)
    head = struct.pack("<6I", *(place | _POINTER for place in places), 1, data)
    name_lists = struct.pack("<4I", 0, 0, bool(names), bool(names))
    return head + lists + name_lists + addresses + names + bytes(-len(names) % 4)


def _groups(networks: Sequence[str]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for network in map(IPv4Network, networks):
        groups.setdefault(int(network.netmask), []).append(int(network.network_address))
    return groups


def metabase(*servers: str) -> str:
    """Write a MetaBase.xml with these virtual servers, each a text of attributes."""
    keys = "\r\n".join(
        f'<IIsSmtpServer\tLocation ="/LM/SmtpSvc/{number}"\r\n\t\tAdminACL="49634462f0000000a4000000"\r\n'
        f"\t\t{each}\r\n\t>\r\n</IIsSmtpServer>"
        for number, each in enumerate(servers, 1)
    )
    return (
        '<?xml version ="1.0"?>\r\n<configuration xmlns="urn:microsoft-catalog:XML_Metabase_V64_0">\r\n<MBProperty>\r\n'
        '<IIS_Global\tLocation ="."\r\n\t\tHistoryMajorVersionNumber="12"\r\n\t>\r\n</IIS_Global>\r\n'
        '<IIsSmtpService\tLocation ="/LM/SmtpSvc"\r\n\t\tRelayForAuth="0"\r\n\t>\r\n</IIsSmtpService>\r\n'
        f"{keys}\r\n</MBProperty>\r\n</configuration>\r\n"
    )
