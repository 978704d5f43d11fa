# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody has written down about Exchange, asked of a server by a connector that is closed and serves nobody.

The questions bear the names that the guide to the unknown gives them. Each reads its answer from what the server said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


def _ranges(asked: Asked, about: Subject) -> list[str]:
    found = asked.say(about.get()).objects
    values = found[0].properties.get("RemoteIPRanges") if found else None
    return [str(value) for value in values] if isinstance(values, list) else []


def _read_back(asked: Asked, about: Subject, text: str) -> str:
    """The text that a range has after it was written, or an empty one where it is refused."""
    if asked.say(about.set(RemoteIPRanges=[text])).errors:
        return ""
    found = _ranges(asked, about)
    asked.say(about.set(RemoteIPRanges=[NOBODY]))
    return found[0] if found else ""


def _rights(asked: Asked, about: Subject, user: str) -> set[str]:
    """The rights that an account has by entries of the connector itself, in lower case."""
    found: set[str] = set()
    for entry in asked.say(about.permission("Get")).objects:
        seen = entry.properties
        if seen.get("User") == user and not seen.get("IsInherited") and not seen.get("Deny"):
            rights = seen.get("ExtendedRights")
            found |= {str(right).lower() for right in (rights if isinstance(rights, list) else [rights])}
    return found


def default_role(_asked: Asked, about: Subject) -> str:
    return "" if about.edge else str(about.made.get("TransportRole") or "")


def edge_role(_asked: Asked, about: Subject) -> str:
    return ("shown" if about.made.get("TransportRole") else "absent") if about.edge else ""


def new_state(_asked: Asked, about: Subject) -> str:
    return str(about.made.get("ObjectState") or "")


def new_defaults(_asked: Asked, about: Subject) -> str:
    hops = about.made.get("MaxHopCount"), about.made.get("MaxLocalHopCount")
    known = {("60", "5"): "capture", ("30", "8"): "documentation"}
    return known.get((str(hops[0]), str(hops[1])), f"{hops[0]} and {hops[1]}")


def unknown_identity(asked: Asked, about: Subject) -> str:
    seen = asked.say(Command("Get-ReceiveConnector", {"Identity": f"{about.server}\\{about.name} that is not there"}))
    return "error" if seen.errors else "all" if seen.objects else "nothing"


def hashtable(asked: Asked, about: Subject) -> str:
    return taken(asked.say(about.set(RemoteIPRanges={"Add": [ANOTHER]})), "accepted")


def add_present(asked: Asked, about: Subject) -> str:
    if ANOTHER not in _ranges(asked, about):
        return ""
    return taken(asked.say(about.set(RemoteIPRanges={"Add": [ANOTHER]})), "ignored")


def remove_missing(asked: Asked, about: Subject) -> str:
    if ANOTHER not in _ranges(asked, about):
        return ""
    return taken(asked.say(about.set(RemoteIPRanges={"Remove": [MISSING]})), "ignored")


def repeated_values(asked: Asked, about: Subject) -> str:
    return taken(asked.say(about.set(RemoteIPRanges=[NOBODY, NOBODY])), "merged")


def host_bits(asked: Asked, about: Subject) -> str:
    text = _read_back(asked, about, "192.0.2.251/28")
    return {"192.0.2.251/28": "kept", "192.0.2.240/28": "rebased"}.get(text, text)


def netmask(asked: Asked, about: Subject) -> str:
    return "accepted" if _read_back(asked, about, "192.0.2.240(255.255.255.240)") else "refused"


def ipv6_text(asked: Asked, about: Subject) -> str:
    text = _read_back(asked, about, "2001:0DB8::0:1")
    return {"2001:0DB8::0:1": "given", "2001:db8::1": "compressed"}.get(text, "expanded" if text else "")


def pipelines(asked: Asked, about: Subject) -> str:
    seen = asked.say(about.get(), Command("Get-ADPermission"))
    return taken(seen, "piped", "single")


def statements(asked: Asked, about: Subject) -> str:
    seen = asked.statements((about.get(),), (about.get(),))
    return "" if seen is None else "several" if len(seen.objects) == 2 else "single"


def sid_user(asked: Asked, about: Subject) -> str:
    return taken(asked.say(about.permission("Get", User="S-1-5-7")), "accepted")


def foreign_account_names(asked: Asked, about: Subject) -> str:
    if about.user in ("", ENGLISH):
        return ""
    return taken(asked.say(about.permission("Get", User=ENGLISH)), "accepted")


