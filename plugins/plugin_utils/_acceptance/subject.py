# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connector that the open questions are about: how it is made, changed and looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Outcome, Pipeline, Plain

# nobody has these (RFC 5737)
NOBODY, ANOTHER, MISSING, LAST = "192.0.2.251", "192.0.2.252", "192.0.2.253", "192.0.2.254"
RELAY, SENDER = "ms-Exch-SMTP-Accept-Any-Recipient", "ms-Exch-SMTP-Accept-Any-Sender"
ENGLISH = "NT AUTHORITY\\ANONYMOUS LOGON"


class Asked(Protocol):
    """What the questions are put to: never raises for an error record."""

    def say(self, *pipeline: Command) -> Outcome:
        """Run one pipeline."""

    def statements(self, *pipelines: Pipeline) -> Outcome | None:
        """Run several as one, or None where there is no such thing."""


@dataclass
class Subject:
    """The connector that is asked about: ``made`` is what New-ReceiveConnector gave, ``user`` the anonymous logon."""

    name: str
    server: str
    port: int
    comment: str
    edge: bool
    made: Mapping[str, Plain] = field(default_factory=dict)
    user: str = ""

    @property
    def identity(self) -> str:
        """Its distinguished name."""
        return str(self.made.get("DistinguishedName") or "")

    def new(self, name: str, address: str, ranges: str, **more: Plain) -> Command:
        """A closed connector, on a port that nothing uses."""
        return Command(
            "New-ReceiveConnector",
            {
                "Name": name,
                "Server": self.server,
                "Bindings": [f"{address}:{self.port}"],
                "RemoteIPRanges": [ranges],
                "Enabled": False,
                "Comment": self.comment,
                **more,
            },
        )

    def set(self, **values: Plain) -> Command:
        """A change of it."""
        return Command("Set-ReceiveConnector", {"Identity": self.identity, **values})

    def get(self) -> Command:
        """A look at it."""
        return Command("Get-ReceiveConnector", {"Identity": self.identity})

    def permission(self, verb: str, **more: Plain) -> Command:
        """A *-ADPermission of it."""
        return Command(f"{verb}-ADPermission", {"Identity": self.identity, **more})


def remove(identity: str) -> Command:
    """The removal of a connector."""
    return Command("Remove-ReceiveConnector", {"Identity": identity, "Confirm": False})


def taken(outcome: Outcome, yes: str, no: str = "refused") -> str:
    """One of two answers: whether a command was taken."""
    return no if outcome.errors else yes


def ranges(asked: Asked, about: Subject) -> list[str]:
    """The remote ranges that it has now, as the server writes them."""
    found = asked.say(about.get()).objects
    values = found[0].properties.get("RemoteIPRanges") if found else None
    return [str(value) for value in values] if isinstance(values, list) else []


def read_back(asked: Asked, about: Subject, text: str) -> str:
    """The text that a range has after it was written, or an empty one where it is refused."""
    if asked.say(about.set(RemoteIPRanges=[text])).errors:
        return ""
    found = ranges(asked, about)
    asked.say(about.set(RemoteIPRanges=[NOBODY]))
    return found[0] if found else ""


def rights(asked: Asked, about: Subject, user: str) -> set[str]:
    """The rights that an account has by entries of the connector itself, in lower case."""
    found: set[str] = set()
    for entry in asked.say(about.permission("Get")).objects:
        seen = entry.properties
        if seen.get("User") == user and not seen.get("IsInherited") and not seen.get("Deny"):
            rights = seen.get("ExtendedRights")
            found |= {str(right).lower() for right in (rights if isinstance(rights, list) else [rights])}
    return found
