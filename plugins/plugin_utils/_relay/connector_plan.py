# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to happen to one receive connector of a server, decided from what was read and what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange import (
    connector_change,
    connector_name,
    range_limit,
    rules,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import ReceiveConnector
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector_change import Change
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector_copy import options_from
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.desired_connector import (
    DesiredConnector,
    Wanted,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value, items_of
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.list_edit import ListEdit
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS, SETTINGS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import merge, subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.connector_checks import neighbours
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.mark import is_marked, unmarked

RANGES = "remote_ip_ranges"


@dataclass(frozen=True)
class Plan:
    """One connector, now and as asked; ``existing`` is None where it is to be made.

    ``settings`` is everything it will have, as far as that is known, ``made`` what differs, ``title`` its name for
    texts.
    """

    facts: ServerFacts
    name: str
    existing: ReceiveConnector | None
    others: tuple[ReceiveConnector, ...]
    wanted: Mapping[str, Wanted]
    made: tuple[Change, ...]
    settings: Mapping[str, Value]

    @property
    def title(self) -> str:
        """SERVER and name as Exchange writes an identity."""
        return f"{self.facts.name}\\{self.name}"

    @property
    def touched(self) -> set[str]:
        """The options that change; all that are asked where the connector is new."""
        return {change.option for change in self.made}

    @property
    def needed(self) -> bool:
        """Whether anything is to be written."""
        return self.existing is None or bool(self.made)

    def before(self) -> dict[str, Value] | None:
        """The options that are asked for, as they are now; None where there is no connector."""
        if self.existing is None:
            return None
        return {"name": self.existing.name, **{o: self.existing.settings.get(o) for o in self._asked()}}

    def after(self) -> dict[str, Value]:
        """The options that are asked for, as they will be."""
        return {"name": self.name, **{option: self.settings.get(option) for option in self._asked()}}

    def _asked(self) -> list[str]:
        return [option for option in self.wanted if option not in ("name", "usage")]


def merged_options(arguments: Mapping[str, Plain], facts: ServerFacts, warn: Callable[[str], None]) -> dict[str, Plain]:
    """Put the options of a task over those of its ``settings``; raises ValueError where no name is left."""
    settings = arguments.get("settings")
    given: dict[str, Plain] = {o: value for o, value in arguments.items() if value is not None and o != "settings"}
    if isinstance(settings, dict):
        given = {**_without_mark(options_from(settings, facts, warn), settings, facts), **given}
    clear = given.get("clear")
    if isinstance(clear, list) and arguments.get("clear") is None:
        given["clear"] = [option for option in clear if str(option) not in given]
    if not given.get("name"):
        raise ValueError("name: it is missing, in the task and in its settings. Name the connector")
    return {**given, "name": connector_name.parse(str(given["name"]))[1]}


def _without_mark(options: dict[str, Plain], settings: Mapping[str, Plain], facts: ServerFacts) -> dict[str, Plain]:
    """A copy on another server is not what relay_connector made there, so that its purge is not to find it."""
    if is_marked(options.get("comment")) and str(settings.get("server") or "").casefold() != facts.name.casefold():
        comment = unmarked(str(options.pop("comment")))
        return {**options, "comment": comment} if comment else options
    return options


def find(connectors: Iterable[ReceiveConnector], name: str) -> ReceiveConnector | None:
    """Find a connector by name, distinguished name or GUID."""
    wanted = name.casefold()
    for connector in connectors:
        if wanted in (connector.name.casefold(), connector.distinguished_name.casefold(), connector.guid.casefold()):
            return connector
    return None


def make(
    desired: DesiredConnector, connectors: Sequence[ReceiveConnector], facts: ServerFacts, *, merge_ranges: bool
) -> Plan:
    """Compare; raises ValueError for what cannot be, before anything is written."""
    existing = _existing(desired, connectors)
    _check_name(desired, existing, facts)
    others = tuple(connector for connector in connectors if connector is not existing)
    wanted: dict[str, Wanted] = dict(desired.wanted)
    if existing is None:
        wanted = _for_new(wanted, facts)
    elif desired.new_name:
        wanted["name"] = desired.new_name
    wanted = _fitted(wanted, existing, others, merge_ranges=merge_ranges)
    made = tuple(connector_change.changes(existing.settings, wanted)) if existing else tuple(_all_new(wanted))
    name = desired.new_name or (existing.name if existing else desired.name)
    settings = connector_change.applied(_defaults(existing, wanted, facts), made)
    plan = Plan(facts, name, existing, others, wanted, made, settings)
    _check_rules(plan)
    return plan


def _all_new(wanted: Mapping[str, Wanted]) -> Iterator[Change]:
    """Everything that is asked; an empty list is, too, where the usage brings something (auth_mechanism None)."""
    for option, value in wanted.items():
        if option in SETTINGS and not isinstance(value, ListEdit) and not (PARAMETERS[option].clears and not value):
            yield Change(option, None, value)


def _existing(desired: DesiredConnector, connectors: Sequence[ReceiveConnector]) -> ReceiveConnector | None:
    found = find(connectors, desired.name)
    renamed = find(connectors, desired.new_name) if desired.new_name else None
    if found and renamed and found is not renamed:
        raise ValueError(
            f"new_name: {desired.new_name} exists already beside {desired.name}. Remove one of the two, or choose "
            "another name"
        )
    return found or renamed


def _check_name(desired: DesiredConnector, existing: ReceiveConnector | None, facts: ServerFacts) -> None:
    """Refuse a name to be given that could not be asked for afterwards."""
    if existing is None and connector_name.is_reference(desired.name):
        raise ValueError(f"name: {facts.name} has no receive connector {desired.name}. Give a name to make one")
    option, name = ("new_name", desired.new_name) if existing else ("name", desired.name)
    if "\\" in name:
        raise ValueError(f"{option}: {name} has a backslash, which stands between server and name. Leave it out")


def _for_new(wanted: Mapping[str, Wanted], facts: ServerFacts) -> dict[str, Wanted]:
    """Settle lists against nothing; a front-end connector unless the task says otherwise, where there are roles."""
    values: dict[str, Wanted] = {
        option: value.applied_to(None) if isinstance(value, ListEdit) else value for option, value in wanted.items()
    }
    if facts.has_transport_roles:
        values.setdefault("transport_role", "FrontendTransport")
    return {option: value for option, value in values.items() if value is not None}


def _fitted(
    wanted: dict[str, Wanted],
    existing: ReceiveConnector | None,
    others: Sequence[ReceiveConnector],
    *,
    merge_ranges: bool,
) -> dict[str, Wanted]:
    """Keep the ranges within the directory's limit, merged where that is allowed."""
    asked = wanted.get(RANGES)
    if asked is None:
        return wanted
    settings = existing.settings if existing else {}
    before = items_of(settings.get(RANGES))
    after = asked.applied_to(before) if isinstance(asked, ListEdit) else items_of(asked)
    if merge_ranges and isinstance(asked, ListEdit):
        whole = subtract([*before, *asked.add], asked.remove)
        if whole == merge(before):
            return {**wanted, RANGES: frozenset(before)}
        if whole != merge(after) or len(after) > range_limit.LIMIT:
            after = frozenset(whole)
    bindings = {"bindings": wanted.get("bindings") or settings.get("bindings")}
    near = neighbours({k: v for k, v in bindings.items() if isinstance(v, frozenset)}, others)
    fitting = frozenset(range_limit.fit(after, merge_ranges=merge_ranges, others=near))
    if isinstance(asked, ListEdit) and fitting == asked.applied_to(before):
        return wanted
    return {**wanted, RANGES: fitting}


def _defaults(existing: ReceiveConnector | None, wanted: Mapping[str, Wanted], facts: ServerFacts) -> dict[str, Value]:
    if existing:
        return dict(existing.settings)
    return rules.new_settings({"usage": _plain(wanted.get("usage"))}, edge=facts.edge)


def _check_rules(plan: Plan) -> None:
    touched = plan.touched if plan.existing else set(plan.wanted) | {"auth_mechanism", "permission_groups"}
    broken = rules.broken_rules(plan.settings, touched)
    if not plan.existing:
        usage = str(plan.settings.get("usage") or "Custom")
        missing = list(rules.missing_for_new({**plan.settings, "usage": usage}))
        broken += [f"{option}: a new connector of usage {usage} needs it. Give it a value" for option in missing]
    broken += [
        f"{option}: nothing would be left. Keep one entry, or remove the connector with state: absent"
        for option in ("bindings", RANGES)
        if plan.existing and option in touched and not plan.settings.get(option)
    ]
    if broken:
        raise ValueError(f"receive connector {plan.name} on {plan.facts.name}: {'; '.join(broken)}")


def _plain(value: Wanted) -> Value:
    return None if isinstance(value, ListEdit) else value
