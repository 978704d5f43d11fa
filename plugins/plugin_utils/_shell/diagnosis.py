# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a connection gets, step by step, each with a verdict and a remedy."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import advice
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.controller import (
    kerberos,
    missing_for_kerberos,
    version,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import Failure, ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.known_errors import role_of, role_remedy
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import Settings

# What the modules call, by the management role that brings it
NEEDED = ("Get-ReceiveConnector", "New-ReceiveConnector", "Get-ADPermission", "Add-ADPermission")

PASSED, FAILED, UNKNOWN = "passed", "failed", "not reached"


@dataclass
class Diagnosis:
    """The steps so far; after a failed one the rest is not reached."""

    names: list[str]
    steps: list[dict[str, Plain]] = field(default_factory=list)

    @property
    def failed(self) -> dict[str, Plain] | None:
        """The step that failed."""
        return next((step for step in self.steps if step["verdict"] == FAILED), None)

    def step(self, name: str, work: Callable[[], str]) -> bool:
        """Do one step; its work returns what was found or raises Failure."""
        if self.failed:
            return False
        try:
            self._add(name, PASSED, work(), "")
        except Failure as failure:
            self._add(name, FAILED, failure.reason, failure.remedy)
        return not self.failed

    def result(self) -> list[dict[str, Plain]]:
        """All steps, those that were not reached among them."""
        done = {step["name"] for step in self.steps}
        rest = [name for name in self.names if name not in done] if self.failed else []
        return [*self.steps, *map(_unreached, rest)]

    def _add(self, name: str, verdict: str, found: str, remedy: str) -> None:
        self.steps.append({"name": name, "verdict": verdict, "found": found, "remedy": remedy})


def _unreached(name: str) -> dict[str, Plain]:
    return {"name": name, "verdict": UNKNOWN, "found": "", "remedy": ""}


def check_libraries(settings: Settings) -> str:
    """Whether what the authentication needs is installed."""
    pypsrp = version("pypsrp")
    if pypsrp is None:
        _fail(
            settings,
            "the Python library pypsrp is missing",
            "Install it where Ansible runs: pip install pypsrp[kerberos]",
        )
    missing = missing_for_kerberos() if settings.auth == "kerberos" else ""
    if missing:
        remedy = "Install pypsrp[kerberos] where Ansible runs, with the headers of Kerberos (libkrb5-dev or krb5-devel)"
        _fail(settings, f"Kerberos needs a library that cannot be loaded ({missing})", remedy)
    return f"pypsrp {pypsrp}"


def check_settings(settings: Settings) -> str:
    """Whether the way in can work at all; warnings become part of what was found."""
    warnings = advice.advise(settings, advice.addresses)
    user = settings.username or "the ticket cache's user"
    return ". ".join((f"{settings.url} as {user} ({settings.source}) with {settings.auth}", *warnings))


def check_kerberos(settings: Settings) -> str:
    """Whether there is a realm, and a ticket or a password."""
    found = kerberos()
    if not found["default_realm"] and "@" not in (settings.username or ""):
        remedy = "Set default_realm in krb5.conf, or write the user as user@REALM"
        _fail(settings, "there is no default realm, and the user has none", remedy)
    if settings.password:
        return f"realm {found['default_realm']}, with a password"
    if not found["principal"]:
        _fail(settings, "there is no ticket and no password", "Run kinit, or give a password")
    return f"realm {found['default_realm']}, ticket of {found['principal']}"


def check_name(settings: Settings) -> str:
    """Whether the name resolves."""
    addresses = sorted(advice.addresses(settings.host))
    if not addresses:
        _fail(settings, f"the name {settings.host} does not resolve", "Check the name and the controller's DNS")
    return ", ".join(addresses)


def check_tcp(settings: Settings) -> str:
    """Whether something listens; a proxy's port where there is one is the proxy's business."""
    if settings.proxy:
        return f"not tried, the proxy {settings.proxy_name} connects"
    try:
        with socket.create_connection((settings.host, settings.port), timeout=settings.connection_timeout):
            return f"port {settings.port} is open"
    except OSError as error:
        remedy = "Check endpoint_port (80, or 443 with endpoint_ssl), firewalls, and that IIS runs"
        _fail(settings, f"port {settings.port} cannot be reached: {error.strerror or error}", remedy)


def check_tls(settings: Settings) -> str:
    """Whether the certificate is for the name and from an authority that is trusted."""
    context = ssl.create_default_context(cafile=_cafile(settings))
    if settings.cert_validation is False:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((settings.host, settings.port), timeout=settings.connection_timeout) as connection,
            context.wrap_socket(connection, server_hostname=settings.host) as secured,
        ):
            return f"{secured.version()}, {_described(secured)}"
    except ssl.SSLCertVerificationError as error:
        remedy = "Set endpoint_ca_cert to the authority's certificate, and endpoint_host to a name in the certificate"
        _fail(settings, f"the certificate was refused: {error.verify_message}", remedy)
    except (ssl.SSLError, OSError) as error:
        _fail(settings, f"no TLS on port {settings.port}: {error}", "Check endpoint_port and endpoint_ssl")


