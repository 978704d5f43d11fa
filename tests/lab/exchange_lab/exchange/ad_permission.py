# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get-, Add- and Remove-ADPermission on connectors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from exchange_lab.exchange import enums
from exchange_lab.exchange.acl import OTHER_RIGHTS, RIGHTS
from exchange_lab.exchange.directory import Connector
from exchange_lab.exchange.entries import (
    ACCESS_RIGHTS,
    ENTRY_TYPE,
    Target,
    entry_identity,
    entry_object,
    owner_object,
    read_entry,
    shuffled,
)
from exchange_lab.exchange.identity import as_guid, identity_text
from exchange_lab.exchange.model import AccessControlEntry, Principal, ReceiveConnector
from exchange_lab.exchange.naming import is_dn
from exchange_lab.exchange.refusals import Refusal, ambiguous, not_found_for_permission
from exchange_lab.exchange.session import Session
from exchange_lab.powershell.cmdlet import Cmdlet, CmdletError, Invocation, Parameter
from exchange_lab.powershell.objects import text_of

_TASKS = "Microsoft.Exchange.Configuration.Tasks."
_KNOWN = {right.lower(): right for right in (*RIGHTS, *OTHER_RIGHTS)}

# cmdlets of this family may be served by another domain controller than those for connectors
_FAMILY = 1
_OWNER = "{domain}\\Organization Management"


def cmdlets(session: Session) -> Iterator[Cmdlet]:
    """The three cmdlets."""
    controller = () if session.organisation.profile.edge else (Parameter("DomainController"),)
    identity = Parameter(
        "Identity",
        identity_text,
        _TASKS + "ADRawEntryIdParameter",
        mandatory=True,
        position=1,
        by_value=True,
        by_property_name=True,
    )
    user = Parameter("User", text_of, _TASKS + "SecurityPrincipalIdParameter")
    owner = Parameter("Owner", switch=True)
    yield session.cmdlet("Get-ADPermission", [identity, user, owner, *controller], get, recipient=True)
    changing = [
        Parameter("Instance", read_entry, ENTRY_TYPE, by_value=True),
        identity,
        replace(user, by_property_name=True),
        Parameter("ExtendedRights", _texts, _TASKS + "ExtendedRightIdParameter[]", by_property_name=True),
        Parameter("AccessRights", _access_rights, ACCESS_RIGHTS.type_name + "[]", by_property_name=True),
        Parameter("Deny", switch=True, by_property_name=True),
        Parameter("InheritanceType", enums.INHERITANCE.parse, enums.INHERITANCE.type_name),
        Parameter("ChildObjectTypes", _texts),
        Parameter("InheritedObjectType"),
        Parameter("Properties", _texts),
        *controller,
    ]
    yield session.cmdlet("Add-ADPermission", changing, add, changes=True, recipient=True)
    yield session.cmdlet("Remove-ADPermission", changing, remove, changes=True, recipient=True)


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [text_of(item) for item in value] if isinstance(value, list | tuple) else [text_of(value)]


def _access_rights(value: Any) -> list[str]:
    return ACCESS_RIGHTS.names(_texts(value))


def get(session: Session, call: Invocation) -> Iterator[Any]:
    """The entries of every object that the identity means, or of one account on them."""
    controller = session.controller(call, _FAMILY)
    account = _account(session, call.bound["User"]) if call.bound.get("User") else None
    for target in _targets(session, call, controller):
        if call.bound.get("Owner"):
            yield owner_object(session.organisation.views, target, session.organisation.principals.named(_OWNER))
            continue
        entries = [each for each in target.thing.acl if account is None or each.principal.sid == account.sid]
        for entry in shuffled(target, entries):
            yield entry_object(session.organisation.views, target, entry)


def add(session: Session, call: Invocation) -> Iterator[Any]:
    """One entry for each right; one that is there already brings a warning."""
    target, asked, controller = _asked(session, call)
    wanted = session.organisation.defect.granted(asked)
    own = {entry.key for entry in target.thing.acl if not entry.inherited}
    new = [entry for entry in dict.fromkeys(wanted) if entry.key not in own]
    for entry in wanted:
        if entry.key in own:
            call.warn(_present(session, target, entry))
    if call.what_if:
        return
    if new:
        _write(session, target, [*target.thing.acl, *new], controller)
    for entry in new:
        yield entry_object(session.organisation.views, target, entry)


def _present(session: Session, target: Target, entry: AccessControlEntry) -> str:
    """The warning of an entry that is there already; no public source has its text."""
    if session.organisation.switches.wording == "other":
        return f"There's nothing to add to {target.distinguished_name}."
    return (
        "The appropriate access control entry is already present on the object "
        f'"{target.distinguished_name}" for account "{entry.principal.name}".'
    )


