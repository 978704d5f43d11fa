# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recipients are inside the organization. Private to the relayops.exchange collection."""

from __future__ import annotations

from typing import Dict, Iterable, Set

_MOST = 50_000


class AcceptedDomains:
    """The accepted domains: ``example.org``, ``*.example.org`` for that and all below it, ``*`` for every domain."""

    def __init__(self, domains: Iterable[str]) -> None:
        """Read them; raises ValueError for what is no domain."""
        self._exact: Set[str] = set()
        self._below: Set[str] = set()
        self._known: Dict[bytes, bool] = {}
        self._all = False
        for given in domains:
            domain = given.strip().lower()
            name = (domain[2:] if domain.startswith("*.") else domain).rstrip(".")
            if domain != "*" and (not name or any(letter.isspace() or letter in "*@,;<>" for letter in name)):
                raise ValueError(
                    f"accepted_domains has {given!r}, which is no domain; write example.com or *.example.com"
                )
            self._all = self._all or domain == "*"
            (self._below if domain.startswith("*.") else self._exact).add(name)

    def hold(self, domain: bytes) -> bool:
        """Whether a recipient's domain, as it stands in the log, is inside; none at all means inside as well."""
        inside = self._known.get(domain)
        if inside is None:
            if len(self._known) > _MOST:
                self._known.clear()
            inside = self._known[domain] = self._holds(domain.decode("utf-8", "backslashreplace").lower().rstrip("."))
        return inside

    def _holds(self, domain: str) -> bool:
        if self._all or not domain or domain in self._exact:
            return True
        labels = domain.split(".")
        return any(".".join(labels[start:]) in self._below for start in range(len(labels)))
