# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains that Exchange takes mail for from anybody, and which recipients are therefore inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import WireObject

EVERYTHING = "*"


@dataclass(frozen=True)
class AcceptedDomain:
    """One accepted domain.

    ``domain`` is ``example.com`` or ``*``, ``kind`` Authoritative, InternalRelay or ExternalRelay (Accepted domains).
    """

    name: str
    domain: str
    kind: str
    subdomains: bool = False
    default: bool = False

    @classmethod
    def from_object(cls, item: WireObject) -> AcceptedDomain:
        """Read an object of Get-AcceptedDomain; ``*.example.com`` stands for the domain and all below it."""
        shown = {name: str(item.properties.get(name) or "") for name in ("Name", "DomainName", "DomainType")}
        domain = shown["DomainName"].strip().lower()
        below = domain.startswith("*.") or _true(item, "MatchSubDomains")
        return cls(
            shown["Name"] or domain, domain.removeprefix("*."), shown["DomainType"], below, _true(item, "Default")
        )

    def __str__(self) -> str:
        """Write it as Exchange does."""
        return f"*.{self.domain}" if self.subdomains and self.domain != EVERYTHING else self.domain

    @property
    def inside(self) -> bool:
        """Whether mail for it stays in the organization, or in a system that shares the domain with it."""
        return self.kind in ("Authoritative", "InternalRelay") and self.domain != EVERYTHING

    def holds(self, domain: str) -> bool:
        """Whether mail for this domain is accepted because of it."""
        if self.domain in (EVERYTHING, domain):
            return True
        return self.subdomains and domain.endswith(f".{self.domain}")


def deciding(domains: Iterable[AcceptedDomain], domain: str) -> AcceptedDomain | None:
    """The most specific of the accepted domains that hold a domain, None for a domain that is not accepted."""
    found = [one for one in domains if one.holds(domain)]
    return max(found, key=lambda one: (one.domain != EVERYTHING, len(one.domain)), default=None)


def domain_of(recipient: str) -> str:
    """The domain of ``user@example.com`` or ``example.com`` in lower case; ValueError for what is neither."""
    text = recipient.strip().strip("<>")
    domain = text.rpartition("@")[2].rstrip(".").lower()
    if not domain or any(letter.isspace() or letter in "*,;" for letter in text):
        raise ValueError(f"{recipient!r} is neither an address nor a domain; write it as user@example.com")
    return domain


def _true(item: WireObject, name: str) -> bool:
    return str(item.properties.get(name) or "").lower() == "true"
