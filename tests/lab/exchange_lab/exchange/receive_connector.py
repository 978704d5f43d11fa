# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get-, New-, Set- and Remove-ReceiveConnector."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from exchange_lab.exchange import enums, usage
from exchange_lab.exchange.conflicts import RangeList, find_conflict
from exchange_lab.exchange.identity import connector_identity, matching, server_identity
from exchange_lab.exchange.kinds import KINDS, ListChange
from exchange_lab.exchange.model import ExchangeServer, LoggedEvent, ReceiveConnector
from exchange_lab.exchange.parameters import writable
from exchange_lab.exchange.refusals import Refusal, already_exists, ambiguous, not_found
from exchange_lab.exchange.rules import check, check_name
from exchange_lab.exchange.session import Session
from exchange_lab.exchange.texts import parse_text
from exchange_lab.exchange.values import converter, given_groups, given_values
from exchange_lab.powershell.cmdlet import Cmdlet, CmdletError, Invocation, Parameter

_ID_TYPE = "Microsoft.Exchange.Configuration.Tasks.ReceiveConnectorIdParameter"
_SERVER_TYPE = "Microsoft.Exchange.Configuration.Tasks.ServerIdParameter"


def cmdlets(session: Session) -> Iterator[Cmdlet]:
    """The four cmdlets as this version has them."""
    controller = () if session.organisation.profile.edge else (Parameter("DomainController"),)
    identity = Parameter("Identity", connector_identity, _ID_TYPE, position=1, by_value=True)
    server = Parameter("Server", server_identity, _SERVER_TYPE, by_value=True)
    mandatory = replace(identity, mandatory=True)
    name = Parameter("Name", parse_text)
    yield session.cmdlet("Get-ReceiveConnector", [identity, server, *controller], get)
    new_parameters = [replace(name, mandatory=True, position=1), *_usage_parameters(), server, *controller]
    yield session.cmdlet(
        "New-ReceiveConnector", [*new_parameters, *_value_parameters(session, new=True)], new, changes=True
    )
    set_parameters = [mandatory, name, *controller, *_value_parameters(session, new=False)]
    yield session.cmdlet("Set-ReceiveConnector", set_parameters, change, changes=True)
    yield session.cmdlet("Remove-ReceiveConnector", [mandatory, *controller], remove, changes=True)


def _usage_parameters() -> Iterator[Parameter]:
    for name in usage.USAGES:
        yield Parameter(name, switch=True)
    yield Parameter("Usage", enums.USAGE.parse, enums.USAGE.type_name)


def _value_parameters(session: Session, *, new: bool) -> Iterator[Parameter]:
    switches = session.organisation.switches
    hashtables = not session.remote or switches.hashtable == "accepted"
    for attribute in writable(session.organisation.profile, new=new):
        kind = KINDS[attribute.kind]
        yield Parameter(attribute.name, converter(kind.read, switches, hashtables=hashtables), kind.type_name)


def get(session: Session, call: Invocation) -> Iterator[Any]:
    """All connectors, those of a server, or those that an identity means."""
    controller = session.controller(call)
    known = session.organisation.receive_connectors(controller)
    if "Identity" in call.bound and "Server" in call.bound:
        raise CmdletError(
            "Parameter set cannot be resolved using the specified named parameters.",
            category="InvalidArgument",
            reason="ParameterBindingException",
            error_id="AmbiguousParameterSet",
            terminating=True,
        )
    if call.bound.get("Server"):
        server = session.organisation.server_of(call.bound["Server"], controller)
        known = [each for each in known if each.server == server.name]
    elif call.bound.get("Identity"):
        known = _found(session, call, known, controller)
    for connector in known:
        yield session.organisation.shown(connector, controller)


def _found(
    session: Session, call: Invocation, known: list[ReceiveConnector], controller: str
) -> list[ReceiveConnector]:
    identity = call.bound["Identity"]
    found = matching(known, identity, session.organisation.naming, wildcards=True)
    if found or "*" in identity:
        return found
    refusal = not_found(identity, controller)
    session.organisation.log(_missing_event(session, identity, refusal))
    if session.organisation.switches.unknown_identity == "error":
        raise refusal
    return known if session.organisation.switches.unknown_identity == "all" else []


def _missing_event(session: Session, identity: str, refusal: Refusal) -> LoggedEvent:
    """Error event 6, written even when the error itself is suppressed (ExchangeDsc issue 332)."""
    return LoggedEvent(
        "MSExchange Management",
        "MSExchange CmdletLogs",
        6,
        "Error",
        f'Cmdlet failed. Cmdlet Get-ReceiveConnector, parameters -Identity "{identity}".',
        {"user": session.user, "exception": refusal.message},
    )


