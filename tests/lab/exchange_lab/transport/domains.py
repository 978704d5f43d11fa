# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which domains the organisation accepts mail for (Get-AcceptedDomain, DomainName)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exchange_lab.exchange.model import AcceptedDomain


@dataclass(frozen=True)
class AcceptedDomains:
    """``exact`` and ``below`` map a lower-case domain to its kind, ``everything`` is the kind of ``*`` or ""."""

    exact: dict[str, str]
    below: dict[str, str]
    everything: str

    def kind(self, domain: str) -> str:
        """Return the kind of the accepted domain that covers this one, or ""."""
        return self.own_kind(domain) or self.everything

    def own_kind(self, domain: str) -> str:
        """Like ``kind``, with ``*`` left out of account."""
        labels = domain.lower().split(".")
        name = ".".join(labels)
        if name in self.exact:
            return self.exact[name]
        for cut in range(len(labels)):
            kind = self.below.get(".".join(labels[cut:]))
            if kind:
                return kind
        return ""


def accepted_domains(domains: Iterable[AcceptedDomain]) -> AcceptedDomains:
    """Index the accepted domains; ``*.example.com`` covers example.com and every subdomain of it."""
    exact: dict[str, str] = {}
    below: dict[str, str] = {}
    everything = ""
    for entry in domains:
        name = entry.domain.lower()
        if name == "*":
            everything = entry.kind
        elif name.startswith("*."):
            below[name[2:]] = entry.kind
        else:
            exact[name] = entry.kind
    return AcceptedDomains(exact, below, everything)
