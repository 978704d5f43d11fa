# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local address and port that a receive connector listens on."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import (
    IPRange,
    address_text,
    parse_address,
)

SMTP = 25


class Binding(NamedTuple):
    """An address in canonical text (IPv6 without brackets) and a TCP port; order is by address text."""

    address: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Binding:
        """Read ``192.0.2.1:25`` or ``[2001:db8::1]:25``; raises ValueError that names the text.

        An address alone stands for port 25, with or without the prefix length that it has on its interface. What
        Exchange makes of a missing port is not documented, so it is always sent.
        """
        try:
            return cls(*_address_and_port(text.strip()))
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


def _address_and_port(text: str) -> tuple[str, int]:
    if text.startswith("["):
        host, _bracket, rest = text[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else None if rest else str(SMTP)
        version = 6
    elif text.count(":") == 1:
        host, _colon, port = text.partition(":")
        version = 4
    else:
        host, port, version = _without_prefix_length(text), str(SMTP), 6 if ":" in text else 4
    if not (port and port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError
    found, number, scope = parse_address(host)
    if found != version:
        raise ValueError
    return address_text(version, number) + scope, int(port)


def _without_prefix_length(text: str) -> str:
    if "/" in text:
        IPRange.parse(text)
    return text.partition("/")[0]
