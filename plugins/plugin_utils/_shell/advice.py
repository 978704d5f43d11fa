# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the way in before anything is tried: refusals with a remedy, and warnings."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import Settings

WHAT = "Connecting to Exchange"
WITH_PASSWORD = ("basic", "ntlm", "credssp")

# Letters of any language (IDNA) with digits, hyphens, underscores (NetBIOS) and dots; at most 253 (RFC 1035 2.3.4)
NAME = re.compile(r"(?=.{1,253}\Z)[^\W_](?:[\w-]*\w)?(?:\.[\w-]+)*\.?")

Resolve = Callable[[str], set[str]]


def advise(settings: Settings, resolve: Resolve | None = None) -> list[str]:
    """Return the warnings; raises ShellError for what cannot work or must not be done."""
    _refuse(settings)
    return [warning for warning in (*_warnings(settings), _balanced(settings, resolve or addresses)) if warning]


def addresses(name: str) -> set[str]:
    """The addresses that the name resolves to, none when it does not."""
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
    except OSError:
        return set()


def is_address(host: str) -> bool:
    """Whether the host is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _carried(settings: Settings, encoding: str) -> bool:
    """Whether user and password are text of that encoding; for Basic requests takes Latin-1 (RFC 7617 2.1)."""
    try:
        f"{settings.username or ''}{settings.password or ''}".encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _refuse(settings: Settings) -> None:
    host = settings.host
    if not (is_address(host) or NAME.fullmatch(host)):
        remedy = "Set endpoint_host to the server's full name, with neither scheme nor port nor path"
        _stop("", f"endpoint_host is {host[:80]!r}, which is no name of a server", remedy)
    _refuse_numbers(settings)
    if settings.auth == "kerberos" and is_address(host) and not settings.hostname_override:
        _stop(
            host, f"Kerberos knows servers by name, and {host} is an address", "Set endpoint_host to the server's name"
        )
    if settings.auth == "kerberos" and "\\" in (settings.username or ""):
        reason = f"Kerberos needs a user principal name, and {settings.username} is not one"
        _stop(host, f"{reason} (it came from {settings.source})", "Write the user as user@REALM")
    if settings.auth == "basic" and not _carried(settings, "latin-1"):
        reason = "Basic authentication carries only characters of Latin-1, and user or password have others"
        _stop(host, reason, "Use endpoint_auth: kerberos, or an account whose name and password have none")
    if settings.auth == "basic" and not settings.ssl:
        _stop(host, "Basic authentication without TLS sends the password readable", "Leave endpoint_ssl at true")
    if settings.auth == "certificate" and not settings.ssl:
        _stop(host, "certificate authentication needs TLS", "Leave endpoint_ssl at true")
    if settings.auth == "certificate" and not (settings.certificate_pem and settings.certificate_key_pem):
        _stop(host, "no certificate is given", "Set endpoint_certificate_pem and endpoint_certificate_key_pem")
    if settings.auth in WITH_PASSWORD:
        _need_credentials(settings)


def _refuse_numbers(settings: Settings) -> None:
    """A port or a time that is none; libraries take some of them for no limit at all."""
    if not 0 < settings.port < 65536:
        _stop(settings.host, f"endpoint_port is {settings.port}", "Set a number from 1 to 65535")
    times = {
        "connect_timeout": settings.connection_timeout,
        "operation_timeout": settings.operation_timeout,
        "read_timeout": settings.read_timeout,
    }
    for option, seconds in times.items():
        if seconds < 1:
            _stop(settings.host, f"{option} is {seconds}", "Set seconds, 1 or more")


def _need_credentials(settings: Settings) -> None:
    missing = "user" if not settings.username else "password" if not settings.password else ""
    if missing:
        option = "username" if missing == "user" else missing
        reason = f"{settings.auth} authentication needs a {missing} and none is given"
        remedy = f"Set ansible_{missing} for the host, endpoint_{option}, or EXCHANGE_{option.upper()}"
        _stop(settings.host, reason, remedy)


def _warnings(settings: Settings) -> list[str]:
    url, found = settings.url, []
    if settings.auth in ("ntlm", "negotiate"):
        found.append(
            f"Exchange's own endpoint at {url} does not take NTLM unless Windows authentication was enabled in IIS for "
            f"the PowerShell virtual directory; Kerberos is the supported way (endpoint_auth: kerberos)"
        )
    if settings.auth == "credssp":
        found.append(f"IIS does not take CredSSP, and {url} is an IIS site; set endpoint_auth to kerberos")
    if settings.host_auth in ("ntlm", "credssp") and settings.auth == "kerberos":
        found.append(
            f"The host's connection uses {settings.host_auth}, which Exchange's own endpoint does not take; Kerberos "
            f"is used for {url}. Set endpoint_auth to say which it shall be"
        )
    if settings.auth == "basic" and not _carried(settings, "ascii"):
        found.append(
            "User or password have characters beyond ASCII, for which Basic authentication has no agreed encoding; if "
            "they are refused, use endpoint_auth: kerberos"
        )
    if settings.auth == "basic" and settings.cert_validation is False:
        found.append(f"The password goes to {url} without a check of its certificate; set endpoint_ca_cert instead")
    if settings.read_timeout <= settings.operation_timeout:
        found.append(
            f"read_timeout ({settings.read_timeout} s) is not above operation_timeout ({settings.operation_timeout} "
            f"s), so an operation that takes its time looks like a broken connection"
        )
    return found


def _balanced(settings: Settings, resolve: Resolve) -> str:
    if settings.auth != "kerberos" or is_address(settings.host):
        return ""
    found = {address for address in resolve(settings.host) if "%" not in address and ":" not in address}
    if len(found) < 2:
        return ""
    return (
        f"{settings.host} resolves to {len(found)} addresses ({', '.join(sorted(found))}): if it names a load "
        f"balancer, Kerberos will fail or reach a different server each time. Set endpoint_host to a server's own name"
    )


def _stop(host: str, reason: str, remedy: str) -> None:
    raise ShellError(WHAT, host, reason, remedy)