def set_groups(asked: Asked, about: Subject) -> str:
    asked.say(about.permission("Add", User=about.user, ExtendedRights=[RELAY]))
    if RELAY.lower() not in _rights(asked, about, about.user):
        return ""
    asked.say(about.set(PermissionGroups=["AnonymousUsers", "ExchangeUsers"]))
    kept = RELAY.lower() in _rights(asked, about, about.user)
    if kept:
        asked.say(about.permission("Remove", User=about.user, ExtendedRights=[RELAY], Confirm=False))
    asked.say(about.set(PermissionGroups=["AnonymousUsers"]))
    return "keep" if kept else "drop"


def custom_group(asked: Asked, about: Subject) -> str:
    return taken(asked.say(about.set(PermissionGroups=["AnonymousUsers", "Custom"])), "ignored")


def group_rights(asked: Asked, about: Subject) -> str:
    asked.say(about.permission("Remove", User=about.user, ExtendedRights=[SENDER], Confirm=False))
    return "fixed" if SENDER.lower() in _rights(asked, about, about.user) else "removable"


def partial_group(asked: Asked, about: Subject) -> str:
    if SENDER.lower() in _rights(asked, about, about.user):
        return ""
    found = asked.say(about.get()).objects
    groups = str(found[0].properties.get("PermissionGroups")) if found else ""
    return "group" if "AnonymousUsers" in groups else "custom" if groups else ""


def _beside(asked: Asked, about: Subject, address: str, ranges: str, yes: str, no: str, **more: Plain) -> str:
    """Whether a second connector is taken beside the first; it is removed at once."""
    seen = asked.say(about.new(f"{about.name} 2", address, ranges, **more))
    for item in seen.objects:
        asked.say(remove(str(item.properties.get("DistinguishedName") or "")))
    return taken(seen, yes, no)


def role_conflict(asked: Asked, about: Subject) -> str:
    roles = {"HubTransport": "FrontendTransport", "FrontendTransport": "HubTransport"}
    other = roles.get(str(about.made.get("TransportRole")), "")
    if about.edge or not other:
        return ""
    return _beside(asked, about, "127.0.0.1", LAST, "same", "overlapping", TransportRole=other)


def wildcard_conflict(asked: Asked, about: Subject) -> str:
    role = {} if about.edge or not about.made.get("TransportRole") else {"TransportRole": about.made["TransportRole"]}
    return _beside(asked, about, "127.0.0.1", NOBODY, "accepted", "refused", **role)


def implied_parameters(asked: Asked, about: Subject) -> str:
    if about.edge:
        return ""
    return _beside(asked, about, "127.0.0.1", LAST, "accepted", "refused", Usage="Client")


def network_addresses(asked: Asked, about: Subject) -> str:
    seen = asked.say(Command("Get-NetworkConnectionInfo", {"Identity": about.server})).objects
    value = seen[0].properties.get("IPAddresses") if seen else None
    return "list" if isinstance(value, list) else "text" if isinstance(value, str) else ""


def wording(asked: Asked, about: Subject) -> str:
    seen = asked.say(about.new(about.name, "127.0.0.1", LAST))
    return seen.errors[0].message if seen.errors else ""


# in the order in which they are put: what changes the rights of the group comes last
QUESTIONS: Sequence[Callable[[Asked, Subject], str]] = (
    default_role,
    edge_role,
    new_state,
    new_defaults,
    unknown_identity,
    pipelines,
    statements,
    network_addresses,
    hashtable,
    add_present,
    remove_missing,
    repeated_values,
    host_bits,
    netmask,
    ipv6_text,
    role_conflict,
    wildcard_conflict,
    implied_parameters,
    wording,
    sid_user,
    foreign_account_names,
    set_groups,
    custom_group,
    group_rights,
    partial_group,
)

# why the others are not put to a server that people use
NOT_ASKED: Mapping[str, str] = {
    "wire_shape": "A recording of the run shows it.",
    "flag_values": "A recording of the run shows it where objects come with their numbers.",
    "range_formats": "A recording of the run shows it where objects come with all their properties.",
    "max_sessions": "It would take sessions away from others.",
    "range_limit": "It would take more than a thousand entries.",
    "se_version": "The version that the server shows is at the head of the report.",
    "anonymous_refusal": "It would take a connector that listens without a permission group.",
    "transport_delay": "The time that probe_client took says it.",
}
