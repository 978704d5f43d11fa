# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of roles and playbooks share: the lab's state as data, and who may relay, by asking."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from ipaddress import ip_network
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import relay_task
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings
from exchange_lab.inventory import endpoint
from exchange_lab.lab import Lab
from exchange_lab.switches import Switches
from exchange_lab.windows.record import Interface

Connectors = list[dict[str, Any]]
Abilities = dict[tuple[str, str], frozenset[str]]
INSIDE, OUTSIDE = "ada@lab.example", "someone@example.net"
State = dict[str, Any]


@pytest.fixture
def state() -> Callable[[Lab], State]:
    """Everything that a play may change, so that two states can be compared."""

    def read(lab: Lab) -> State:
        return {
            server.name: {
                "connectors": {
                    each.name: (dict(each.properties), sorted(map(repr, each.acl)))
                    for each in lab.organisation.connectors(server.name)
                },
                "addresses": sorted(map(repr, server.host.addresses)),
            }
            for server in lab.servers
        }

    return read


@pytest.fixture
def address() -> Callable[[Lab, int], str]:
    """The n-th address of the lab's network."""
    return lambda lab, number: str(ip_network(lab.details()["network"])[number])


@pytest.fixture
def relays() -> Callable[..., bool]:
    """Whether a device may relay to the outside through an address of the lab, by asking as it would."""

    def ask(lab: Lab, device: str, server: str, recipient: str = "someone@example.net") -> bool:
        with smtplib.SMTP(server, lab.smtp_port(25), timeout=20, source_address=(device, 0)) as smtp:
            smtp.ehlo("device.example")
            return smtp.mail("device@example.com")[0] == 250 and smtp.rcpt(recipient)[0] == 250

    return ask


@contextmanager
def session(lab: Lab, warnings: list[str] | None = None, number: int = 0, server: str = "") -> Iterator[Exchange]:
    """A session of this process with the n-th server of a lab, as an action opens it."""
    opened = RemoteSession(settings(endpoint(lab.details(), number), None, {}))
    told = warnings if warnings is not None else []
    try:
        yield Exchange(opened, told.append, server=server or lab.servers[number].name)
    finally:
        opened.close()


@pytest.fixture(scope="session")
def in_session() -> Callable[..., Any]:
    """Sessions without ansible-playbook around them: ``with in_session(lab) as exchange``."""
    return session


