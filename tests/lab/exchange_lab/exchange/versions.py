# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Exchange versions that the lab can be, and what of their surface depends on the version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum


class Version(IntEnum):
    """A product version; later ones are greater."""

    E2007 = 2007
    E2010 = 2010
    E2013 = 2013
    E2016 = 2016
    E2019 = 2019
    SE = 2025


@dataclass(frozen=True)
class Profile:
    """One version as the lab plays it. ``build`` is (major, minor, build, revision) of AdminDisplayVersion."""

    name: str
    version: Version
    build: tuple[int, int, int, int]
    edge: bool = False

    @property
    def build_text(self) -> str:
        """As AdminDisplayVersion prints it."""
        return "Version {}.{} (Build {}.{})".format(*self.build)

    def showing(self, se_version: str) -> Profile:
        """The same with another version number, if it is Subscription Edition."""
        major, minor = map(int, se_version.split("."))
        return replace(self, build=(major, minor, *self.build[2:])) if self.version is Version.SE else self

    @property
    def has_roles(self) -> bool:
        """Whether connectors have a TransportRole: since 2013, where the front end came to be."""
        return self.version >= Version.E2013 and not self.edge

    @property
    def has_endpoint(self) -> bool:
        """Whether there is a remote endpoint and RBAC: since 2010, never on Edge Transport."""
        return self.version >= Version.E2010 and not self.edge

    @property
    def schema(self) -> int:
        """The major version as in folder names: 8, 14 or 15."""
        return self.build[0]


# Build numbers: "Exchange Server build numbers and release dates"
PROFILES = {
    profile.name: profile
    for profile in (
        Profile("2007", Version.E2007, (8, 3, 83, 6)),
        Profile("2010", Version.E2010, (14, 3, 123, 4)),
        Profile("2013", Version.E2013, (15, 0, 1497, 2)),
        Profile("2016", Version.E2016, (15, 1, 2507, 6)),
        Profile("2019", Version.E2019, (15, 2, 1544, 4)),
        Profile("se", Version.SE, (15, 2, 2562, 17)),
        Profile("edge", Version.E2019, (15, 2, 1544, 4), edge=True),
    )
}


def receive_log_folder(profile: Profile, service: str) -> str:
    """The folder of the receive logs of a transport service: FrontEnd, Hub, Edge, or "" ("Protocol logging")."""
    root = "C:\\Program Files\\Microsoft\\Exchange Server"
    if profile.schema > 8:
        root += f"\\V{profile.schema}"
    return "\\".join(filter(None, (root, "TransportRoles\\Logs", service, "ProtocolLog\\SmtpReceive")))
