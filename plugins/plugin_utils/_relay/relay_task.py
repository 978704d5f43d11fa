# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module relay_connector: read, plan and judge, write unless in check mode, read again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import rules
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.garbage import uncollected
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    connector_checks,
    execution,
    guard,
    reading,
    relay_result,
    view,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.desired import STATE_OPTIONS, Desired
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.execution import Made
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.mark import is_marked, marked, unmarked
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.place import place
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.plan import plan
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Servers
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import State
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.view import View

Warn = Callable[[str], None]
Announce = Callable[[Mapping[str, Plain]], None]
OTHERS = 16
PURGED = "which this collection made and the list no longer names"


@dataclass(frozen=True)
class Aim:
    """What one server's connectors are to become: the list's entries, and the changes that they and a purge need."""

    view: View
    desired: Mapping[str, Desired]
    changes: Sequence[Change]

    @property
    def goals(self) -> dict[str, State | None]:
        """The state that each connector of the list will have."""
        now: dict[str, State | None] = {key: self.view.states.get(key) for key in self.desired}
        return {**now, **{change.key: change.goal for change in self.changes}}


@uncollected()
def apply(
    caller: Servers,
    arguments: Mapping[str, Plain],
    *,
    check_mode: bool,
    warn: Warn,
    today: date,
    announce: Announce | None = None,
) -> dict[str, Plain]:
    """Bring the relay connectors to what the list says; the result of the module.

    ``announce`` is given the result, as far as it is known then, before anything is written.
    """
    purge = arguments.get("purge") is True
    _read_ahead(caller, arguments)
    lists = _by_server(caller, arguments)
    aims = [_aim(view.read(caller, facts, None if purge else wanted), wanted, purge, today) for facts, wanted in lists]
    _check(aims, _held(caller, aims, warn), today, warn if check_mode else _refuse)
    steps = [step for aim in aims for step in _steps(caller, aim)]
    if announce:
        announce(relay_result.result(aims, steps, today))
    if steps and not check_mode:
        made = execution.make(caller, steps, {aim.view.facts.name: aim.view for aim in aims}, warn)
        for aim in aims:
            if aim.changes:
                look = partial(_aim, desired=aim.desired, purge=purge, today=today)
                steps += _settle(caller, aim, look, made, warn)
    for text in (*relay_result.expiries(aims, today), *relay_result.doubts(aims, today)):
        warn(text)
    return relay_result.result(aims, steps, today)


def _read_ahead(caller: Servers, arguments: Mapping[str, Plain]) -> None:
    """Have the connectors read along with the servers where all are on one server, whose name is known by then."""
    listed = arguments.get("connectors")
    items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    named = {place(item)[0] for item in items} or {""}
    if len(named) == 1:
        reading.ahead(caller, *named, adapters=True)


def _by_server(caller: Servers, arguments: Mapping[str, Plain]) -> list[tuple[ServerFacts, dict[str, Desired]]]:
    """The list's entries by server; the session's own server too where it is to be purged or named by none."""
    listed = arguments.get("connectors")
    entries = [
        Desired.from_options(item) for item in (listed if isinstance(listed, list) else []) if isinstance(item, dict)
    ]
    found: dict[str, tuple[ServerFacts, dict[str, Desired]]] = {}
    if (arguments.get("purge") is True and not all(entry.server for entry in entries)) or not entries:
        found[caller.facts.name] = (caller.facts, {})
    for entry in entries:
        facts = caller.facts_of(entry.server) if entry.server else caller.facts
        entry.check_version(facts)
        wanted = found.setdefault(facts.name, (facts, {}))[1]
        key = entry.name.lower()
        if key in wanted:
            raise ValueError(f"connectors: {entry.name} is listed twice for {facts.name}. Leave one of them out")
        wanted[key] = entry
    return list(found.values())


def _aim(seen: View, desired: Mapping[str, Desired], purge: bool, today: date) -> Aim:
    changes = [change for entry in desired.values() if (change := _change(seen, entry, today)) is not None]
    if purge:
        changes += [
            Change(seen.facts.name, seen.states[key], None, accounts=seen.accounts(key), reason=PURGED)
            for key, connector in seen.connectors.items()
            if key not in desired and _is_ours(connector)
        ]
    return Aim(seen, desired, changes)


def _is_ours(connector: ReceiveConnector) -> bool:
    """Whether this collection made it; setup's own connectors stay, whatever their comment says."""
    return is_marked(connector.settings.get("comment")) and not guard.is_default(connector.name, connector.server)


def _change(seen: View, entry: Desired, today: date) -> Change | None:
    """What differs for one entry of the list, None where nothing does."""
    key = entry.name.lower()
    before, connector = seen.states.get(key), seen.connectors.get(key)
    goal = entry.goal(before, seen.facts, today)
    settings: dict[str, Value] = {}
    if goal is not None:
        old = connector.settings if connector else {}
        wanted = {option: value for option, value in entry.settings.items() if option not in STATE_OPTIONS}
        wanted["comment"] = _comment(entry, connector)
        settings = {
            option: value
            for option, value in wanted.items()
            if not PARAMETERS[option].kind.same(old.get(option), value)
        }
    if before == goal and not settings:
        return None
    return Change(seen.facts.name, before, goal, settings, seen.accounts(key))


def _comment(entry: Desired, connector: ReceiveConnector | None) -> Value:
    """The comment asked for, else the one that is there, with the mark if the connector comes from this collection."""
    shown = connector.settings.get("comment") if connector else None
    if connector is None or is_marked(shown):
        return marked(str(entry.settings.get("comment", shown) or ""))
    asked = entry.settings.get("comment")
    return shown if asked is None else unmarked(str(asked))


