# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pypsrp, requests and the authentication libraries raise, as errors with a remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.causes import CAUSES
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import CONFIGURATION, Settings
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.transport import GONE

WHAT = "Connecting to Exchange"

# "Fail to create a runspace because you have exceeded the maximum number of connections allowed", the quotas of
# WinRM ("maximum number of concurrent shells", "maximum number of concurrent operations") and of Exchange
# ("system load quota", "MaxConcurrency", "throttl…")
THROTTLED = re.compile(
    r"exceeded the maximum number of|maximum number of concurrent|allowed a maximum number of|load quota|"
    r"MaxConcurrency|MaxRunspaces|throttl|number of (?:shells|connections).{0,60}exceeded",
    re.I | re.S,
)
BUSY_STATUS = (429, 502, 503, 504)

# characters of what a server says that are looked through
LONGEST = 4096

# Answers that are no answer
UNREADABLE = {"WinRMError", "SerializationError", "ParseError"}

# What reading an object of another form than any raises, once a shell is open
SENSELESS = {"ValueError", "LookupError", "TypeError", "AttributeError", "RecursionError"}


@dataclass(frozen=True)
class Trouble:
    """A failure judged: ``throttled`` and ``broken`` ones are worth another attempt.

    ``refused`` says that the server answered and did not do what was asked, so that nothing can have happened.
    """

    error: ShellError
    throttled: bool = False
    broken: bool = False
    refused: bool = False


def trouble(error: Exception, settings: Settings, what: str = WHAT) -> Trouble:
    """Judge an exception of an attempt to talk to the endpoint."""
    text = message(error)
    status = getattr(error, "code", None) if type(error).__name__ == "WinRMTransportError" else None
    if THROTTLED.search(text):
        remedy = "Close sessions that are left over, raise the account's throttling policy, or lower forks"
        return Trouble(_error(settings, what, f"the server limits this account: {text}", remedy), True, refused=True)
    if type(error).__name__ == "AuthenticationError":
        return Trouble(_error(settings, what, *_rejected(settings, text)), refused=True)
    if status is not None:
        return _by_status(int(status), settings, what)
    if type(error).__name__ == "WSManFaultError":
        return _by_fault(error, settings, what)
    return _by_cause(error, text, settings, what)


def message(error: BaseException) -> str:
    """The text of an exception on one line, never with the request or the credentials in it."""
    if type(error).__name__ == "WinRMTransportError":
        return f"HTTP status {getattr(error, 'code', '')}"
    reason = getattr(error, "reason", None) if type(error).__name__ == "WSManFaultError" else None
    fault = getattr(error, "provider_fault", None) if reason is not None else None
    text = " ".join(" ".join(filter(None, (str(reason or error)[:LONGEST], str(fault or "")[:LONGEST]))).split())
    text = re.sub(r"HTTPS?Connection(?:Pool)?\(.*?\)[:.]?\s*|<[\w.]+ object at 0x\w+>[:,]?\s*", "", text)
    return re.sub(r"^Max retries exceeded with url: \S* \(Caused by (.*)\)$", r"\1", text)


def _rejected(settings: Settings, text: str) -> tuple[str, str]:
    offered = re.search(r"actual: '(.*)'", text)
    if offered:
        methods = offered[1] or "none"
        return (
            f"the endpoint does not offer {settings.auth} (it offers {methods})",
            "Set endpoint_auth to one of them, or let an administrator enable it for the PowerShell virtual directory",
        )
    user = f"user {settings.username}" if settings.username else "the ticket cache's user"
    return (
        f"{settings.auth} authentication of {user} was refused at {settings.url}",
        f"Check user and password (from {settings.source}), that the user's RemotePowerShellEnabled is true, and that "
        f"{settings.auth} is enabled for the PowerShell virtual directory",
    )


def _by_status(status: int, settings: Settings, what: str) -> Trouble:
    if status in BUSY_STATUS:
        error = _error(settings, what, f"{settings.url} answered {status}", "Check that IIS and its pools run")
        return Trouble(error, broken=True)
    if status == 400 and what != WHAT:
        reason = f"{settings.url} answered HTTP status 400 to a session that it took before: its authentication is over"
        return Trouble(_error(settings, what, reason, "Run the task again"), broken=True)
    remedies = {
        404: "Check endpoint_path (PowerShell/) and endpoint_port",
        403: "Check whether the endpoint wants TLS (endpoint_ssl), and the site's address restrictions",
        400: "Check endpoint_ssl and endpoint_auth",
        301: "Check endpoint_path (PowerShell/) and endpoint_ssl",
        302: "Check endpoint_path (PowerShell/) and endpoint_ssl",
    }
    remedy = remedies.get(status, "Look at the server's event log for the cause")
    return Trouble(
        _error(settings, what, f"{settings.url} answered HTTP status {status}", remedy), broken=status == 500
    )


def _by_fault(error: Exception, settings: Settings, what: str) -> Trouble:
    text = message(error)
    if getattr(error, "code", None) == GONE:
        return Trouble(
            _error(settings, what, f"the server has closed the shell: {text}", ""), broken=True, refused=True
        )
    if re.search(r"not found in the WS-Management catalog|resource URI", text, re.I):
        remedy = "Connect to the PowerShell virtual directory (port 80 or 443), not to WinRM"
        return Trouble(_error(settings, what, f"{settings.url} knows no {CONFIGURATION}", remedy), refused=True)
    return Trouble(_error(settings, what, f"the server answered: {text}", ""), refused=True)


def _by_cause(error: Exception, text: str, settings: Settings, what: str) -> Trouble:
    names = {kind.__name__ for kind in type(error).__mro__}
    fields = {
        "url": settings.url,
        "host": settings.host,
        "proxy": settings.proxy_name or "of the environment",
        "port": settings.port,
        "service": settings.service,
        "username": settings.username or "",
        "source": settings.source,
        "connect": settings.connection_timeout,
        "read": settings.read_timeout,
        "text": text,
    }
    for cause in CAUSES:
        if names.intersection(cause.types) and re.search(cause.text, text, re.I):
            reason, remedy = cause.reason.format(**fields), cause.remedy.format(**fields)
            return Trouble(_error(settings, what, reason, remedy), broken=cause.broken)
    if names & UNREADABLE:
        return Trouble(_error(settings, what, f"the answer of {settings.url} makes no sense: {text}", ""), broken=True)
    if what != WHAT and names & SENSELESS:
        said = f"the answer of {settings.url} makes no sense: {type(error).__name__}: {text}"
        return Trouble(_error(settings, what, said, ""))
    return Trouble(_error(settings, what, text or type(error).__name__, ""))


def _error(settings: Settings, what: str, reason: str, remedy: str) -> ShellError:
    return ShellError(what, settings.host, reason, remedy)
