# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Exchange a server runs, as far as parameters and rules depend on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, WireObject

_DISPLAY = re.compile(r"Version (\d+)\.(\d+) \(Build (\d+)\.(\d+)\)")
# "Exchange Server build numbers and release dates": Subscription Edition kept 15.2 and began at this build
_FIRST_SE_BUILD = 2562


class Version(IntEnum):
    """Releases in their order; the number is the year, Subscription Edition's that of its release."""

    EXCHANGE_2007 = 2007
    EXCHANGE_2010 = 2010
    EXCHANGE_2013 = 2013
    EXCHANGE_2016 = 2016
    EXCHANGE_2019 = 2019
    EXCHANGE_SE = 2025

    def __str__(self) -> str:
        """Name it as people do."""
        return "Exchange SE" if self is Version.EXCHANGE_SE else f"Exchange {self.value}"


_BY_NUMBER = {
    (8,): Version.EXCHANGE_2007,
    (14,): Version.EXCHANGE_2010,
    (15, 0): Version.EXCHANGE_2013,
    (15, 1): Version.EXCHANGE_2016,
    (15, 2): Version.EXCHANGE_2019,
}


@dataclass(frozen=True)
class ServerFacts:
    """What Get-ExchangeServer tells of one server; ``build`` is ``15.2.986.5``, ``roles`` the words of ServerRole."""

    name: str
    fqdn: str
    version: Version
    edge: bool
    build: str
    roles: frozenset[str]
    distinguished_name: str

    @classmethod
    def from_object(cls, server: WireObject) -> ServerFacts:
        """Read a Get-ExchangeServer object; raises ValueError for a version that is not known."""
        properties = server.properties
        build = build_numbers(str(properties.get("AdminDisplayVersion") or ""))
        roles = frozenset(role.strip() for role in str(properties.get("ServerRole") or "").split(",") if role.strip())
        return cls(
            name=str(properties.get("Name") or server.text),
            fqdn=str(properties.get("Fqdn") or ""),
            version=release(build),
            edge=_true(properties.get("IsEdgeServer")) or "Edge" in roles,
            build=".".join(map(str, build)),
            roles=roles,
            distinguished_name=str(properties.get("DistinguishedName") or ""),
        )

    @property
    def has_transport_roles(self) -> bool:
        """Whether connectors belong to a front end or a hub: from 2013 on, not on an Edge server."""
        return self.version >= Version.EXCHANGE_2013 and not self.edge

    @property
    def service_pack(self) -> int:
        """The minor number of the version, which is the service pack in Exchange 2007 and 2010."""
        return int(self.build.split(".")[1])


def build_numbers(text: str) -> tuple[int, int, int, int]:
    """Read ``Version 15.2 (Build 986.5)``; raises ValueError."""
    match = _DISPLAY.search(text)
    if not match:
        raise ValueError(f"{text!r} is not an Exchange version")
    major, minor, build, revision = (int(number) for number in match.groups())
    return major, minor, build, revision


def release(build: tuple[int, int, int, int]) -> Version:
    """Map a build to its release, one later than all known ones to the latest; raises ValueError for any other."""
    if build[:2] > max(_BY_NUMBER):
        return Version.EXCHANGE_SE
    version = _BY_NUMBER.get(build[:2]) or _BY_NUMBER.get(build[:1])
    if version is None:
        raise ValueError(f"Exchange {build[0]}.{build[1]} is not known")
    if version is Version.EXCHANGE_2019 and build[2] >= _FIRST_SE_BUILD:
        return Version.EXCHANGE_SE
    return version


def _true(value: Plain) -> bool:
    return value is True or str(value).casefold() == "true"
