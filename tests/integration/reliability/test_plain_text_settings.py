# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every combination of settings, on the wire: what is accepted shows no password, no command and no answer, and what
would go readable is refused before anything is connected. On Exchange's endpoint over our own session; on the host over
Ansible's own connection plugins winrm and psrp, under a shell of ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
import winrm
import yaml
from ansible.plugins.connection import psrp as psrp_plugin
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import options
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Backoff, Deadline
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import Failure, ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import HostShell
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.opening import Way, session
from connection_plugin import connection
from eavesdropper import Wire, readable

UPN = "Administrator@LAB.EXAMPLE"
# authentication of Exchange's endpoint: whether it is safe without TLS
ENDPOINT = {
    "kerberos": True,
    "negotiate": True,
    "ntlm": True,
    "credssp": True,
    "basic": False,
    "certificate": False,
}
# transports of pywinrm (none: what Ansible chooses for an account that is no user principal name) and kinds of psrp
WINRM = {"ntlm": True, "kerberos": True, "credssp": True} | dict.fromkeys(
    ("", "basic", "plaintext", "ssl", "certificate"), False
)
PSRP = {"ntlm": True, "negotiate": True, "kerberos": True, "credssp": True, "basic": False, "certificate": False}
KINDS = {"winrm": WINRM, "psrp": PSRP}
ENCRYPTION = ("auto", "always", "never")
# what the libraries themselves refuse: their message encryption beside TLS, and certificates or ssl as none
IMPOSSIBLE = {
    ("psrp", "basic", "https", "always"),
    ("psrp", "certificate", "https", "always"),
    *(("winrm", kind, "https", "always") for kind in ("", "basic", "plaintext", "ssl", "certificate")),
}


def test_no_kind_is_forgotten() -> None:
    """The tables above have what the options, Ansible's plugins and their libraries offer, and nothing else."""
    assert set(ENDPOINT) == set(options.AUTHENTICATION)
    assert set(WINRM) == set(winrm.FEATURE_SUPPORTED_AUTHTYPES) | {""}
    described = yaml.safe_load(psrp_plugin.DOCUMENTATION)["options"]
    assert set(PSRP) == set(described["auth"]["choices"])
    assert set(ENCRYPTION) == set(described["message_encryption"]["choices"])
    assert described["protocol"]["choices"] == ["http", "https"]


@pytest.fixture(scope="module")
def open_lab(kerberos_lab: Any) -> Iterator[Any]:
    """A lab that takes every kind of authentication, and readable messages where a client dares."""
    every = frozenset({"negotiate", "kerberos", "credssp", "basic", "certificate"})
    with pytest.MonkeyPatch.context() as patch:
        for listener in kerberos_lab.lab.servers[0].listeners.values():
            policy = replace(listener.endpoint.policy, kinds=every, unencrypted=True)
            patch.setattr(listener.endpoint, "policy", policy)
        patch.setenv("KRB5CCNAME", kerberos_lab.ticket("settings")["KRB5CCNAME"])
        yield kerberos_lab.lab


def searched(lab: Any, wire: Wire, *words: str) -> list[str]:
    return readable(bytes(wire.seen), lab.password, *words)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("kind", ENDPOINT)
def test_exchange(open_lab: Any, kind: str, tls: bool) -> None:
    lab, server = open_lab, open_lab.servers[0]
    wire = Wire(server.address, server.port("exchange_tls" if tls else "exchange"))
    given: dict[str, Any] = {
        "endpoint_host": server.fqdn,
        "endpoint_port": wire.port,
        "endpoint_ssl": tls,
        "endpoint_auth": kind,
        "endpoint_ca_cert": str(lab.ca_pem),
        "endpoint_certificate_pem": str(lab.client.certificate),
        "endpoint_certificate_key_pem": str(lab.client.key),
    }
    if kind != "certificate":
        given |= {"endpoint_username": UPN if kind == "kerberos" else lab.username, "endpoint_password": lab.password}
    try:
        if not (tls or ENDPOINT[kind]):
            with pytest.raises(ShellError, match="TLS"):
                session(Way(given, None, {}, None, Deadline(30)), lambda told: None)
            assert wire.seen == b""
            return
        opened: Any = session(Way(given, None, {}, None, Deadline(30)), lambda told: None)
        try:
            (outcome,) = opened.run((Command("Get-ExchangeServer"),))
        finally:
            opened.close()
        assert outcome.objects[0].properties["Name"] == "EX01"
        assert len(wire.seen) > 5000
        assert searched(lab, wire, "Get-ExchangeServer", "creationXml", "Exchange Server") == []
    finally:
        wire.close()


