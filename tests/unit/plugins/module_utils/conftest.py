# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

GREETING = (
    b"220 mail.example Microsoft ESMTP MAIL Service ready\r\n",
    b"EHLO",
    b"250-mail.example Hello\r\n250 SIZE 1\r\n",
)


class ScriptedServer:
    """Plays one script for each connection: bytes to send, verbs (without line end) to wait for, seconds to sleep.

    A script's end closes the connection; None instead keeps it open and silent. ``heard`` holds what clients said.
    """

    def __init__(self, *scripts: tuple[Any, ...]) -> None:
        self.scripts = list(scripts)
        self.heard: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for script in self.scripts:
            try:
                connection, _ignored = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            with contextlib.suppress(OSError):
                self._play(connection, script)

    def _play(self, connection: socket.socket, script: tuple[Any, ...]) -> None:
        lines = connection.makefile("rb")
        for step in script:
            if step is None:
                return
            if isinstance(step, int | float):
                time.sleep(step)
            elif step.endswith(b"\n") or step.startswith(b"raw:"):
                connection.sendall(step.removeprefix(b"raw:"))
            else:
                line = lines.readline().rstrip(b"\r\n")
                self.heard.append(line.decode())
                assert line.startswith(step), (line, step)
        lines.close()
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    def close(self) -> None:
        self._socket.close()
        for connection in self._open:
            connection.close()


@pytest.fixture
def scripted() -> Iterator[Any]:
    """A function that starts a ScriptedServer."""
    servers: list[ScriptedServer] = []

    def start(*scripts: tuple[Any, ...]) -> ScriptedServer:
        servers.append(ScriptedServer(*scripts))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def greeting() -> tuple[bytes, ...]:
    """The steps of a server until EHLO is answered."""
    return GREETING