@dataclass
class RelayStand:
    """A lab with an address for relaying beside its own, and the devices around it."""

    lab: Lab
    devices: tuple[int, ...] = ()
    hosts: tuple[int, ...] = (10, 25)
    warnings: list[str] = field(default_factory=list)

    def address(self, number: int) -> str:
        return str(ip_network(self.lab.details()["network"])[number])

    def connectors(self, described: Sequence[dict[str, Any]]) -> Connectors:
        """Connectors as the module takes them; addresses are written by their last number."""
        found = []
        for each in described:
            own = dict(each)
            own["clients"] = [self._client(client) for client in each.get("clients", [])]
            if isinstance(own.get("address"), int):
                own["address"] = self.address(own["address"])
            found.append(own)
        return found

    def _client(self, client: Any) -> Any:
        if isinstance(client, int):
            return self.address(client)
        if isinstance(client, dict):
            return client | {"address": self._client(client["address"])} if "address" in client else client
        if isinstance(client, str):
            return client
        return f"{self.address(client[0])}-{self.address(client[1])}"

    def apply(
        self, described: Sequence[dict[str, Any]], check_mode: bool = False, through: Any = None, **options: Any
    ) -> dict[str, Any]:
        """Bring the lab to a list with relay_connector, in this process; ``through`` opens another session."""
        arguments = {"connectors": self.connectors(described), **options}
        with (through or self.session)() as exchange:
            return relay_task.apply(
                exchange, arguments, check_mode=check_mode, warn=self.warnings.append, today=date.today()
            )

    def session(self) -> Any:
        """A session of another administrator."""
        return session(self.lab, self.warnings)

    def abilities(self) -> Abilities:
        """What each device may do at each address of the server, by sending mail."""
        return {
            (device, host): self._ability(device, host)
            for device in map(self.address, self.devices)
            for host in map(self.address, self.hosts)
        }

    def message(self, device: int, host: int) -> dict[str, str]:
        """The header of a message that a device sends to the inside through an address of the server."""
        delivered = self.lab.servers[0].transport.delivered
        delivered.clear()
        assert self._sends(self.address(device), self.address(host), INSIDE)
        return dict(delivered[-1].headers.items())

    def _ability(self, device: str, host: str) -> frozenset[str]:
        found = {
            what for what, recipient in (("inside", INSIDE), ("relay", OUTSIDE)) if self._sends(device, host, recipient)
        }
        if self._sends(device, host, INSIDE, size=70_000):
            found.add("big")
        messages = [
            one for one in self.lab.servers[0].transport.delivered if one.client == device and one.local == host
        ]
        self.lab.servers[0].transport.delivered.clear()
        if any(one.auth_as == "Internal" for one in messages):
            found.add("trusted")
        if any(one.header("X-MS-Exchange-Organization-SCL") == "-1" for one in messages):
            found.add("unfiltered")
        return frozenset(found)

    def _sends(self, device: str, host: str, recipient: str, size: int = 0) -> bool:
        text = ("x" * 70 + "\r\n") * (size // 72 or 1)
        body = f"From: {INSIDE}\r\nSubject: page\r\n\r\n{text}"
        try:
            with smtplib.SMTP(host, self.lab.smtp_port(25), timeout=20, source_address=(device, 0)) as smtp:
                smtp.ehlo("device.example")
                smtp.sendmail(INSIDE, [recipient], body)
        except (smtplib.SMTPException, OSError):
            return False
        return True


def _leave_out_what_is_not_asked(lab: Lab) -> None:
    """Keep only the default connector that takes mail from outside: reading them takes most of a test's time."""
    directory = lab.organisation.directory
    for server in lab.servers:
        made = {one.name: one.guid for one in lab.organisation.connectors(server.name)}
        kept = next(name for name in (f"Default Frontend {server.name}", f"Default {server.name}") if name in made)
        for guid in (guid for name, guid in made.items() if name != kept):
            directory.remove(directory.controllers[0], guid)
        # the limit of the tests' own connectors, so that only the right to bypass it tells clients apart
        directory.update(directory.controllers[0], made[kept], {"MaxMessageSize": 65536})
    directory.replicate()


def stands(labs: ExitStack) -> Callable[..., RelayStand]:
    """Makes labs with devices, which the stack stops."""

    def made(devices: Sequence[int] = (), exchange: str = "2019", whole: bool = False, **options: Any) -> RelayStand:
        known = {name: options.pop(name) for name in ("language", "servers", "defect") if name in options}
        lab = labs.enter_context(Lab(exchange, switches=Switches(**options), **known))
        stand = RelayStand(lab, tuple(devices))
        lab.servers[0].host.add_interface(Interface(20, "Relay"), (stand.address(25), 24))
        if not whole:
            _leave_out_what_is_not_asked(lab)
        return stand

    return made


@pytest.fixture(scope="session")
def relay_stands() -> Callable[[ExitStack], Callable[..., RelayStand]]:
    """Stands that live as long as a stack: ``relay_stands(labs)((77, 78))``."""
    return stands


@pytest.fixture
def relay_stand() -> Iterator[Callable[..., RelayStand]]:
    """Labs with devices: ``relay_stand((77, 78), language="de", set_groups="drop")``; what is no option is a switch."""
    with ExitStack() as labs:
        yield stands(labs)


@pytest.fixture(scope="module")
def shared_stand() -> Iterator[RelayStand]:
    """One lab of two servers for tests that write nothing."""
    with ExitStack() as labs:
        yield stands(labs)(servers=2)