def host_connection(lab: Any, plugin: str, kind: str, scheme: str, encryption: str, port: int) -> Any:
    """One of Ansible's connection plugins with such variables."""
    server = lab.servers[0]
    own = {
        "winrm": {
            "ansible_winrm_scheme": scheme,
            "ansible_winrm_transport": kind,
            "ansible_winrm_message_encryption": encryption,
            "ansible_winrm_ca_trust_path": str(lab.ca_pem),
            "ansible_winrm_cert_pem": str(lab.client.certificate),
            "ansible_winrm_cert_key_pem": str(lab.client.key),
            "ansible_winrm_kinit_mode": "manual",
        },
        "psrp": {
            "ansible_psrp_protocol": scheme,
            "ansible_psrp_auth": kind,
            "ansible_psrp_message_encryption": encryption,
            "ansible_psrp_ca_cert": str(lab.ca_pem),
            "ansible_psrp_certificate_pem": str(lab.client.certificate),
            "ansible_psrp_certificate_key_pem": str(lab.client.key),
        },
    }[plugin]
    variables = {name: value for name, value in own.items() if value}
    variables |= {"inventory_hostname": "ex01", "ansible_host": server.fqdn, "ansible_port": port}
    variables |= {"ansible_user": UPN if kind == "kerberos" else lab.username, "ansible_password": lab.password}
    return connection(plugin, variables)


COMBINATIONS = [
    (plugin, *combination)
    for plugin, kinds in KINDS.items()
    for combination in itertools.product(kinds, ("http", "https"), ENCRYPTION)
]


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("plugin", "kind", "scheme", "encryption"), COMBINATIONS)
def test_host(open_lab: Any, plugin: str, kind: str, scheme: str, encryption: str) -> None:
    lab, server = open_lab, open_lab.servers[0]
    wire = Wire(server.address, server.port("winrm_tls" if scheme == "https" else "winrm"))
    connection = host_connection(lab, plugin, kind, scheme, encryption, wire.port)
    try:
        if scheme == "http" and (encryption == "never" or not KINDS[plugin][kind]):
            with pytest.raises(ShellError, match=r"of the host's own connection, .* readable"):
                HostShell(connection, "EX01")
            assert wire.seen == b""
            return
        try:
            outcome = HostShell(connection, "EX01").execute("Write-Output -InputObject 'a word'")
            assert [str(item).strip() for item in outcome.output] == ["a word"]
            assert len(wire.seen) > 2000
        except Failure:
            assert (plugin, kind, scheme, encryption) in IMPOSSIBLE
        finally:
            with suppress(Exception):
                connection.close()
        assert searched(lab, wire, "Write-Output", "a word", "CommandLine", "creationXml") == []
    finally:
        wire.close()


def test_a_port_and_no_scheme_is_readable_too(open_lab: Any) -> None:
    """What Ansible takes for http where nothing is said of it."""
    for plugin, kind in (("winrm", ""), ("psrp", "basic")):
        connection = host_connection(open_lab, plugin, kind, "", "auto", 5985)
        with pytest.raises(ShellError, match="sends password and commands readable"):
            HostShell(connection, "EX01")
        HostShell(host_connection(open_lab, plugin, kind, "", "auto", 5986), "EX01")


@pytest.fixture
def redirected(open_lab: Any) -> Iterator[Callable[[int], tuple[int, list[bytes]]]]:
    """An endpoint that sends every request on to one without TLS; it gives its port and what the other is told."""
    import ssl

    server = open_lab.servers[0]
    heard: list[bytes] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(open_lab.folder / "ex01.pem", open_lab.folder / "ex01-key.pem")
    started: list[HTTPServer] = []

    def start(status: int) -> tuple[int, list[bytes]]:
        class Plain(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(str(self.headers).encode() + self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                self.send_error(500)

            do_GET = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                pass

        plain = HTTPServer((server.address, 0), Plain)

        class Elsewhere(Plain):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                self.send_header("Location", f"http://{server.fqdn}:{plain.server_port}/PowerShell/")
                self.send_header("Content-Length", "0")
                self.end_headers()

        secure = HTTPServer((server.address, 0), Elsewhere)
        secure.socket = context.wrap_socket(secure.socket, server_side=True)
        for each in (plain, secure):
            started.append(each)
            Thread(target=each.serve_forever, daemon=True).start()
        return secure.server_port, heard

    yield start
    for each in started:
        each.shutdown()
        each.server_close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_sent_on_to_where_it_is_readable(open_lab: Any, redirected: Any, status: int) -> None:
    port, heard = redirected(status)
    given = {
        "endpoint_host": open_lab.servers[0].fqdn,
        "endpoint_port": port,
        "endpoint_auth": "basic",
        "endpoint_ca_cert": str(open_lab.ca_pem),
        "endpoint_username": open_lab.username,
        "endpoint_password": open_lab.password,
    }
    opened: Any = session(Way(given, None, {}, None, Deadline(20)), lambda told: None)
    opened.backoff = Backoff(0.01)
    with pytest.raises(Failure, match=f"sends the client elsewhere .HTTP status {status} to http"):
        opened.run((Command("Get-ExchangeServer"),))
    opened.close()
    assert heard == []
