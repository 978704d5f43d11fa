# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and ports: a loopback network for each lab, SMTP ports where the process may bind them."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

WINRM, WINRM_TLS = 5985, 5986
HTTP, HTTPS = 80, 443
_PRIVILEGED = 1024
_OFFSET = 20000
_FIRST_HOST = 10


@dataclass
class Network:
    """A /24 of 127.0.0.0/8 that this lab has to itself, and a socket that says so to other labs."""

    block: IPv4Network
    claim: socket.socket

    @classmethod
    def take(cls, wanted: str | None = None) -> Network:
        """The network asked for, or a free one; raises OSError when another lab has it."""
        if wanted is not None:
            block = IPv4Network(wanted)
            if block.prefixlen != 24 or not block.is_loopback:
                raise ValueError(f"the lab's network has to be a /24 of 127.0.0.0/8, not {wanted}")
            return cls(block, _claimed(block))
        for _ in range(200):
            second, third = random.randint(64, 250), random.randint(1, 250)
            with suppress(OSError):
                block = IPv4Network(f"127.{second}.{third}.0/24")
                return cls(block, _claimed(block))
        raise OSError("no free loopback network found")

    def server_address(self, number: int) -> str:
        """The primary address of the n-th server, counted from nought."""
        return str(self.block[_FIRST_HOST + number])

    @property
    def domain_controller(self) -> str:
        """Where the KDC listens."""
        return str(self.block[_FIRST_HOST - 1])

    @property
    def offset(self) -> int:
        """What is added to a privileged port: nothing where the process may bind such ports."""
        address = str(self.block[_FIRST_HOST])
        for port in (25, HTTP):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, port))
                except OSError:
                    return _OFFSET
        return 0

    def release(self) -> None:
        """Let another lab have it."""
        self.claim.close()


def _claimed(block: IPv4Network) -> socket.socket:
    """Bind a port that no part of the lab uses, on the network's last address."""
    claim = socket.socket()
    try:
        claim.bind((str(IPv4Address(block.broadcast_address) - 1), 1929))
    except OSError:
        claim.close()
        raise
    return claim


def shifted(port: int, offset: int) -> int:
    """The real port for one that a connector or client names."""
    return port + offset if port < _PRIVILEGED else port
