# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dangers of a receive connector that relays: refused unless the task takes them on by an option that names them."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import items_of
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import RELAY
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rules import EXTERNAL
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import explicit_entries, guard
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.connector_checks import held_addresses
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.connector_plan import Plan
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.permission_task import allowed
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller


def check(caller: Caller, plan: Plan, options: Mapping[str, Plain]) -> None:
    """Raise ValueError where the change lets clients relay whom nobody named closely enough.

    A connector without a relay right may serve any range, as those that setup made do. One relays when it trusts its
    clients (ExternalAuthoritative) or when somebody granted the right to write to any recipient.
    """
    before = plan.existing.settings if plan.existing else {}
    trusts = EXTERNAL in items_of(plan.settings.get("auth_mechanism"))
    newly = trusts and EXTERNAL not in items_of(before.get("auth_mechanism"))
    if newly and options.get("acknowledge_trust") is not True:
        raise ValueError(
            f"auth_mechanism: with ExternalAuthoritative the connector {plan.name} on {plan.facts.name} trusts every "
            "client in remote_ip_ranges like an Exchange server: relay to any recipient, no anti-spam, no size limit, "
            "any sender taken for a colleague. Leave it out, or set acknowledge_trust"
        )
    ranges = items_of(plan.settings.get("remote_ip_ranges"))
    new = ranges if newly else _grown(ranges, items_of(before.get("remote_ip_ranges")))
    if not new or not (trusts or (plan.existing and plan.existing.custom)):
        return
    try:
        _check_ranges(caller, plan, new, options)
    except ValueError:
        if trusts or _may_relay(caller, plan):
            raise


def _check_ranges(caller: Caller, plan: Plan, ranges: frozenset[IPRange], options: Mapping[str, Plain]) -> None:
    accepted = allowed(options)
    guard.check_ranges(plan.name, ranges, accepted)
    bound = (binding for other in plan.others for binding in items_of(other.settings.get("bindings")))
    addresses = {binding.address for binding in bound if isinstance(binding, Binding) and not binding.wildcard}
    if not accepted.server_address:
        addresses |= held_addresses(caller, plan.facts) or set()
    guard.check_server_addresses(plan.name, ranges, dict.fromkeys(addresses, plan.facts.name), accepted)


def _grown(ranges: frozenset[IPRange], before: frozenset[IPRange]) -> frozenset[IPRange]:
    """Return the ranges that hold an address which was not there before."""
    if not subtract(ranges, before):
        return frozenset()
    return frozenset(item for item in ranges - before if subtract([item], before))


def _may_relay(caller: Caller, plan: Plan) -> bool:
    """Whether an entry beyond the groups lets somebody relay; yes where the entries cannot be read."""
    if plan.existing is None:
        return False
    entries = explicit_entries.entries_of(caller, plan.existing)
    if entries is None:
        return True
    groups = sorted(items_of(plan.existing.settings.get("permission_groups")))
    own = explicit_entries.beyond_groups(entries, groups)
    return any(entry.right == RELAY and not entry.deny for entry in own)
