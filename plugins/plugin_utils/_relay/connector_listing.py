# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module receive_connector_info: a server's connectors and who holds which right on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import connector_name, connector_view
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Principals
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    all_entries,
    connector_plan,
    connector_write,
    reading,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.all_entries import Entries
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.connector_task import target
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Servers


def read(caller: Servers, arguments: Mapping[str, Plain], warn: Callable[[str], None]) -> dict[str, Plain]:
    """Read and describe the connectors of a server, or the one of a name, as the result of the module."""
    reading.ahead(caller, connector_name.parse(str(arguments.get("name") or ""))[0])
    facts = target(caller, arguments)
    connectors = connector_write.read_all(caller, facts.name, first=True)
    _server, name = connector_name.parse(str(arguments.get("name") or ""))
    if name:
        found = connector_plan.find(connectors, name)
        connectors = [found] if found else []
    connectors.sort(key=lambda connector: connector.name.casefold())
    described = [connector_view.described(connector) for connector in connectors]
    if arguments.get("permissions") is not False and connectors:
        identities = {connector.distinguished_name: connector.identity for connector in connectors}
        entries = all_entries.attempt(caller, facts.name, identities)
        if entries is None:
            warn(
                f"the permissions of connectors on {facts.name} could not be read with this account; they need the "
                'management role "Active Directory Permissions"'
            )
        else:
            _add_permissions(described, connectors, entries)
    return {"changed": False, "server": facts.name, "connectors": list[Plain](described)}


def _add_permissions(
    described: Sequence[dict[str, Plain]], connectors: Sequence[ReceiveConnector], entries: Entries
) -> None:
    lists = [(_groups(connector), entries.get(connector.distinguished_name, [])) for connector in connectors]
    principals = Principals.learn(lists)
    for description, (groups, own) in zip(described, lists, strict=True):
        description["permissions"] = connector_view.permissions(own, groups, principals)


def _groups(connector: ReceiveConnector) -> list[str]:
    groups = connector.settings.get("permission_groups")
    return sorted(groups) if isinstance(groups, frozenset) else []
