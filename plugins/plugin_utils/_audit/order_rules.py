# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about connectors that stand in each other's way or stand nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import remedies
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.capability import ANYONE, in_words
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.coverage import Coverage
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Connector
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.exposure_rules import SHOWN, listed
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import Finding, Fix
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.partition import Cell, Point, cells
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.view import ServerView
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import conflicts
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.guard import is_default


def order(servers: Sequence[ServerView]) -> Iterator[Finding]:
    """Give the findings about conflicts, shadows and bindings."""
    for view in servers:
        yield from _conflicts(view)
        for connector in view.server.connectors:
            yield from _absent(view, connector)
            if connector.enabled and not view.cells_of[connector]:
                yield _unserved(view, connector)
        for point, _served in view.served:
            yield from _undetermined(view, point)


def _conflicts(view: ServerView) -> Iterator[Finding]:
    by_title = {connector.title: connector for connector in view.server.connectors}
    claims = [
        conflicts.Claim(connector.title, connector.role, connector.bindings, connector.ranges)
        for connector in view.server.connectors
    ]
    for conflict in conflicts.find(claims):
        one, other = by_title[conflict.owner], by_title[conflict.other]
        if conflict.kind == "role":
            message = f"{one.title} and {other.title} share {conflict.binding} and have different transport roles."
            evidence = tuple(f"{each.title}: {each.role or 'no role'}" for each in (one, other))
            remedy = "Give both the same role (FrontendTransport for relay connectors), or another address or port."
            yield _finding("role_conflict", "high", view, one, message, evidence, remedy, _same_role(one, other))
        else:
            message = f"{one.title} and {other.title} have {_overlap(conflict.kind)} on {conflict.binding}."
            evidence = (f"shared: {listed(conflict.ranges)}",)
            remedy = "Keep each client in one of the two, or make the ranges of one lie entirely within the other's."
            yield _finding("range_conflict", "high", view, one, message, evidence, remedy)


def _overlap(kind: str) -> str:
    return "equal ranges" if kind == "equal" else "ranges that cross"


def _same_role(one: Connector, other: Connector) -> tuple[Fix, ...]:
    """Propose a role for the one that did not come with Exchange, where that is plain."""
    made = [each for each in (one, other) if not is_default(each.name, each.server)]
    if len(made) != 1:
        return ()
    kept = other if made[0] is one else one
    return (remedies.change_role(made[0], kept.role),)


def _absent(view: ServerView, connector: Connector) -> Iterator[Finding]:
    addresses = view.server.addresses
    if addresses is None:
        return
    for binding in connector.bindings:
        if not binding.wildcard and binding.address not in addresses:
            message = f"{connector.title} is bound to {binding}, an address that the host does not have."
            evidence = (f"addresses of the host: {listed(sorted(addresses))}",)
            remedy = "Give the host the address, or bind the connector to one that it has."
            severity = "high" if connector.enabled else "low"
            fix = (remedies.add_address(binding.address),)
            yield _finding("binding_absent", severity, view, connector, message, evidence, remedy, fix)


def _unserved(view: ServerView, connector: Connector) -> Finding:
    served = [point for point, _cells in view.served if any(each.connector is connector for each in point.listeners)]
    if not served or not connector.ranges:
        reason = "it has no remote ranges" if served else "none of its addresses is there"
        message = f"{connector.title} cannot be reached: {reason}."
        evidence = (f"bindings: {', '.join(map(str, connector.bindings)) or 'none'}",)
        remedy = "Remove the connector, or give it an address and ranges."
        return _finding("unreachable_connector", "medium", view, connector, message, evidence, remedy)
    others = sorted({cell.connector.title for cell in _instead(view, connector)})
    message = f"{connector.title} serves nobody: {listed(others)} get its clients."
    evidence = (f"ranges: {listed(connector.ranges)}",)
    remedy = "Remove it, or take its clients out of the other connectors' ranges."
    return _finding("shadowed_connector", "medium", view, connector, message, evidence, remedy)


def _instead(view: ServerView, connector: Connector) -> Iterator[Cell]:
    for point, served in view.served:
        if any(each.connector is connector for each in point.listeners):
            for item in list(connector.ranges)[:100]:
                client = IPRange(item.version, item.first, item.first, item.scope)
                cell = view.serving_at(point, served, client)
                if cell is not None:
                    yield cell


def _undetermined(view: ServerView, point: Point) -> Iterator[Finding]:
    """Whether a named connector would let clients do more than the one with the narrower range that may serve them."""
    named = tuple(listener for listener in point.listeners if listener.named)
    if not named or len(named) == len(point.listeners):
        return
    by_name = cells(Point(point.endpoints, named))
    by_range = [cell for at, served in view.served if at is point for cell in served]
    own = {id(listener.connector) for listener in named}
    for narrow in by_range:
        if id(narrow.connector) in own:
            continue
        for cell in by_name:
            more = set(view.access[cell.connector].get(ANYONE, {})) - set(view.access[narrow.connector].get(ANYONE, {}))
            shared = Coverage(cell.pieces).common(Coverage(narrow.pieces)) if more else Coverage({})
            if shared:
                clients = listed(shared.ranges(SHOWN), shared.count)
                message = (
                    f"Clients at {clients} that connect to {point.endpoints[0]} may be served by "
                    f"{narrow.connector.title} (narrower range) or by {cell.connector.title} (its address)."
                )
                evidence = (f"with {cell.connector.title} they may also: {', '.join(in_words(more))}",)
                remedy = f"Take these clients out of {cell.connector.title}, or the rights that go beyond."
                yield _finding("undetermined_connector", "medium", view, cell.connector, message, evidence, remedy)


def _finding(
    rule: str,
    severity: str,
    view: ServerView,
    connector: Connector,
    message: str,
    evidence: tuple[str, ...],
    remedy: str,
    fixes: tuple[Fix, ...] = (),
) -> Finding:
    return Finding(rule, severity, view.server.name, connector.title, message, evidence, remedy, fixes)
