# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab: an Exchange organisation with its servers on loopback, started and stopped in this process."""

from __future__ import annotations

import shutil
import ssl
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from .defects import DEFECTS, NONE
from .exchange.organisation import Organisation
from .faults import Faults
from .journal import Journal
from .kerberos import Realm
from .latency import Latency, profile
from .network import HTTP, HTTPS, WINRM, WINRM_TLS, Network, shifted
from .replay.player import Player
from .replay.recording import Recording
from .replay.server import ReplayServer
from .server import LabServer, Surroundings
from .switches import Switches
from .transport.identity import Account as Sender
from .transport.service import Transport
from .windows.host import WindowsHost
from .wire import tls
from .wire.accounts import Account, Accounts
from .wire.authentication import Policy
from .wire.listener import Listener, Secure, listen

DOMAIN, REALM = "LAB", "lab.example"
PASSWORD = "Lab-Passw0rd!"
WINRM_AUTH = frozenset({"negotiate", "kerberos", "credssp", "basic", "certificate"})
# Kerberos is all that Exchange offers by default; Basic is what an administrator may add
EXCHANGE_AUTH = frozenset({"kerberos", "basic"})
_OLD = ("2007", "2010")


class Lab:
    """Context manager. ``unencrypted`` lets the endpoints take Basic without TLS (WinRM's AllowUnencrypted).

    With ``kerberos`` a KDC runs beside it; raises OSError where MIT Kerberos is not installed. With a ``recording`` its
    servers are those that were recorded, and they answer as they did then.
    """

    def __init__(
        self,
        exchange: str = "2019",
        *,
        servers: int = 1,
        language: str = "en",
        switches: Switches | None = None,
        network: str | None = None,
        username: str = f"{DOMAIN}\\Administrator",
        password: str = PASSWORD,
        winrm_auth: Iterable[str] = WINRM_AUTH,
        exchange_auth: Iterable[str] = EXCHANGE_AUTH,
        unencrypted: bool = False,
        flavour: str | None = None,
        latency: str = "off",
        kerberos: bool = False,
        recording: Recording | None = None,
        defect: str = "",
    ) -> None:
        if recording:
            exchange, servers = "2019", len(recording.hosts)
        if servers < 1:
            raise ValueError("a lab has one server at least")
        self.exchange, self.username, self.password = exchange, username, password
        self.journal = Journal()
        self.faults = Faults()
        self.latency: Latency = profile(latency)
        names = [f"EX{number + 1:02d}" for number in range(servers)]
        self.organisation = Organisation(
            exchange,
            switches,
            language,
            names,
            domain=REALM,
            netbios=DOMAIN,
            defect=DEFECTS[defect] if defect else NONE,
        )
        self._policies = (
            Policy(frozenset(winrm_auth), unencrypted=unencrypted),
            Policy(frozenset(exchange_auth), REALM, unencrypted=unencrypted, spaced_boundary=True),
        )
        self._flavour = flavour or ("2008" if exchange in _OLD else "2012+")
        self.recording = recording
        self.players = [Player(*each) for each in recording.hosts.items()] if recording else []
        self.servers: list[LabServer] = []
        self.kerberos: Realm | None = None
        self.network = Network.take(network)
        self.offset = self.network.offset
        self.folder = Path(tempfile.mkdtemp(prefix="exchange-lab-"))
        try:
            self._furnish(names, language, kerberos)
        except BaseException:
            self.stop()
            raise

    def _furnish(self, names: Sequence[str], language: str, kerberos: bool) -> None:
        """Everything that needs the folder or an address; all listeners are bound afterwards."""
        self.accounts = Accounts(self.folder / "accounts")
        self.kerberos = self._realm() if kerberos else None
        user = self.username.rpartition("\\")[2]
        self._account(user, self.password)
        self.ca_pem = tls.write_authority(self.folder)
        self.client = tls.issue(self.folder, "client", f"{user.lower()}@{REALM}")
        for number, name in enumerate(names):
            self._add_server(number, name, language)
        self.organisation.addresses_of = self._addresses_of
        self.hosts_file = self._written_hosts()
        if self.kerberos:
            self.kerberos.add_host(*(name for server in self.servers for name in (server.fqdn, server.name.lower())))

    def _realm(self) -> Realm:
        realm = Realm(REALM, self.folder / "kerberos", self.network.domain_controller)
        self.accounts.environment.update(realm.server_environment)
        return realm

    def _account(self, name: str, password: str) -> Account:
        if self.kerberos:
            self.kerberos.add_user(name, password)
        return self.accounts.add(DOMAIN, name, password, REALM)

    def _add_server(self, number: int, name: str, language: str) -> None:
        address, fqdn = self.network.server_address(number), f"{name.lower()}.{REALM}"
        credentials = tls.issue(self.folder, name.lower(), fqdn, name, "localhost", address)
        host = WindowsHost(name, address, flavour=self._flavour, language=language)
        smtp_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        smtp_tls.load_cert_chain(credentials.certificate, credentials.key)
        transport = Transport(
            name,
            self.organisation,
            host,
            self.smtp_port,
            self.journal,
            fqdn=fqdn,
            certificate=smtp_tls,
            log_on=self._log_on,
        )
        shared = Surroundings(self.organisation, self.accounts, self.journal, self.faults, lambda: self.latency)
        if self.players:
            player = self.players[number]
            self.servers.append(ReplayServer(name, fqdn, address, host, transport, shared, player=player))
        else:
            self.servers.append(LabServer(name, fqdn, address, host, transport, shared))
        self._listen(self.servers[-1], credentials)

    def _listen(self, server: LabServer, credentials: tls.Credentials) -> None:
        secure = Secure(tls.server_context(credentials, self.ca_pem), tls.binding(credentials))
        winrm, exchange = server.winrm(self._policies[0]), server.exchange(self._policies[1])
        server.listeners["winrm"] = listen(server.address, WINRM, 0, winrm)
        server.listeners["winrm_tls"] = listen(server.address, WINRM_TLS, 0, winrm, secure)
        if self.organisation.profile.has_endpoint:
            http, https = shifted(HTTP, self.offset), shifted(HTTPS, self.offset)
            server.listeners["exchange"] = listen(server.address, http, 0, exchange)
            server.listeners["exchange_tls"] = listen(server.address, https, 0, exchange, secure)

    def _written_hosts(self) -> Path:
        """A hosts file for whoever can be told to read it (nss_wrapper's NSS_WRAPPER_HOSTS)."""
        file = self.folder / "hosts"
        lines = [f"{server.address} {server.fqdn} {server.name.lower()}\n" for server in self.servers]
        file.write_text("".join(lines))
        return file

    def _log_on(self, name: str, password: str) -> Sender | None:
        account = self.accounts.check(name, password)
        return Sender(account.down_level, account.upn) if account else None

    def _addresses_of(self, server: str) -> Sequence[str]:
        host = self.server(server).host
        return [str(item.address) for item in host.addresses if host.usable(str(item.address))]

    def server(self, name: str = "") -> LabServer:
        """The server of that name, the first one without a name; raises KeyError."""
        found = [each for each in self.servers if name.lower() in ("", each.name.lower(), each.fqdn)]
        if not found:
            raise KeyError(name)
        return found[0]

    def smtp_port(self, port: int) -> int:
        """The real port behind a connector's port."""
        return shifted(port, self.offset)

    def add_user(self, name: str, password: str, *roles: str) -> str:
        """Another account, with these management roles and role groups; its name as ``DOMAIN\\name``."""
        account = self._account(name, password)
        self.organisation.assign(account.down_level, *roles)
        return account.down_level

    def start(self) -> Lab:
        """Serve all servers."""
        try:
            if self.kerberos:
                self.kerberos.start()
            for server in self.servers:
                server.start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop everything and leave nothing behind; a second time is no matter."""
        self.faults.clear()
        if listeners := [each for server in self.servers for each in server.listeners.values()]:
            # each takes a moment to notice
            with ThreadPoolExecutor(min(64, len(listeners))) as pool:
                list(pool.map(Listener.stop, listeners))
        for server in self.servers:
            server.stop()
        if self.kerberos:
            self.kerberos.stop()
        self.network.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Lab:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def details(self) -> dict[str, Any]:
        """How to reach the lab, as JSON types."""
        return {
            "exchange": self.exchange,
            "domain": DOMAIN,
            "realm": REALM,
            "username": self.username,
            "password": self.password,
            "network": str(self.network.block),
            "ca_pem": str(self.ca_pem),
            "client_certificate": str(self.client.certificate),
            "client_key": str(self.client.key),
            "hosts_file": str(self.hosts_file),
            "kerberos_realm": self.kerberos.name if self.kerberos else None,
            "krb5_config": str(self.kerberos.config) if self.kerberos else None,
            "smtp_port_offset": self.offset,
            "variables": self.recording.variables if self.recording else {},
            "servers": [self._described(server) for server in self.servers],
        }

    def _described(self, server: LabServer) -> dict[str, Any]:
        return {
            "name": server.name,
            "inventory_name": server.inventory_name,
            "fqdn": server.fqdn,
            "address": server.address,
            "winrm_port": server.winrm_port,
            "winrm_tls_port": server.winrm_tls_port,
            "exchange_port": server.exchange_port,
            "exchange_tls_port": server.exchange_tls_port,
            "exchange_path": "PowerShell/",
            "replays_mail": isinstance(server, ReplayServer) and server.player.has_mail,
            "smtp_ports": {str(port): self.smtp_port(port) for port in (25, 587, 717, 2525)},
        }
