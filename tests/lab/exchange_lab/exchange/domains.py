# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accepted domains, Get-SendConnector and Get-ManagementRoleAssignment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from exchange_lab.exchange import enums, nested
from exchange_lab.exchange.identity import identity_text
from exchange_lab.exchange.model import AcceptedDomain, SendConnector
from exchange_lab.exchange.naming import made_guid, same
from exchange_lab.exchange.refusals import Refusal, not_found
from exchange_lab.exchange.roles import GROUPS, ROLES, account_key
from exchange_lab.exchange.session import Session
from exchange_lab.exchange.views import CONFIGURATION_OBJECT, Shown
from exchange_lab.powershell.cmdlet import Cmdlet, Invocation, Parameter
from exchange_lab.powershell.objects import ps_object, text_of

_CONFIGURATION = "Microsoft.Exchange.Data.Directory.SystemConfiguration."
_INSTALLED = datetime(2024, 1, 15, 9, 30, tzinfo=UTC)
# what only matters in the cloud
_CLOUD: dict[str, Any] = {
    "EmailOnly": False,
    "ExternallyManaged": False,
    "AuthenticationType": None,
    "LiveIdInstanceType": None,
    "PendingRemoval": False,
    "PendingCompletion": False,
    "FederatedOrganizationLink": None,
    "MailFlowPartner": None,
    "OutboundOnly": False,
    "PendingFederatedAccountNamespace": False,
    "PendingFederatedDomain": False,
    "IsCoexistenceDomain": False,
    "PerimeterDuplicateDetected": False,
    "IsDefaultFederatedDomain": False,
    "EnableNego2Authentication": False,
    "InitialDomain": False,
}


@dataclass(frozen=True)
class _Listed:
    """A directory object of which only the name matters."""

    name: str
    guid: str
    properties: dict[str, Any] = field(default_factory=dict)
    created: datetime = _INSTALLED
    changed: datetime = _INSTALLED


def cmdlets(session: Session) -> Iterator[Cmdlet]:
    """Those of them that this version has."""
    controller = () if session.organisation.profile.edge else (Parameter("DomainController"),)
    identity = Parameter("Identity", identity_text, position=1, by_value=True)
    yield session.cmdlet("Get-AcceptedDomain", [identity, *controller], accepted_domains)
    removal = [replace(identity, mandatory=True), *controller]
    yield session.cmdlet("Remove-AcceptedDomain", removal, remove_accepted_domain, changes=True)
    yield session.cmdlet("Get-SendConnector", [identity, *controller], send_connectors)
    if session.organisation.profile.has_endpoint:
        parameters = [identity, Parameter("Role", text_of), Parameter("RoleAssignee", text_of), *controller]
        yield session.cmdlet("Get-ManagementRoleAssignment", parameters, role_assignments)


def accepted_domains(session: Session, call: Invocation) -> Iterator[Any]:
    """The domains that the organisation accepts mail for."""
    controller = session.controller(call)
    domains = list(session.organisation.accepted_domains)
    if call.bound.get("Identity"):
        means = same(call.bound["Identity"])
        domains = [each for each in domains if means(each.name) or means(each.domain)]
        if not domains:
            raise not_found(call.bound["Identity"], controller)
    for domain in domains:
        yield _domain_object(session, domain, controller)


def remove_accepted_domain(session: Session, call: Invocation) -> Iterable[Any]:
    """Stop accepting mail for a domain; the default one cannot be removed (Remove-AcceptedDomain)."""
    controller, known = session.controller(call), session.organisation.accepted_domains
    means = same(call.bound["Identity"])
    found = [each for each in known if means(each.name) or means(each.domain)]
    if not found:
        raise not_found(call.bound["Identity"], controller)
    if found[0].default:
        raise Refusal(
            "The default accepted domain can't be removed.", "CannotRemoveDefaultAcceptedDomain", published=False
        )
    if not call.what_if:
        known.remove(found[0])
        session.organisation.changed()
    return ()


