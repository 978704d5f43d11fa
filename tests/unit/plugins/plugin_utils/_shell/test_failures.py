# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import requests
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.causes import CAUSES
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.failures import trouble
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import Settings, settings
from pypsrp.exceptions import AuthenticationError, WinRMError, WinRMTransportError, WSManFaultError

THROTTLED = (
    # what Exchange Online says (FailureCategory), what WinRM says of shells, of connections and of the service
    "[AuthZRequestId=1][FailureCategory=AuthZ-AuthorizationException] Fail to create a runspace because you have "
    "exceeded the maximum number of connections allowed : 3",
    "The WS-Management service cannot process the request. The maximum number of concurrent shells for this user has "
    "been exceeded.",
    "The maximum number of concurrent operations for this user has been exceeded.",
)


class Krb5Error(Exception):
    """Named as the krb5 module's exception, which a controller without Kerberos lacks."""


def given(**options: object) -> Settings:
    base = {
        "endpoint_host": "ex01.lab.example",
        "endpoint_username": "admin@LAB.EXAMPLE",
        "endpoint_password": "secret",
    }
    return settings({**base, **options}, None, {})  # type: ignore[dict-item]


@pytest.mark.parametrize("text", THROTTLED)
def test_a_limit_is_worth_waiting_and_nothing_has_happened(text: str) -> None:
    found = trouble(WSManFaultError(2150859174, "ex01", text, None, None, None), given())
    assert (found.throttled, found.refused) == (True, True)
    assert "the server limits this account" in found.error.reason


@pytest.mark.parametrize(("status", "broken"), [(503, True), (502, True), (500, True), (404, False), (403, False)])
def test_http_status(status: int, broken: bool) -> None:
    found = trouble(WinRMTransportError("http", status, "<html>a page of IIS</html>"), given())
    assert found.broken is broken
    assert not found.throttled
    assert str(status) in found.error.reason
    assert "<html>" not in str(found.error)


@pytest.mark.parametrize(
    ("error", "broken"),
    [
        (requests.exceptions.ReadTimeout("HTTPConnectionPool(host='x', port=80): Read timed out."), True),
        (requests.exceptions.ConnectionError("Connection aborted. RemoteDisconnected"), True),
        (requests.exceptions.ConnectTimeout("x"), False),
        (requests.exceptions.ConnectionError("Failed: [Errno 111] Connection refused"), False),
        (WinRMError("no XML"), True),
        (AuthenticationError("Failed to authenticate the user x with kerberos"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_is_worth_another_attempt(error: Exception, broken: bool) -> None:
    found = trouble(error, given())
    assert found.broken is broken
    assert str(found.error).count("\n") == 0
    assert str(found.error).startswith("Connecting to Exchange on ex01.lab.example: ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Preauthentication failed -1765328360", "refused the password of admin@LAB.EXAMPLE"),
        ("Clients credentials have been revoked -1765328366", "is locked or disabled"),
        ("Password has expired -1765328361", "password of admin@LAB.EXAMPLE has expired"),
        ("Clock skew too great -1765328347", "clocks of controller and domain differ"),
        ("Ticket expired -1765328352", "ticket has expired"),
        ("something new", "Kerberos failed: something new"),
    ],
)
def test_kerberos(text: str, reason: str) -> None:
    assert reason in trouble(Krb5Error(text), given()).error.reason


def test_every_cause_is_a_sentence_without_its_stop() -> None:
    for cause in CAUSES:
        assert cause.remedy[0].isupper(), cause
        assert not cause.reason.endswith("."), cause
        assert not cause.remedy.endswith("."), cause


def test_a_session_whose_authentication_is_over_is_worth_another_attempt() -> None:
    lost = WinRMTransportError("http", 400, "")
    at_first, later = trouble(lost, given()), trouble(lost, given(), "Get-ExchangeServer")
    assert (at_first.broken, later.broken) == (False, True)
    assert "Check endpoint_ssl and endpoint_auth" in str(at_first.error)
    assert "its authentication is over. Run the task again" in str(later.error)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NewConnectionError('Failed to establish a new connection')", "the proxy http://proxy:3128 does not answer"),
        ("OSError('Tunnel connection failed: 407 Needed')", "the proxy http://proxy:3128 wants user and password"),
        ("OSError('Tunnel connection failed: 403 Forbidden')", "the proxy refused: "),
    ],
)
def test_a_proxy_is_named_without_its_password(said: str, expected: str) -> None:
    error = requests.exceptions.ProxyError(f"(Caused by ProxyError('Unable to connect to proxy', {said}))")
    found = trouble(error, given(endpoint_proxy="http://user:hidden@proxy:3128")).error
    assert found.reason.startswith(expected)
    assert "hidden" not in str(found)


def test_what_requests_wraps_around_a_cause_is_left_out() -> None:
    wrapped = "Max retries exceeded with url: /PowerShell/ (Caused by SSLError('wrong version number'))"
    assert trouble(requests.exceptions.SSLError(wrapped), given()).error.reason == (
        "TLS with http://ex01.lab.example:80/PowerShell/ failed: SSLError('wrong version number')"
    )
