# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module receive_connector: read all of a server's connectors, check, write what differs, read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import connector_name, connector_view
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import (
    ReceiveConnector,
    render_settings,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.desired_connector import DesiredConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    connector_checks,
    connector_danger,
    connector_plan,
    connector_write,
    reading,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.connector_checks import States
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.connector_plan import Plan
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller, Servers

Warn = Callable[[str], None]
Announce = Callable[[Mapping[str, Plain]], None]


def apply(
    caller: Servers,
    arguments: Mapping[str, Plain],
    *,
    check_mode: bool,
    warn: Warn,
    states: States = lambda: None,
    announce: Announce = lambda result: None,
) -> dict[str, Plain]:
    """Bring one connector to what the options say and return the result of the module.

    ``announce`` is given the result, as far as it is known then, before anything is written.
    Raises ValueError, with the server's name in it, for what is refused; nothing has been written then.
    """
    reading.ahead(caller, connector_name.parse(str(arguments.get("name") or ""))[0])
    facts = target(caller, arguments)
    try:
        return _apply(caller, facts, arguments, check_mode=check_mode, warn=warn, states=states, announce=announce)
    except ValueError as refusal:
        if facts.name in str(refusal):
            raise
        raise ValueError(f"On {facts.name}, {refusal}") from None


def _apply(
    caller: Caller,
    facts: ServerFacts,
    arguments: Mapping[str, Plain],
    *,
    check_mode: bool,
    warn: Warn,
    states: States,
    announce: Announce,
) -> dict[str, Plain]:
    options = connector_plan.merged_options(arguments, facts, warn)
    if options.get("state") == "absent":
        return _absent(caller, str(options["name"]), facts, check_mode=check_mode, announce=announce)
    desired = DesiredConnector.from_options(options)
    desired.refuse_missing(facts)
    connectors = connector_write.read_all(caller, facts.name, first=True)
    plan = connector_plan.make(desired, connectors, facts, merge_ranges=options.get("merge_ranges") is True)
    _check(caller, plan, options)
    _check_addresses(caller, plan, options, check_mode=check_mode, warn=warn, states=states)
    connector = plan.existing
    announce(_result(plan, None))
    if plan.needed and not check_mode:
        connector = connector_write.write(caller, plan, warn)
    return _result(plan, connector if not check_mode else None)


def target(caller: Servers, arguments: Mapping[str, Plain]) -> ServerFacts:
    """Find the server whose connector is meant: the one that the name tells, else the task's or the session's."""
    name = str(arguments.get("name") or "")
    server, _name = connector_name.parse(name)
    if not server:
        return caller.facts
    facts = caller.facts_of(server)
    if arguments.get("server") and facts.name != caller.facts.name:
        raise ValueError(
            f"name: {name} is not on the server {caller.facts.name} that is given beside it. Leave one out"
        )
    return facts


def _absent(caller: Caller, name: str, facts: ServerFacts, *, check_mode: bool, announce: Announce) -> dict[str, Plain]:
    connectors = connector_write.read_all(caller, facts.name, first=True)
    existing = connector_plan.find(connectors, name)
    title = f"{facts.name}\\{existing.name if existing else name}"
    before = dict(existing.settings) if existing else None
    result: dict[str, Plain] = {
        "changed": existing is not None,
        "connector": {},
        "diff": connector_view.diff(title, before, None),
    }
    announce(result)
    if existing and not check_mode:
        connector_write.remove(caller, existing)
    return result


def _check(caller: Caller, plan: Plan, options: Mapping[str, Plain]) -> None:
    """Refuse with ValueError what Exchange would refuse, or what would go wrong later."""
    if plan.touched & {"bindings", "remote_ip_ranges", "transport_role"}:
        connector_checks.refuse_conflicts(plan.name, plan.facts.name, plan.settings, plan.others)
    connector_danger.check(caller, plan, options)


def _check_addresses(
    caller: Caller, plan: Plan, options: Mapping[str, Plain], *, check_mode: bool, warn: Warn, states: States
) -> None:
    """Refuse an address that cannot be listened on; in check mode warn, since a task before may be about to add it."""
    if "bindings" not in plan.touched or options.get("allow_absent_address") is True:
        return
    before = plan.existing.settings if plan.existing else {}
    new = connector_checks.claim(plan.name, plan.settings).bindings
    old = connector_checks.claim(plan.name, before).bindings
    problem = warn if check_mode else _refuse
    connector_checks.check_addresses(caller, plan.facts, frozenset(new) - frozenset(old), problem, states, warn)


def _refuse(problem: str) -> None:
    raise ValueError(problem)


def _result(plan: Plan, connector: ReceiveConnector | None) -> dict[str, Plain]:
    return {
        "changed": plan.needed,
        "changed_options": list[Plain](sorted(plan.touched)),
        "connector": connector_view.described(connector)
        if connector
        else {"name": plan.name, **render_settings(plan.settings)},
        "diff": connector_view.diff(plan.title, plan.before(), plan.after()),
    }