def remove(session: Session, call: Invocation) -> Iterable[Any]:
    """The entries asked for; one that is not there, or inherited, brings a warning."""
    target, wanted, controller = _asked(session, call)
    gone: set[tuple[str, str, bool]] = set()
    for entry in session.organisation.defect.removed(wanted):
        found = [each for each in target.thing.acl if each.key == entry.key]
        problem = _unremovable(session, found)
        if problem:
            call.warn(
                f'Can\'t remove the access control entry on the object "{target.distinguished_name}" for account '
                f'"{entry.principal.name}" because {problem}.'
            )
        else:
            gone.add(entry.key)
    if gone and not call.what_if:
        _write(
            session, target, [each for each in target.thing.acl if each.inherited or each.key not in gone], controller
        )
    return ()


def _unremovable(session: Session, found: Sequence[AccessControlEntry]) -> str:
    """Why entries cannot be removed, or nothing. The first wording is public, the others are not."""
    own = [entry for entry in found if not entry.inherited]
    if not found:
        return "the ACE doesn't exist on the object"
    if not own:
        return "it's inherited"
    if session.organisation.switches.group_rights == "fixed" and any(entry.source for entry in own):
        return "a permission group grants it"
    return ""


def _write(session: Session, target: Target, acl: list[AccessControlEntry], controller: str) -> None:
    session.organisation.guard(target.thing, controller)
    stamp = datetime.now(UTC).replace(microsecond=0)
    session.organisation.directory.update(controller, target.thing.guid, {}, acl=acl, changed=stamp)
    session.organisation.changed(getattr(target.thing, "server", ""))


def _asked(session: Session, call: Invocation) -> tuple[Target, list[AccessControlEntry], str]:
    """The one object, the entries that the parameters describe, and the domain controller to write to."""
    missing = [name for name in ("User",) if not call.bound.get(name)]
    if missing:
        raise CmdletError(
            f"Cannot process command because of one or more missing mandatory parameters: {' '.join(missing)}.",
            category="InvalidArgument",
            reason="ParameterBindingException",
            error_id="MissingMandatoryParameter",
            terminating=True,
        )
    controller = session.controller(call, _FAMILY)
    targets = _targets(session, call, controller)
    if len(targets) > 1:
        raise ambiguous(call.bound["Identity"])
    entries = _entries(call.bound, _account(session, call.bound["User"]))
    for entry in entries:
        if not session.organisation.permissions.knows(entry.right):
            raise not_found_for_permission(entry.right)
    return targets[0], entries, controller


def _entries(bound: dict[str, Any], account: Principal) -> list[AccessControlEntry]:
    deny, inheritance = bool(bound.get("Deny")), bound.get("InheritanceType") or "All"
    extended = [_right(text) for text in bound.get("ExtendedRights") or ()]
    plain = [right for right in bound.get("AccessRights") or () if right != "ExtendedRight"]
    if not extended and not plain:
        raise Refusal(
            "You must specify at least one of the parameters AccessRights and ExtendedRights.",
            "ArgumentException",
            "InvalidArgument",
        )
    return [AccessControlEntry(account, right, deny, inheritance=inheritance) for right in extended] + [
        AccessControlEntry(account, right, deny, extended=False, inheritance=inheritance) for right in plain
    ]


def _right(text: str) -> str:
    """The right's own spelling; raises Refusal for one that the directory does not know."""
    found = _KNOWN.get(text.strip().lower())
    if found is None:
        raise not_found_for_permission(text)
    return found


def _account(session: Session, text: str) -> Principal:
    switches = session.organisation.switches
    found = session.organisation.principals.find(
        text, sids=switches.sid_user == "accepted", foreign=switches.foreign_account_names == "accepted"
    )
    if found is None:
        raise not_found_for_permission(f'User or group "{text}"')
    return found


def _targets(session: Session, call: Invocation, controller: str) -> list[Target]:
    """The objects of an identity: a distinguished name, a GUID, or a name, which several may have."""
    identity = call.bound["Identity"]
    if call.bound.get("Instance") is not None:
        identity = entry_identity(call.bound["Instance"]) or identity
    found = [target for target in _all_targets(session, controller, identity) if _means(session, identity, *target)]
    if not found:
        raise not_found_for_permission(identity)
    return [Target(thing, dn, session.organisation.views.connector_id(thing)) for thing, dn in found]


def _means(session: Session, identity: str, thing: Connector, dn: str) -> bool:
    guid = as_guid(identity)
    if guid:
        return thing.guid == guid
    wanted = identity.casefold()
    if is_dn(identity):
        return dn.casefold() == wanted
    if "\\" in identity:
        # in a remote session this form is not found (a known trap); a local shell resolves it
        server = getattr(thing, "server", "")
        return not session.remote and f"{server}\\{thing.name}".casefold() == wanted
    return thing.name.casefold() == wanted


def _all_targets(session: Session, controller: str, identity: str) -> Iterator[tuple[Connector, str]]:
    """What the identity may mean: whatever form it has, but for a GUID, it holds the first word of the name."""
    organisation, wanted, any_name = session.organisation, identity.casefold(), bool(as_guid(identity))
    for thing in organisation.directory.replica(controller).values():
        if not any_name and re.split(r"\W", thing.name.casefold(), maxsplit=1)[0] not in wanted:
            continue
        if isinstance(thing, ReceiveConnector):
            yield thing, organisation.naming.receive_connector(thing.server, thing.name)
        else:
            yield thing, organisation.naming.send_connector(thing.name)
