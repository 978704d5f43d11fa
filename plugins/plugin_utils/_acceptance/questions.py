# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody has written down about Exchange, asked of a server by a connector that is closed and serves nobody.

The questions bear the names that the guide to the unknown gives them. Each reads its answer from what the server said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._acceptance.subject import (
    ANOTHER,
    ENGLISH,
    LAST,
    MISSING,
    NOBODY,
    RELAY,
    SENDER,
    Asked,
    Subject,
    ranges,
    read_back,
    remove,
    rights,
    taken,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain


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
    if ANOTHER not in ranges(asked, about):
        return ""
    return taken(asked.say(about.set(RemoteIPRanges={"Add": [ANOTHER]})), "ignored")


def remove_missing(asked: Asked, about: Subject) -> str:
    if ANOTHER not in ranges(asked, about):
        return ""
    return taken(asked.say(about.set(RemoteIPRanges={"Remove": [MISSING]})), "ignored")


def repeated_values(asked: Asked, about: Subject) -> str:
    return taken(asked.say(about.set(RemoteIPRanges=[NOBODY, NOBODY])), "merged")


def host_bits(asked: Asked, about: Subject) -> str:
    text = read_back(asked, about, "192.0.2.251/28")
    return {"192.0.2.251/28": "kept", "192.0.2.240/28": "rebased"}.get(text, text)


def netmask(asked: Asked, about: Subject) -> str:
    return "accepted" if read_back(asked, about, "192.0.2.240(255.255.255.240)") else "refused"


def ipv6_text(asked: Asked, about: Subject) -> str:
    text = read_back(asked, about, "2001:0DB8::0:1")
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
    if RELAY.lower() not in rights(asked, about, about.user):
        return ""
    asked.say(about.set(PermissionGroups=["AnonymousUsers", "ExchangeUsers"]))
    kept = RELAY.lower() in rights(asked, about, about.user)
    if kept:
        asked.say(about.permission("Remove", User=about.user, ExtendedRights=[RELAY], Confirm=False))
    asked.say(about.set(PermissionGroups=["AnonymousUsers"]))
    return "keep" if kept else "drop"


def custom_group(asked: Asked, about: Subject) -> str:
    return taken(asked.say(about.set(PermissionGroups=["AnonymousUsers", "Custom"])), "ignored")


def group_rights(asked: Asked, about: Subject) -> str:
    asked.say(about.permission("Remove", User=about.user, ExtendedRights=[SENDER], Confirm=False))
    return "fixed" if SENDER.lower() in rights(asked, about, about.user) else "removable"


def partial_group(asked: Asked, about: Subject) -> str:
    if SENDER.lower() in rights(asked, about, about.user):
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
