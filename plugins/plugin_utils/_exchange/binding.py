# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local address and port that a receive connector listens on."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import address_text, parse_address


class Binding(NamedTuple):
    """An address in canonical text (IPv6 without brackets) and a TCP port; order is by address text."""

    address: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Binding:
        """Read ``192.0.2.1:25`` or ``[2001:db8::1]:25``; raises ValueError that names the text.

        The port is required although some pages of Microsoft's leave it out: Exchange's own default for it is not
        documented (New-ReceiveConnector, Bindings).
        """
        try:
            host, colon, port = text.strip().rpartition(":")
            if not (colon and port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
                raise ValueError
            return cls(_canonical(host), int(port))
        except (ValueError, OSError, TypeError, AttributeError):
            raise ValueError(f"{text!r} is not a binding; write it as 192.0.2.1:25 or [2001:db8::1]:25") from None

    def __str__(self) -> str:
        """Write it as Exchange does."""
        return f"[{self.address}]:{self.port}" if self.version == 6 else f"{self.address}:{self.port}"

    @property
    def version(self) -> int:
        """The IP version, 4 or 6."""
        return 6 if ":" in self.address else 4

    @property
    def wildcard(self) -> bool:
        """Whether it stands for every address of its IP version."""
        return self.address in ("0.0.0.0", "::")  # noqa: S104 - a comparison, nothing is bound


def _canonical(host: str) -> str:
    bracketed = host.startswith("[") and host.endswith("]")
    version, number, scope = parse_address(host[1:-1] if bracketed else host)
    if bracketed != (version == 6):
        raise ValueError
    return address_text(version, number) + scope
