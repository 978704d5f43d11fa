# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners: an address and port with an endpoint behind, over HTTP or HTTPS."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import Any

from .connection import Connection
from .endpoint import Endpoint


@dataclass(frozen=True)
class Secure:
    """TLS of a listener and the channel binding of its certificate."""

    context: ssl.SSLContext
    binding: bytes


class Listener(ThreadingHTTPServer):
    """Accepts connections as soon as it is made; ``start`` serves them."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: str, port: int, endpoint: Endpoint, secure: Secure | None = None) -> None:
        self.endpoint = endpoint
        self.secure = secure
        self.connections: set[socket.socket] = set()
        self.stopping = threading.Event()
        self._serving: threading.Thread | None = None
        super().__init__((address, port), Connection)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def server_bind(self) -> None:
        """Bind without the reverse look-up of the address that HTTPServer makes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def start(self) -> None:
        """Serve in a thread."""
        name = f"{self.endpoint.kind} {self.port}"
        self._serving = threading.Thread(target=self._serve, daemon=True, name=name)
        self._serving.start()

    def _serve(self) -> None:
        """Accept until the socket is shut: serve_forever looks up all the time, which adds up over 200 servers."""
        while not self.stopping.is_set():
            self.handle_request()

    def stop(self) -> None:
        """Stop accepting and break all connections; a listener that was never started only lets its port go."""
        self.stopping.set()
        if self._serving is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)  # which ends a waiting accept
            self._serving.join()
        self.server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or that distrusts the certificate, is no news; anything else is the lab's fault."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def listen(address: str, wanted: int, fallback: int, endpoint: Endpoint, secure: Secure | None = None) -> Listener:
    """A listener on the wanted port, or on the fallback where the process may not bind that one."""
    try:
        return Listener(address, wanted, endpoint, secure)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM):
            raise
        return Listener(address, fallback, endpoint, secure)