def _held(caller: Servers, aims: Sequence[Aim], warn: Warn) -> dict[str, Collection[str] | None]:
    """The addresses that Exchange servers hold, by server, None where Exchange cannot tell.

    Those of the list's servers in any case; when clients are to be let in those of other servers too, of at most
    ``OTHERS``, with a warning: in a play over a large organization every server would ask about every other. In a play
    on many hosts not even a list of all is read for each.
    """
    known: dict[str, Collection[str] | None] = {aim.view.facts.name: aim.view.held for aim in aims}
    let_in = [change.goal.ranges for aim in aims for change in aim.changes if change.lets_in and change.goal]
    if let_in and caller.crowded:
        warn(
            "clients were not compared with the addresses of other Exchange servers, because the play is on too many "
            "hosts; relay_audit with all servers finds one of them inside a relay range"
        )
    elif let_in:
        others = sorted((facts for facts in caller.servers if facts.name not in known), key=_by_name)
        if len(others) > OTHERS:
            warn(
                f"clients were compared with the addresses of {OTHERS} of {len(others)} other Exchange servers; "
                "relay_audit with all servers finds one of the rest inside a relay range"
            )
        known |= connector_checks.held_by_others(caller, others[:OTHERS], frozenset().union(*let_in))
    return known


def _by_name(facts: ServerFacts) -> str:
    return facts.name


def _check(aims: Sequence[Aim], held: Mapping[str, Collection[str] | None], today: date, absent_address: Warn) -> None:
    """Refuse what is dangerous, what Exchange would refuse, and what would not work; before anything is written."""
    addresses = {address: name for name, found in held.items() for address in found or ()}
    for aim in aims:
        bindings = (binding for state in aim.view.states.values() for binding in state.bindings)
        addresses |= {binding.address: aim.view.facts.name for binding in bindings if not binding.wildcard}
    for aim in aims:
        name = aim.view.facts.name
        for entry in aim.desired.values():
            entry.check(name, addresses, today)
        for change in aim.changes:
            _check_change(aim, change, held[name], absent_address)


def _check_change(aim: Aim, change: Change, held: Collection[str] | None, absent_address: Warn) -> None:
    entry, goal = aim.desired.get(change.key), change.goal
    if entry is None or goal is None:
        return
    facts = aim.view.facts
    for option in entry.settings:
        if reason := PARAMETERS[option].refusal(facts):
            raise ValueError(f"connector {entry.name}: {reason}. Remove the option for this host")
    old = aim.view.connectors.get(change.key)
    values: dict[str, Value] = {
        **change.settings,
        "auth_mechanism": goal.auth,
        "permission_groups": goal.groups,
        "bindings": goal.bindings,
        "remote_ip_ranges": goal.ranges,
    }
    known = {**old.settings, **values} if old else rules.new_settings(values, edge=facts.edge)
    for text in rules.broken_rules(known, values):
        raise ValueError(f"connector {entry.name}: {text}")
    if not entry.allows_absent_address:
        new = goal.bindings - (change.before.bindings if change.before else frozenset())
        connector_checks.report_absent(
            held, facts, new, lambda problem: absent_address(f"connector {entry.name}: {problem}")
        )


def _planned(aim: Aim) -> list[Step]:
    changed = {change.key for change in aim.changes}
    others = {key: state for key, state in aim.view.states.items() if key not in changed}
    try:
        return plan([change for change in aim.changes if change.before or change.goal], others)
    except ValueError as problem:
        raise ValueError(f"relay connectors on {aim.view.facts.name}: {problem}") from None


def _steps(caller: Servers, aim: Aim) -> list[Step]:
    """The plan; where none is safe by what little was read, by all that is there."""
    try:
        return _planned(aim)
    except ValueError:
        if not aim.view.lean:
            raise
    return _planned(replace(aim, view=view.read(caller, aim.view.facts)))


def _settle(caller: Servers, aim: Aim, look: Callable[[View], Aim], made: Made, warn: Warn) -> list[Step]:
    """A change counts only once Exchange has been read again and nothing is left to do.

    What somebody else changed between the read and the last write may have let clients in that are not meant, so it is
    put right at once; returns those steps. Raises ValueError where it is changed again.
    """
    name, changed = aim.view.facts.name, {change.key for change in aim.changes}
    told = _told(caller, aim, made)
    if told is not None and not _planned(look(told)):
        return []
    seen = view.again(caller, aim.view, changed, made.names[name])
    left = _planned(look(seen))
    if left:
        names = execution.make(caller, left, {name: seen}, warn).names[name]
        words = "; ".join(step.words for step in left)
        warn(f"somebody else changed relay connectors on {name} meanwhile, and they were put right: {words}")
        again = {*changed, *(step.connector.lower() for step in left)}
        _agree(look(view.again(caller, seen, again, names)))
    return left


def _told(caller: Servers, aim: Aim, made: Made) -> View | None:
    """What making connectors told of them, with how the server lists them now; None where that is not enough."""
    facts, added = aim.view.facts, made.added.get(aim.view.facts.name)
    if added is None:
        return None
    listed = made.listed.get(facts.name) or reading.receive_connectors(caller, facts.name)
    new = {change.key for change in aim.changes if change.before is None and change.goal is not None}
    return view.made(aim.view, new, reading.without_roles(listed, facts), added)


def _agree(aim: Aim) -> None:
    left = _planned(aim)
    if left:
        raise ValueError(
            f"relay connectors on {aim.view.facts.name}: Exchange took all steps, but reading again shows that there "
            f"is more to do: {left[0].words}. Run the play again, and look for another administrator or a policy that "
            "changes these connectors"
        )


def _refuse(problem: str) -> None:
    raise ValueError(problem)
