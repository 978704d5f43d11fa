# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that end a finding, as cmdlets and as tasks."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.capability import EXTERNAL, Grant
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.coverage import Coverage
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import AcceptedDomain, Connector, Estate
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import Fix
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rights
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange


def take_away(estate: Estate, connector: Connector, grant: Grant) -> tuple[Fix, ...]:
    """End a grant: an own entry is removed, an inherited one outweighed, a trusted connector made an ordinary one."""
    if grant.kind == "group":
        return distrust(estate, connector) if EXTERNAL in connector.auth else ()
    if grant.kind == "entry":
        return (permission(estate, connector, grant.name, grant.right, deny=False, add=False),)
    if grant.kind == "inherited":
        return (permission(estate, connector, grant.name, grant.right, deny=True, add=True),)
    return ()


def permission(estate: Estate, connector: Connector, user: str, right: str, *, deny: bool, add: bool) -> Fix:
    """Add or remove one entry."""
    parameters: dict[str, Plain] = {
        "Identity": connector.distinguished_name,
        "User": user,
        "ExtendedRights": [right],
    }
    if deny:
        parameters["Deny"] = True
    if not add:
        parameters["Confirm"] = False
    arguments: dict[str, Plain] = {"server": connector.server, "connector": connector.name, "rights": [right]}
    if estate.principals.key(user) != rights.ANONYMOUS:
        arguments["user"] = user
    if deny:
        arguments["access"] = "deny"
    if not add:
        arguments["state"] = "absent"
    verb = ("Deny" if deny else "Grant") if add else ("Stop denying" if deny else "Take away")
    words = f"{verb} {right} {'from' if verb == 'Take away' else 'to'} {user} on {connector.title}"
    command = Command("Add-ADPermission" if add else "Remove-ADPermission", parameters)
    return Fix(words, command, "connector_permission", arguments)


def distrust(estate: Estate, connector: Connector) -> tuple[Fix, ...]:
    """Make an externally secured connector one for anonymous clients that write inside only."""
    auth = sorted((connector.auth - {EXTERNAL}) | {"Tls"})
    groups = sorted({*connector.groups, "AnonymousUsers"} - {"ExchangeServers", "Custom", "None"})
    settings = Fix(
        f"Stop trusting the clients of {connector.title} like Exchange servers",
        _set(connector, {"AuthMechanism": ", ".join(auth), "PermissionGroups": ", ".join(groups)}),
        "receive_connector",
        {**_named(connector), "auth_mechanism": list[Plain](auth), "permission_groups": list[Plain](groups)},
    )
    own = [
        permission(estate, connector, entry.user, entry.right, deny=False, add=False)
        for entry in connector.entries
        if entry.right == rights.RELAY
        and not (entry.deny or entry.inherited)
        and estate.principals.key(entry.user) == rights.ANONYMOUS
    ]
    return (*own, settings)


def without(connector: Connector, addresses: Iterable[IPRange], words: str) -> Fix:
    """Take addresses out of the remote ranges; a range that holds one is replaced by what is left of it."""
    unwanted = list(addresses)
    touched = Coverage.of(unwanted)
    gone = [item for item in connector.ranges if touched.overlaps(item)]
    left = subtract(gone, unwanted)
    if not left and len(gone) == len(connector.ranges):
        return Fix(
            f"Switch {connector.title} off, which has no other clients",
            _set(connector, {"Enabled": False}),
            "receive_connector",
            {**_named(connector), "enabled": False},
        )
    removed, added = [str(item) for item in gone], [str(item) for item in left]
    change: dict[str, Plain] = {"Remove": list[Plain](removed), **({"Add": list[Plain](added)} if added else {})}
    edit: dict[str, Plain] = {name.lower(): value for name, value in change.items()}
    return Fix(
        words,
        _set(connector, {"RemoteIPRanges": change}),
        "receive_connector",
        {**_named(connector), "remote_ip_ranges": edit},
    )


def change_role(connector: Connector, role: str) -> Fix:
    """Move a connector to the other transport role."""
    return Fix(
        f"Make {connector.title} a connector of {role}",
        _set(connector, {"TransportRole": role}),
        "receive_connector",
        {**_named(connector), "transport_role": role},
    )


def remove_domain(domain: AcceptedDomain) -> Fix:
    """Stop accepting mail for a domain."""
    command = Command("Remove-AcceptedDomain", {"Identity": domain.name, "Confirm": False})
    return Fix(f"Remove the accepted domain {domain.name} ({domain.domain})", command)


def add_address(address: str) -> Fix:
    """Give the host an address."""
    return Fix(f"Give the host the address {address}", None, "secondary_ip", {"address": address})


def _set(connector: Connector, parameters: dict[str, Plain]) -> Command:
    return Command("Set-ReceiveConnector", {"Identity": connector.distinguished_name, **parameters})


def _named(connector: Connector) -> dict[str, Plain]:
    return {"server": connector.server, "name": connector.name}
