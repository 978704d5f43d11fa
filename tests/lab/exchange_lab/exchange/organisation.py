# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Exchange organisation: its directory, its servers, its users, and the cmdlets a shell on a server offers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from exchange_lab.defects import NONE, Defect
from exchange_lab.exchange import ad_permission, domains, receive_connector, servers
from exchange_lab.exchange.acl import Permissions
from exchange_lab.exchange.defaults import new_values, preset_values, presets
from exchange_lab.exchange.directory import Connector, Directory, own_copy
from exchange_lab.exchange.identity import find_server
from exchange_lab.exchange.model import (
    AcceptedDomain,
    AccessControlEntry,
    ExchangeServer,
    LoggedEvent,
    Mailbox,
    ReceiveConnector,
    SendConnector,
)
from exchange_lab.exchange.naming import Naming, made_guid
from exchange_lab.exchange.principals import Principals
from exchange_lab.exchange.refusals import access_denied, not_found
from exchange_lab.exchange.roles import Administrator, account_key, administrator
from exchange_lab.exchange.session import Session
from exchange_lab.exchange.versions import PROFILES
from exchange_lab.exchange.views import Views
from exchange_lab.powershell.cmdlet import Cmdlet
from exchange_lab.switches import Switches

_EDGE_ROOT = "CN={0B8F0F3C-6E0B-4C4E-9E5C-6C1C6E0F7A11}"


