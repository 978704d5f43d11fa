# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a connection fails, as the libraries below say it, and what to tell the user."""

from __future__ import annotations

from dataclasses import dataclass

# What GSSAPI's and MIT Kerberos's bindings and pyspnego raise
KERBEROS = (
    "SpnegoError",
    "GSSError",
    "Krb5Error",
    "BadNameError",
    "InvalidCredentialError",
    "NoCredentialError",
)


@dataclass(frozen=True)
class Cause:
    """Names of exception types, a pattern of their text (innermost causes included), and what to say."""

    types: tuple[str, ...]
    text: str
    reason: str
    remedy: str
    broken: bool = False


CAUSES = (
    Cause(
        ("SSLError",),
        r"Hostname mismatch|doesn't match|IP address mismatch",
        "the certificate of {url} is for another name",
        "Set endpoint_host to a name that the certificate carries",
    ),
    Cause(
        ("SSLError",),
        r"CERTIFICATE_VERIFY_FAILED|self.signed|unable to get (?:local )?issuer",
        "the certificate of {url} is not issued by a trusted authority",
        "Set endpoint_ca_cert to the file of the authority's certificate",
    ),
    Cause(("SSLError",), r"", "TLS with {url} failed: {text}", "Check endpoint_port and endpoint_ssl"),
    Cause(
        ("OSError",), r"TLS CA certificate bundle|Could not find .*(?:certificate|key)", "{text}", "Correct the path"
    ),
    Cause(
        ("EndlessAnswer",),
        r"",
        "the answer of {url} does not end: {text}",
        "Look for what stands between here and the server, and whether it is one",
    ),
    Cause(
        ("SentElsewhere",),
        r"",
        "{url} sends the client elsewhere ({text}), which is not followed",
        "Check endpoint_path (PowerShell/) and endpoint_ssl, and set endpoint_host to the server itself",
    ),
    Cause(
        ("ProxyError",),
        r"Failed to (?:establish|resolve)|NewConnectionError|NameResolutionError|ConnectTimeout",
        "the proxy {proxy} does not answer",
        "Check endpoint_proxy (or HTTPS_PROXY and NO_PROXY in the environment)",
    ),
    Cause(
        ("ProxyError",),
        r"\b407\b",
        "the proxy {proxy} wants user and password",
        "Put them into endpoint_proxy (http://user:password@name:port), from a vaulted variable",
    ),
    Cause(("ProxyError",), r"", "the proxy refused: {text}", "Check endpoint_proxy"),
    Cause(
        ("ConnectionError",),
        r"Name or service not known|name resolution|nodename nor servname|No address associated",
        "the name {host} does not resolve",
        "Check the name and the controller's DNS",
    ),
    Cause(
        ("ConnectionError",),
        r"refused",
        "nothing listens on port {port} of {host}",
        "Check endpoint_port (80, or 443 with endpoint_ssl), and that IIS runs",
    ),
    Cause(
        ("ConnectTimeout",), r"", "no connection to {url} within {connect} s", "Check firewall and route to port {port}"
    ),
    Cause(
        ("ReadTimeout", "Timeout"),
        r"",
        "no answer from {url} within {read} s",
        "Raise read_timeout (it must be above operation_timeout), or look at the server's load",
        broken=True,
    ),
    Cause(
        ("ConnectionError", "ChunkedEncodingError", "ProtocolError", "ConnectionResetError", "BrokenPipeError"),
        r"",
        "the connection to {url} broke: {text}",
        "Check firewalls and load balancers between here and the server",
        broken=True,
    ),
    Cause(
        KERBEROS,
        r"Server \S+ not found in Kerberos database|Server not found in Kerberos database",
        "the Kerberos realm knows no service {service}/{host}",
        "Set endpoint_host to the server's own full name, not an alias or a load balancer; rdns = false in krb5.conf",
    ),
    Cause(
        KERBEROS,
        r"Preauthentication failed|password incorrect|integrity check failed",
        "the Kerberos realm refused the password of {username}",
        "Check the password from {source}",
    ),
    Cause(
        KERBEROS,
        r"Client.*not found",
        "the Kerberos realm knows no user {username}",
        "Check the user from {source}: name@REALM, the realm in capitals",
    ),
    Cause(
        KERBEROS,
        r"Clients? credentials have been revoked|account.*(?:locked|disabled)",
        "the account {username} is locked or disabled",
        "Let an administrator unlock it",
    ),
    Cause(
        KERBEROS,
        r"Password has expired|key has expired",
        "the password of {username} has expired",
        "Change it",
    ),
    Cause(
        KERBEROS,
        r"Clock skew",
        "the clocks of controller and domain differ by more than five minutes",
        "Synchronise the controller's clock",
    ),
    Cause(
        KERBEROS,
        r"Ticket.*expired",
        "the Kerberos ticket has expired",
        "Run kinit again",
    ),
    Cause(
        KERBEROS,
        r"Cannot (?:find|contact) .*KDC",
        "no Kerberos server of the realm of {username} answers",
        "Check the realm (in capitals); name its servers in krb5.conf, or let DNS name them",
    ),
    Cause(
        KERBEROS,
        r"No Kerberos credentials|No credentials|credentials? cache|cache file",
        "there is no Kerberos ticket and no password",
        "Run kinit, or give user and password",
    ),
    Cause(
        (*KERBEROS, "FeatureMissingError", "ImportError"),
        r"gssapi.*(?:not|missing|import)|not available|No module|requires .*kerberos",
        "this controller has no Kerberos library",
        "Install pypsrp[kerberos] where Ansible runs; exchange_debug shows what is there",
    ),
    Cause(KERBEROS, r"", "Kerberos failed: {text}", "Look at the realm and the ticket cache that exchange_debug shows"),
)
