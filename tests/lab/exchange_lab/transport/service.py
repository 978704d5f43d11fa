# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMTP service of one server: follows the receive connectors and the addresses that the host holds."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

from exchange_lab.defects import NONE, Defect
from exchange_lab.exchange.model import AcceptedDomain, Mailbox, ReceiveConnector
from exchange_lab.transport import proxying
from exchange_lab.transport import wording as say
from exchange_lab.transport.certificate import self_made
from exchange_lab.transport.connection import Connection
from exchange_lab.transport.delivery import deliver
from exchange_lab.transport.dialogue import Dialogue
from exchange_lab.transport.domains import AcceptedDomains, accepted_domains
from exchange_lab.transport.doors import Door, Endpoint, choose, contested, listening_points
from exchange_lab.transport.identity import Account
from exchange_lab.transport.limits import Connections, Submissions
from exchange_lab.transport.listeners import Listeners
from exchange_lab.transport.message import Message
from exchange_lab.transport.protocol_log import ProtocolLog

_PATIENCE = 30.0


class Organisation(Protocol):
    """What the transport reads of the organisation."""

    @property
    def version(self) -> Any: ...
    @property
    def accepted_domains(self) -> Sequence[AcceptedDomain]: ...
    @property
    def mailboxes(self) -> Sequence[Mailbox]: ...

    def connectors(self, server: str) -> Sequence[ReceiveConnector]: ...
    def on_change(self, callback: Callable[[], None], server: str) -> None: ...


class HeldAddress(Protocol):
    """An address of the host."""

    @property
    def address(self) -> str: ...


class Host(Protocol):
    """What the transport reads of the Windows host."""

    @property
    def addresses(self) -> Sequence[HeldAddress]: ...

    def usable(self, address: str) -> bool: ...
    def on_change(self, callback: Callable[[], None]) -> None: ...


@dataclass(frozen=True)
class Configuration:
    """Everything that decides, as of the last refresh."""

    points: dict[Endpoint, tuple[Door, ...]]
    domains: AcceptedDomains
    names: dict[str, str]