class Organisation:
    """Everything that the servers of one organisation share. Thread-safe: cmdlets run under ``lock``.

    ``domain`` is the DNS domain, ``netbios`` what stands before the backslash of its accounts. ``directory.lag`` and
    ``directory.replicate()`` govern replication between the domain controllers; ``event_log`` grows; the names in
    ``write_protected`` are of connectors that the directory lets nobody change.
    """

    def __init__(
        self,
        version: str = "2019",
        switches: Switches | None = None,
        language: str = "en",
        server_names: Sequence[str] = ("EX01",),
        *,
        domain: str = "lab.example",
        netbios: str = "LAB",
        name: str = "First Organization",
        controllers: int = 2,
        addresses: Mapping[str, Sequence[str]] | None = None,
        now: Callable[[], float] = time.monotonic,
        defect: Defect = NONE,
    ) -> None:
        if version not in PROFILES:
            raise ValueError(f"version must be one of {', '.join(PROFILES)}, not {version!r}")
        self.version = version
        self.switches = switches or Switches()
        self.defect = defect
        self.profile = PROFILES[version].showing(self.switches.se_version)
        self.domain = domain
        self.lock = threading.RLock()
        self.principals = Principals(language, netbios)
        self.permissions = Permissions(self.principals, self.profile, self.switches)
        root = _EDGE_ROOT if self.profile.edge else ",".join(f"DC={label}" for label in domain.split("."))
        self.naming = Naming(name, domain, root)
        self.views = Views(self.naming, self.profile, self.switches)
        names = (
            ["localhost"] if self.profile.edge else [f"DC{number + 1:02d}.{domain}" for number in range(controllers)]
        )
        self.directory = Directory(names, now)
        self.accepted_domains = [AcceptedDomain(domain, domain, default=True)]
        self.mailboxes: list[Mailbox] = []
        self.event_log: list[LoggedEvent] = []
        self.administrators: dict[str, Administrator] = {}
        # what Get-NetworkConnectionInfo shows, and what Test-SmtpConnectivity finds: the lab puts its hosts in place
        held = dict(addresses or {})
        self.addresses_of: Callable[[str], Sequence[str]] = lambda server: held.get(server, ())
        self.answer_of: Callable[[str, str, int], tuple[str, str]] = lambda *_: ("Success", "220 ready")
        self.write_protected: set[str] = set()
        self._callbacks: list[tuple[str, Callable[[], None]]] = []
        self._written: set[str] = set()
        self.servers = [
            ExchangeServer(each, f"{each}.{domain}", str(made_guid("server", each))) for each in server_names
        ]
        self._set_up()

    def _set_up(self) -> None:
        """What setup leaves behind: the default receive connectors of every server."""
        for server in self.servers:
            for preset in presets(self.profile):
                acl = self.permissions.with_groups(self.permissions.inherited(), preset.groups)
                values = preset_values(preset, self.profile, server)
                name = preset.name.format(server=server.name)
                made = ReceiveConnector(name, server.name, str(made_guid("connector", server.name, name)), values, acl)
                self.directory.add(self.directory.controllers[0], made)
        if not self.profile.edge:
            self.add_send_connector("Internet mail")
        self.directory.replicate()

    def add_send_connector(self, name: str) -> SendConnector:
        """A send connector to everywhere, as New-SendConnector -Usage Internet makes one."""
        rights = [AccessControlEntry(self.principals.anonymous, "ms-Exch-Send-Headers-Routing")]
        values = {"AddressSpaces": ("SMTP:*;1",), "SmartHosts": ()}
        acl = [*rights, *self.permissions.inherited()]
        made = SendConnector(name, str(made_guid("send connector", name)), values, acl)
        with self.lock:
            self.directory.add(self.directory.controllers[0], made)
        return made

    def cmdlets(self, server: str, user: str, remote: bool = True) -> dict[str, Cmdlet]:
        """The cmdlets of a shell that a user opened on a server, as far as the version and RBAC go."""
        session = Session(self, self.server_of(server, self.directory.controllers[0]), user, remote)
        every = self._all_cmdlets(session)
        guarded = remote and self.profile.has_endpoint
        return {cmdlet.name: cmdlet for cmdlet in (self.administrator(user).offers(every) if guarded else every)}

    def assign(self, user: str, *names: str, without: Mapping[str, Iterable[str]] | None = None) -> None:
        """Give an account these role groups and roles and nothing else; ``without`` hides parameters of cmdlets."""
        self.administrators[account_key(user)] = administrator(names, without)

    def administrator(self, user: str) -> Administrator:
        """What an account holds: Organization Management unless something was assigned."""
        return self.administrators.get(account_key(user), Administrator())

    def _all_cmdlets(self, session: Session) -> Iterator[Cmdlet]:
        for family in (receive_connector, ad_permission, servers, domains):
            yield from family.cmdlets(session)

    def connectors(self, server: str) -> list[ReceiveConnector]:
        """A server's receive connectors as its transport sees them: by the domain controller it is bound to."""
        with self.lock:
            found = self.server_of(server, self.directory.controllers[0])
            controllers = self.directory.controllers
            known = self.receive_connectors(controllers[self.server_number(found) % len(controllers)])
            return [own_copy(each) for each in known if each.server == found.name]

    def on_change(self, callback: Callable[[], None], server: str = "") -> None:
        """Have something called after each write that concerns a server, or after each at all.

        That is outside the lock, before the cmdlet has returned.
        """
        self._callbacks.append((server, callback))

    def changed(self, server: str = "") -> None:
        """Note that something was written of one server, or of all."""
        self._written.add(server)

    def announce(self) -> None:
        """Call the callbacks if something was written since they were called last."""
        with self.lock:
            written, self._written = self._written, set()
        for server, callback in self._callbacks if written else ():
            if not server or "" in written or server in written:
                callback()

    def guard(self, thing: Connector, controller: str) -> None:
        """Refuse to write to an object that the session's account may not write to; raises Refusal."""
        if thing.name in self.write_protected:
            raise access_denied(controller)

    def log(self, event: LoggedEvent) -> None:
        """Write to the server's event log."""
        self.event_log.append(event)

    def receive_connectors(self, controller: str) -> list[ReceiveConnector]:
        """All receive connectors that a domain controller knows."""
        return [each for each in self.directory.replica(controller).values() if isinstance(each, ReceiveConnector)]

    def send_connectors(self, controller: str) -> list[SendConnector]:
        """All send connectors that a domain controller knows."""
        return [each for each in self.directory.replica(controller).values() if isinstance(each, SendConnector)]

    def server_of(self, identity: str, controller: str) -> ExchangeServer:
        """The server of a name; raises Refusal."""
        found = find_server(self.servers, identity, self.naming)
        if found is None:
            raise not_found(identity, controller)
        return found

    def server_number(self, server: ExchangeServer) -> int:
        """The server's place in the organisation, which decides its domain controller."""
        return self.servers.index(server)

    def default_values(self, server: ExchangeServer) -> dict[str, Any]:
        """What a new connector on this server starts from."""
        return new_values(self.profile, self.switches, server)

    def shown(self, connector: ReceiveConnector, controller: str, state: str = "Unchanged") -> Any:
        """A receive connector as an output object."""
        return self.views.receive_connector(connector, self.permissions.groups(connector.acl), controller, state)
