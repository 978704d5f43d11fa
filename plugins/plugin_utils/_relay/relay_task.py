# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module relay_connector: read, plan and judge, write unless in check mode, read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.garbage import uncollected
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    execution,
    reading,
    relay_checks,
    relay_result,
    view,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.aim import Aim
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.aim import aim as aim_of
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.desired import Desired
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.made import Made
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.place import place
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.plan import plan
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Servers
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.step import Step
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.view import View

Warn = Callable[[str], None]
Announce = Callable[[Mapping[str, Plain]], None]


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
    aims = [
        aim_of(view.read(caller, facts, None if purge else wanted), wanted, purge, today) for facts, wanted in lists
    ]
    relay_checks.check(aims, relay_checks.held(caller, aims, warn), today, warn if check_mode else _refuse)
    steps = [step for aim in aims for step in _steps(caller, aim)]
    if announce:
        announce(relay_result.result(aims, steps, today))
    if steps and not check_mode:
        made = execution.make(caller, steps, {aim.view.facts.name: aim.view for aim in aims}, warn)
        for aim in aims:
            if aim.changes:
                look = partial(aim_of, desired=aim.desired, purge=purge, today=today)
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
