# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host's connection already knows about reaching its Exchange server, read without connecting it.

A connection to WinRM (path wsman) gives host, user, password, authentication, certificates and proxy; its port and its
TLS are those of WinRM. A psrp connection whose path is another one describes the Exchange endpoint itself.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.plain import plain

# pywinrm's transports as authentication methods
TRANSPORTS = {"plaintext": "basic", "ssl": "basic"}

# What Exchange's endpoint does not take, being an IIS site: the host's choice is for WinRM only, Kerberos is used.
WINRM_ONLY = ("ntlm", "credssp", "negotiate")

# A psrp connection's own defaults say nothing about what the user wants; the service's changed in ansible-core 2.21.
PSRP_DEFAULTS = {"auth": ("negotiate",), "negotiate_service": ("WSMAN", "host")}

# psrp's names with the session's and psrp's default; a connection_timeout is what receive connectors have
TIMEOUTS = {
    "connection_timeout": ("connect_timeout", 30),
    "operation_timeout": ("operation_timeout", 20),
    "read_timeout": ("read_timeout", 30),
}


def inherited(connection: Any, password: str | None = None) -> dict[str, Any]:
    """Return options of the session by name, None for what the connection does not tell."""
    readers = {"psrp": _psrp, "winrm": _winrm, "ssh": _ssh, "paramiko_ssh": _ssh, "paramiko": _ssh}
    reader = readers.get(getattr(connection, "transport", ""))
    found = reader(connection) if reader else {}
    if not found.get("endpoint_password") and found.get("endpoint_username") and password:
        found["endpoint_password"] = plain(password)
    return found


def _psrp(connection: Any) -> dict[str, Any]:
    def option(name: str) -> Any:
        value = _option(connection, name)
        return None if value in PSRP_DEFAULTS.get(name, ()) else value

    found = {
        "endpoint_host": option("remote_addr"),
        "endpoint_username": option("remote_user"),
        "endpoint_password": option("remote_password"),
        "endpoint_cert_validation": False if option("cert_validation") == "ignore" else None,
        "endpoint_ca_cert": option("ca_cert"),
        "endpoint_certificate_pem": option("certificate_pem"),
        "endpoint_certificate_key_pem": option("certificate_key_pem"),
        "endpoint_service": option("negotiate_service"),
        "hostname_override": option("negotiate_hostname_override"),
        "endpoint_proxy": option("proxy"),
        "no_proxy": option("ignore_proxy") or None,
        **_authentication(option("auth")),
    }
    for name, (own, default) in TIMEOUTS.items():
        found[own] = None if option(name) == default else option(name)
    return {**found, **_psrp_endpoint(option)}


def _psrp_endpoint(option: Any) -> dict[str, Any]:
    path = str(option("path") or "wsman").strip("/")
    if path.lower() == "wsman":
        return {}
    protocol = option("protocol")
    return {
        "endpoint_auth": option("auth"),
        "endpoint_path": path,
        "endpoint_port": option("port"),
        "endpoint_ssl": None if protocol is None else protocol == "https",
    }


def _winrm(connection: Any) -> dict[str, Any]:
    extras = {str(name): plain(value) for name, value in (_raw_option(connection, "_extras") or {}).items()}

    def extra(name: str) -> Any:
        return extras.get(f"ansible_winrm_{name}")

    user = _option(connection, "remote_user")
    transports = [str(item) for item in _option(connection, "transport") or [] if item]
    upn = "@" in str(user or "")
    return {
        "endpoint_host": _option(connection, "remote_addr"),
        "endpoint_username": user,
        "endpoint_password": _option(connection, "remote_password"),
        "endpoint_cert_validation": False if extra("server_cert_validation") == "ignore" else None,
        "endpoint_ca_cert": extra("ca_trust_path"),
        "endpoint_certificate_pem": extra("cert_pem"),
        "endpoint_certificate_key_pem": extra("cert_key_pem"),
        "hostname_override": extra("kerberos_hostname_override"),
        "endpoint_proxy": extra("proxy"),
        "operation_timeout": extra("operation_timeout_sec"),
        "read_timeout": extra("read_timeout_sec"),
        **_authentication(transports[0] if transports else "kerberos" if upn else None),
    }


def _ssh(connection: Any) -> dict[str, Any]:
    return {
        "endpoint_host": _option(connection, "host") or _option(connection, "remote_addr"),
        "endpoint_username": _option(connection, "remote_user"),
        "endpoint_password": _option(connection, "password"),
    }


def _authentication(method: Any) -> dict[str, Any]:
    """The host's method for the endpoint, and its own name where the endpoint does not take it."""
    if method is None:
        return {}
    name = TRANSPORTS.get(str(method), str(method))
    if name in WINRM_ONLY:
        return {"host_auth": name}
    return {"endpoint_auth": name}


def _option(connection: Any, name: str) -> Any:
    return plain(_raw_option(connection, name))


def _raw_option(connection: Any, name: str) -> Any:
    try:
        return connection.get_option(name)
    except (AttributeError, KeyError):
        return None