def _domain_object(session: Session, domain: AcceptedDomain, controller: str) -> Any:
    views = session.organisation.views
    dn = views.naming.accepted_domain(domain.name)
    listed = _Listed(domain.name, str(made_guid("accepted domain", domain.name)))
    identity = views.named_id(dn, domain.name, listed.guid, "Accepted Domains")
    classes = ("top", "msExchAcceptedDomain")
    version = (0, 20, "15.0.0.0")
    shown = Shown(listed, dn, identity, "ms-Exch-Accepted-Domain", classes, controller, version)
    properties = {
        "DomainName": views.shaped(_domain_name(domain.domain)),
        "CatchAllRecipientID": None,
        "DomainType": views.enumeration(enums.DOMAIN_TYPE, domain.kind),
        "MatchSubDomains": False,
        "AddressBookEnabled": domain.kind == "Authoritative",
        "Default": domain.default,
        **_CLOUD,
    }
    return ps_object(
        [_CONFIGURATION + "AcceptedDomain", *CONFIGURATION_OBJECT], properties | views.common(shown), domain.name
    )


def _domain_name(text: str) -> Any:
    """A SmtpDomainWithSubdomains; ``*`` stands for every domain."""
    bare = text.removeprefix("*.")
    star = text == "*"
    properties = {
        "Address": text,
        "IncludeSubDomains": star or bare != text,
        "Domain": bare,
        "SmtpDomain": None if star else bare,
        "IsStar": star,
    }
    return ps_object(["Microsoft.Exchange.Data.SmtpDomainWithSubdomains", "System.Object"], properties, text)


def send_connectors(session: Session, call: Invocation) -> Iterator[Any]:
    """The send connectors of the organisation."""
    controller = session.controller(call)
    known = session.organisation.send_connectors(controller)
    if call.bound.get("Identity"):
        wanted = call.bound["Identity"].casefold()
        naming = session.organisation.naming
        names = {each.guid: (each.name, each.guid, naming.send_connector(each.name)) for each in known}
        known = [each for each in known if wanted in (name.casefold() for name in names[each.guid])]
        if not known:
            raise not_found(call.bound["Identity"], controller)
    for connector in known:
        yield _send_object(session, connector, controller)


def _send_object(session: Session, connector: SendConnector, controller: str) -> Any:
    views = session.organisation.views
    servers = [server.name for server in session.organisation.servers]
    own = {
        "AddressSpaces": nested.multi_valued("AddressSpace", list(connector.properties.get("AddressSpaces", ()))),
        "Enabled": True,
        "SmartHosts": nested.multi_valued("SmartHost", list(connector.properties.get("SmartHosts", ()))),
        "SourceTransportServers": nested.multi_valued("System.String", servers),
        "Comment": "",
    }
    shown = Shown(
        connector,
        views.naming.send_connector(connector.name),
        views.connector_id(connector),
        "ms-Exch-Routing-SMTP-Connector",
        ("top", "msExchConnector", "mailGateway", "msExchRoutingSMTPConnector"),
        controller,
    )
    types = [_CONFIGURATION + "SmtpSendConnectorConfig", _CONFIGURATION + "SendConnector", *CONFIGURATION_OBJECT]
    return ps_object(types, own | views.common(shown), connector.name)


def role_assignments(session: Session, call: Invocation) -> Iterator[Any]:
    """Which role is assigned to which role group or account."""
    assignee, role = call.bound.get("RoleAssignee"), call.bound.get("Role")
    for name, holder in _assignments(session):
        if role and not same(role)(name):
            continue
        if assignee and not same(assignee)(holder) and holder not in _memberships(session, assignee):
            continue
        title = f"{name}-{holder}"
        properties = {
            "Name": title,
            "Role": name,
            "RoleAssigneeName": holder,
            "RoleAssigneeType": "RoleGroup" if holder in GROUPS else "User",
            "RoleAssignmentDelegationType": "Regular",
            "Enabled": True,
            "Identity": title,
            "IsValid": True,
        }
        types = ["Microsoft.Exchange.Data.Directory.Management.ExchangeRoleAssignmentPresentation", "System.Object"]
        yield ps_object(types, properties, title)


def _assignments(session: Session) -> Iterator[tuple[str, str]]:
    for group, roles in GROUPS.items():
        yield from ((role, group) for role in roles)
    for account, administrator in session.organisation.administrators.items():
        yield from ((role, account) for role in administrator.roles if role in ROLES)


def _memberships(session: Session, account: str) -> tuple[str, ...]:
    found = session.organisation.administrator(account)
    return (*found.groups, account_key(account))
