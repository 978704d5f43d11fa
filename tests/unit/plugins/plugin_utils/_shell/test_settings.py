# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import connection_plugin
import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import Settings, settings


def connection(kind: str, **variables: Any) -> Any:
    """A real connection plugin, not connected, with its options resolved from host variables."""
    return connection_plugin.connection(kind, {"inventory_hostname": "ex01.lab.example", **variables})


def found(
    kind: str, options: dict[str, Any] | None = None, environment: dict[str, str] | None = None, **variables: Any
) -> Settings:
    made = connection(kind, **variables) if kind else None
    return settings(options or {}, made, environment or {})


def test_psrp_with_nothing_but_credentials() -> None:
    got = found("psrp", ansible_user="admin@LAB.EXAMPLE", ansible_password="secret")
    assert (got.host, got.port, got.path, got.ssl) == ("ex01.lab.example", 80, "PowerShell/", False)
    assert (got.auth, got.service) == ("kerberos", "HTTP")
    assert (got.username, got.password) == ("admin@LAB.EXAMPLE", "secret")
    assert got.url == "http://ex01.lab.example:80/PowerShell/"


@pytest.mark.parametrize("service", ["WSMAN", "host"])
def test_the_service_that_psrp_has_by_default_is_not_exchanges(service: str) -> None:
    assert found("psrp", ansible_psrp_negotiate_service=service).service == "HTTP"
    assert found("psrp", ansible_psrp_negotiate_service="http").service == "http"


def test_the_port_of_winrm_is_not_the_endpoints() -> None:
    got = found("psrp", ansible_port=5986, ansible_psrp_protocol="https")
    assert (got.port, got.ssl) == (80, False)
    assert found("winrm", ansible_port=5985).port == 80


def test_a_psrp_connection_to_the_endpoint_tells_port_path_and_tls() -> None:
    got = found(
        "psrp",
        ansible_psrp_path="/PowerShell",
        ansible_port=8080,
        ansible_psrp_protocol="http",
        ansible_psrp_auth="ntlm",
    )
    assert (got.path, got.port, got.ssl, got.auth) == ("PowerShell", 8080, False, "ntlm")


def test_certificates_proxy_and_timeouts_of_psrp() -> None:
    got = found(
        "psrp",
        ansible_psrp_auth="certificate",
        ansible_psrp_ca_cert="/ca.pem",
        ansible_psrp_certificate_pem="/c.pem",
        ansible_psrp_certificate_key_pem="/k.pem",
        ansible_psrp_proxy="http://proxy:3128",
        ansible_psrp_read_timeout=90,
        ansible_psrp_operation_timeout=70,
        ansible_psrp_negotiate_hostname_override="real.lab.example",
    )
    assert (got.auth, got.ssl, got.port) == ("certificate", True, 443)
    assert (got.cert_validation, got.certificate_pem, got.certificate_key_pem) == ("/ca.pem", "/c.pem", "/k.pem")
    assert (got.proxy, got.read_timeout, got.operation_timeout) == ("http://proxy:3128", 90, 70)
    assert got.hostname_override == "real.lab.example"


def test_an_ignored_certificate() -> None:
    assert found("psrp", ansible_psrp_cert_validation="ignore", ansible_psrp_ca_cert="/ca.pem").cert_validation is False
    assert found("winrm", ansible_winrm_server_cert_validation="ignore").cert_validation is False


@pytest.mark.parametrize(
    ("transport", "user", "auth", "host_auth"),
    [
        ("kerberos", "a@B", "kerberos", ""),
        (None, "a@B", "kerberos", ""),
        (None, "B\\a", "kerberos", ""),
        ("ntlm", "B\\a", "kerberos", "ntlm"),
        ("credssp", "B\\a", "kerberos", "credssp"),
        ("plaintext", "a", "basic", ""),
        ("ssl", "a", "basic", ""),
        ("basic", "a", "basic", ""),
        ("certificate", None, "certificate", ""),
    ],
)
def test_transports_of_winrm(transport: str | None, user: str | None, auth: str, host_auth: str) -> None:
    variables = {"ansible_winrm_transport": transport, "ansible_user": user}
    got = found("winrm", **{name: value for name, value in variables.items() if value})
    assert (got.auth, got.host_auth) == (auth, host_auth)
    assert got.ssl is (auth != "kerberos")


def test_extras_of_winrm() -> None:
    got = found(
        "winrm",
        ansible_winrm_ca_trust_path="/ca.pem",
        ansible_winrm_cert_pem="/c.pem",
        ansible_winrm_cert_key_pem="/k.pem",
        ansible_winrm_read_timeout_sec="90",
        ansible_winrm_kerberos_hostname_override="real",
    )
    assert (got.cert_validation, got.certificate_pem, got.certificate_key_pem) == ("/ca.pem", "/c.pem", "/k.pem")
    assert (got.read_timeout, got.hostname_override) == (90, "real")


def test_ssh_gives_host_user_and_password() -> None:
    got = found("ssh", ansible_host="ex01", ansible_user="a@B", ansible_password="p")
    assert (got.host, got.username, got.password, got.auth) == ("ex01", "a@B", "p", "kerberos")


def test_module_options_come_first_and_the_environment_last() -> None:
    environment = {
        "EXCHANGE_HOST": "env",
        "EXCHANGE_USERNAME": "env@R",
        "EXCHANGE_PASSWORD": "env",
        "EXCHANGE_AUTH": "basic",
    }
    got = found("psrp", {"endpoint_host": "option"}, environment, ansible_user="host@R")
    assert (got.host, got.username, got.password) == ("option", "host@R", "env")
    assert got.auth == "basic"
    assert got.source == "the host's connection"


def test_the_environment_alone() -> None:
    environment = {
        "EXCHANGE_HOST": "env",
        "EXCHANGE_PORT": "8443",
        "EXCHANGE_SSL": "yes",
        "EXCHANGE_CA_CERT": "/ca.pem",
        "EXCHANGE_PATH": "/PowerShell",
    }
    got = found("", None, environment)
    assert (got.host, got.port, got.ssl, got.cert_validation, got.path) == ("env", 8443, True, "/ca.pem", "PowerShell")
    assert got.source == "nowhere"


@pytest.mark.parametrize(("variable", "kind"), [("EXCHANGE_PORT", "a number"), ("EXCHANGE_SSL", "true or false")])
def test_a_bad_environment_is_named(variable: str, kind: str) -> None:
    with pytest.raises(ShellError, match=f"{variable} is 'x', which is not {kind}"):
        found("", None, {"EXCHANGE_HOST": "env", variable: "x"})


def test_no_host_at_all() -> None:
    with pytest.raises(ShellError, match=r"no server is named. Set endpoint_host"):
        settings({}, None, {})


def test_a_password_that_was_asked_for() -> None:
    made = connection("winrm", ansible_user="a@B")
    assert settings({}, made, {}, "asked").password == "asked"


def test_no_secret_in_its_text() -> None:
    assert "secret" not in repr(found("psrp", ansible_password="secret"))


def test_an_ipv6_address_in_the_url() -> None:
    assert found("psrp", {"endpoint_host": "::1"}).url == "http://[::1]:80/PowerShell/"