class Transport:
    """SMTP on every bound address and port; ``delivered`` holds what reached the sinks, in order."""

    def __init__(
        self,
        server_name: str,
        organisation: Organisation,
        host: Host,
        port_of: Callable[[int], int],
        journal: Any = None,
        *,
        fqdn: str = "",
        certificate: ssl.SSLContext | None = None,
        log_on: Callable[[str, str], Account | None] | None = None,
    ) -> None:
        self.server_name = server_name
        self.organisation = organisation
        self.host = host
        switches = getattr(organisation, "switches", None)
        self.words = say.wording(_year(organisation.version), str(getattr(switches, "anonymous_refusal", "5.7.57")))
        self._defect: Defect = getattr(organisation, "defect", NONE)
        self.port_of = port_of
        self._delay = float(getattr(switches, "transport_delay", 0) or 0)
        self.fqdn = fqdn or f"{server_name.lower()}.example.com"
        self.certificate = certificate or self_made(self.fqdn)
        self.delivered: list[Message] = []
        self.protocol_log = ProtocolLog(server_name.upper(), _number(organisation.version))
        self.connections = Connections()
        self.submissions = Submissions()
        self._journal = journal
        self._log_on = log_on
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"smtp-{server_name}", daemon=True)
        self._listeners = Listeners(lambda point: Dialogue(self, point, self._loop), port_of)
        self._connections: set[Connection] = set()
        self._lock = threading.Lock()
        self.configuration = Configuration({}, accepted_domains(()), {})

    # -- for the lab, from any thread

    def start(self) -> None:
        """Listen, and follow every change of the organisation and the host from now on."""
        self._thread.start()
        self.refresh()
        self.organisation.on_change(self._changed, self.server_name)
        self.host.on_change(self._changed)

    def stop(self) -> None:
        """Close the listeners and every session."""
        if not self._thread.is_alive():
            return
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def refresh(self) -> None:
        """Read the configuration again; sessions under way keep what they began with.

        Returns when the listeners are as the configuration wants them.
        """
        with self._lock:
            if self._thread.is_alive() and threading.current_thread() is not self._thread:
                self._wait(self._apply(self._read()))

    @property
    def failures(self) -> dict[Endpoint, str]:
        """Listening points that could not be opened, with the system's reason."""
        return dict(self._listeners.failures)

    @property
    def endpoints(self) -> list[Endpoint]:
        """Where the service listens, with the ports of the connectors."""
        return sorted(self._listeners.open)

    def _changed(self, *_: Any) -> None:
        if self._defect.deaf:
            return
        if self._delay:
            threading.Timer(self._delay, self.refresh).start()
        else:
            self.refresh()

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    def _read(self) -> Configuration:
        doors = [self._defect.door(Door.of(connector)) for connector in self.organisation.connectors(self.server_name)]
        held: Iterable[str] = [str(item.address) for item in self.host.addresses if self.host.usable(str(item.address))]
        names = {box.address.lower(): box.display_name for box in self.organisation.mailboxes}
        return Configuration(listening_points(doors, held), accepted_domains(self.organisation.accepted_domains), names)

    # -- on the transport's own thread

    async def _apply(self, configuration: Configuration) -> None:
        self.configuration = configuration
        await self._listeners.follow(configuration.points)
        for point, reason in self._listeners.failures.items():
            self.note("listen-failed", local=point, reply=reason)
        for dialogue in [each for each in self._connections if each.point not in self._listeners.open]:
            if isinstance(dialogue.transport, asyncio.Transport):
                dialogue.transport.abort()

    async def _close(self) -> None:
        await self._listeners.follow(())
        tasks = [each._handler_coroutine for each in self._connections if each._handler_coroutine]
        for dialogue in list(self._connections):
            if isinstance(dialogue.transport, asyncio.Transport):
                dialogue.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def domains(self) -> AcceptedDomains:
        """The accepted domains as of the last refresh."""
        return self.configuration.domains

    def admit(self, point: Endpoint, client: str) -> Door | str:
        """Return the connector for a new connection, or the reply that turns it away.

        What Exchange does with a client that no connector matches has no public source.
        """
        doors = self.configuration.points.get(point, ())
        door = None if contested(doors) else choose(doors, point, client)
        if door is None:
            return say.UNAVAILABLE
        return self.connections.refusal(door, client, self.words) or door

    def log_on(self, name: str, password: str) -> Account | None:
        """Check a user's password."""
        return self._log_on(name, password) if self._log_on else None

    def joined(self, connection: Connection) -> None:
        """Remember a session."""
        self._connections.add(connection)

    def left(self, connection: Connection) -> None:
        """Forget a session."""
        self._connections.discard(connection)

    def note(self, event: str, **facts: Any) -> None:
        """Write to the lab's journal, where there is one."""
        if self._journal is not None:
            self._journal.note("smtp", event=event, server=self.server_name, **facts)

    def deliver(self, connection: Connection, content: bytes) -> str:
        """Take a finished message to its sinks; return the reply."""
        messages = deliver(connection, content, self.fqdn, self.configuration.names)
        if isinstance(messages, str):
            return messages
        for message in messages:
            self.delivered.append(message)
            self.note(
                "delivered", client=message.client, local=connection.point, sink=message.sink, to=message.recipients
            )
        place = f"InternalId={len(self.delivered)}, Hostname={self.fqdn}"
        reply = f"250 2.6.0 <{uuid4().hex}@{self.fqdn}> [{place}] Queued mail for delivery"
        if self.host.addresses:
            proxying.pass_on(self, connection, str(self.host.addresses[0].address), len(content), reply)
        return reply


def _year(version: Any) -> str:
    """Return ``2007`` … for a version or a profile, however it is named."""
    return str(getattr(version, "name", version)).lower().removeprefix("e")


def _number(version: Any) -> int:
    """Return the year as a number; that of ``se`` and ``edge`` is the newest."""
    year = _year(version)
    return int(year) if year.isdigit() else 2025
