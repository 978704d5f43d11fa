# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a domain may do over TLS (SmtpReceiveDomainCapabilities)."""

from __future__ import annotations

from typing import NamedTuple

NAMES = ("AcceptOorgProtocol", "AcceptCloudServicesMail")


class DomainCapabilities(NamedTuple):
    """A domain in lower case and the capabilities it has, sorted."""

    domain: str
    capabilities: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> DomainCapabilities:
        """Read ``example.com:AcceptOorgProtocol,…``; raises ValueError.

        A capability that is not documented stays as it is written, so that reading never loses one.
        """
        domain, colon, names = str(text).strip().rpartition(":")
        capabilities = {_known(name.strip()) for name in names.split(",") if name.strip()}
        if not (domain and colon and capabilities):
            raise ValueError(f"{text!r} is not a domain with capabilities; write it as example.com:{NAMES[1]}")
        return cls(_lower(domain.strip()), tuple(sorted(capabilities)))

    def __str__(self) -> str:
        """Write it as Exchange does."""
        return f"{self.domain}:{','.join(self.capabilities)}"


def _lower(domain: str) -> str:
    """Write domains in lower case but NO-TLS, which stands for connections without encryption, as documented."""
    return "NO-TLS" if domain.casefold() == "no-tls" else domain.casefold()


def _known(name: str) -> str:
    return next((known for known in NAMES if known.casefold() == name.casefold()), name)