def check_authentication(session: RemoteSession) -> str:
    """Whether the endpoint lets this account in; opening the shell tells about the endpoint as well."""
    session.open()
    return f"{session.settings.auth} was accepted"


def check_version(exchange: Exchange) -> str:
    """Which server it is."""
    facts = exchange.facts
    roles = ", ".join(sorted(facts.roles)) or "no role told"
    return f"{facts.name} runs {facts.version} ({facts.build}), {'Edge Transport' if facts.edge else roles}"


def check_roles(exchange: Exchange) -> str:
    """Which cmdlets role-based access control left to this account."""
    if exchange.facts.edge:
        return "an Edge Transport server has no management roles"
    offered = offered_cmdlets(exchange)
    missing = [name for name in NEEDED if name not in offered]
    if missing:
        exchange_server = exchange.server
        raise ShellError(
            "Looking at the roles", exchange_server, f"not offered: {', '.join(missing)}", role_remedy(missing[0])
        )
    return ", ".join(sorted({role_of(name) for name in NEEDED}))


def offered_cmdlets(exchange: Exchange) -> list[str]:
    """Those of the needed cmdlets that the session offers; a session that cannot tell offers what it can read."""
    outcomes = exchange.session.run(
        (Command("Get-Command", {"Name": list(NEEDED), "ErrorAction": "SilentlyContinue"}),)
    )
    names = {str(item.properties.get("Name") or item.text) for outcome in outcomes for item in outcome.objects}
    if names:
        return [name for name in NEEDED if name in names]
    return [name for name in NEEDED if _readable(exchange, name)]


def _readable(exchange: Exchange, name: str) -> bool:
    """Reading cmdlets show their role, and with them the writing ones of the same role."""
    reading = f"Get-{name.partition('-')[2]}"
    parameters = {"Server": exchange.facts.name} if reading == "Get-ReceiveConnector" else {"Identity": "none"}
    outcomes = exchange.session.run((Command(reading, {**parameters}),))
    return not any(record.error_id.startswith("CommandNotFound") for outcome in outcomes for record in outcome.errors)


def _described(secured: ssl.SSLSocket) -> str:
    certificate = secured.getpeercert() or {}
    names = [str(value) for kind, value in _pairs(certificate.get("subjectAltName", ()))]
    if not certificate:
        return "the certificate is not checked"
    return f"certificate for {', '.join(names) or 'no name'} until {certificate.get('notAfter')}"


def _pairs(entries: object) -> Iterable[tuple[object, object]]:
    return entries if isinstance(entries, tuple) else ()


def _cafile(settings: Settings) -> str | None:
    return settings.cert_validation if isinstance(settings.cert_validation, str) else None


def _fail(settings: Settings, reason: str, remedy: str) -> NoReturn:
    raise ShellError("Connecting to Exchange", settings.host, reason, remedy)