def new(session: Session, call: Invocation) -> Iterator[Any]:
    """A connector from its usage's defaults and what was given."""
    organisation = session.organisation
    controller = session.controller(call)
    server = organisation.server_of(call.bound["Server"], controller) if call.bound.get("Server") else session.server
    chosen = usage.chosen(call.bound, organisation.profile, organisation.switches)
    name = call.bound["Name"].strip()
    check_name(name)
    values = _defaults(session, server, chosen)
    values |= given_values(call.bound, {}, organisation.profile, organisation.switches, new=True)
    groups = given_groups(call.bound, organisation.profile, organisation.switches)
    if groups is None:
        groups = usage.starting_groups(chosen, organisation.profile)
    acl = organisation.permissions.with_groups(organisation.permissions.inherited(), groups)
    made = ReceiveConnector(name, server.name, str(uuid.uuid4()), values, acl)
    _verify(session, made, controller)
    if call.what_if:
        return
    organisation.directory.add(controller, made)
    if organisation.defect.comments_on_others:
        other = next(each for each in organisation.receive_connectors(controller) if each.guid != made.guid)
        organisation.directory.update(controller, other.guid, {"Comment": f"beside {name}"})
    organisation.changed(made.server)
    yield organisation.shown(made, controller, organisation.switches.new_state)


def _defaults(session: Session, server: ExchangeServer, chosen: usage.Usage) -> dict[str, Any]:
    organisation = session.organisation
    values = organisation.default_values(server)
    values["AuthMechanism"] = chosen.mechanisms
    values.update(
        {name: RangeList(items) if name == "RemoteIPRanges" else items for name, items in chosen.implied.items()}
    )
    if organisation.profile.has_roles:
        values["TransportRole"] = organisation.switches.default_role
    return values


def change(session: Session, call: Invocation) -> Iterable[Any]:
    """Some values of a connector, its name or its permission groups."""
    organisation = session.organisation
    controller = session.controller(call)
    current = _one(session, call, controller)
    values = given_values(
        _as_the_server_takes_it(session, call.bound, current),
        current.properties,
        organisation.profile,
        organisation.switches,
        new=False,
    )
    groups = given_groups(call.bound, organisation.profile, organisation.switches)
    acl = current.acl if groups is None else organisation.permissions.with_groups(current.acl, groups)
    name = call.bound["Name"].strip() if call.bound.get("Name") else current.name
    check_name(name)
    wanted = replace(current, name=name, properties=current.properties | values, acl=acl)
    _verify(session, wanted, controller)
    if call.what_if:
        return ()
    changed = {key: value for key, value in values.items() if value != current.properties.get(key)}
    if not changed and name == current.name and set(acl) == set(current.acl):
        call.warn(
            f"The command completed successfully but no settings of '{current.server}\\{current.name}' have been "
            "modified."
        )
        return ()
    organisation.guard(current, controller)
    stamp = datetime.now(UTC).replace(microsecond=0)
    organisation.directory.update(controller, current.guid, changed, name=name, acl=acl, changed=stamp)
    organisation.changed(current.server)
    return ()


def _as_the_server_takes_it(session: Session, bound: Mapping[str, Any], current: ReceiveConnector) -> Mapping[str, Any]:
    """The parameters, with what a defect makes of changes of lists."""
    changes = {name: value for name, value in bound.items() if isinstance(value, ListChange)}
    taken = session.organisation.defect.list_change
    return {**bound, **{name: taken(value, current.properties[name]) for name, value in changes.items()}}


def remove(session: Session, call: Invocation) -> Iterable[Any]:
    """A connector with its permissions."""
    controller = session.controller(call)
    found = _one(session, call, controller)
    session.organisation.guard(found, controller)
    if not call.what_if:
        session.organisation.directory.remove(controller, found.guid)
        session.organisation.changed(found.server)
    return ()


def _one(session: Session, call: Invocation, controller: str) -> ReceiveConnector:
    identity = call.bound["Identity"]
    found = matching(session.organisation.receive_connectors(controller), identity, session.organisation.naming)
    if not found:
        raise not_found(identity, controller)
    if len(found) > 1:
        raise ambiguous(identity)
    return found[0]


def _verify(session: Session, wanted: ReceiveConnector, controller: str) -> None:
    """Rules, accepted domain, name and conflicts; raises Refusal."""
    organisation = session.organisation
    groups = organisation.permissions.groups(wanted.acl)
    check(wanted.properties, groups, organisation.profile, organisation.switches)
    domain = wanted.properties.get("DefaultDomain")
    if domain and not any(domain.casefold() == each.name.casefold() for each in organisation.accepted_domains):
        raise not_found(domain, controller)
    others = [each for each in organisation.receive_connectors(controller) if each.server == wanted.server]
    for other in others:
        if other.guid != wanted.guid and other.name.casefold() == wanted.name.casefold():
            raise already_exists(organisation.naming.receive_connector(other.server, other.name), controller)
    found = find_conflict(wanted, others, organisation.switches, roles=organisation.profile.has_roles)
    if found:
        raise found
