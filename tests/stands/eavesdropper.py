# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody between a client and a server sees, and a search of it."""

from __future__ import annotations

import base64
import re
import socket
import threading
from contextlib import suppress


class Wire:
    """A relay of TCP connections that keeps the bytes of both directions."""

    def __init__(self, address: str, target: int) -> None:
        self.seen = bytearray()
        self._target = (address, target)
        self._listener = socket.create_server((address, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target, timeout=20)
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.seen += data
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()


def readable(seen: bytes, *secrets: str) -> list[str]:
    """Which of the words can be read, as they are, in UTF-16 or in base64 of either."""
    words = re.findall(rb"[A-Za-z0-9+/]{12,}={0,2}", seen)
    texts = [seen]
    for word in words:
        with suppress(ValueError):
            texts.append(base64.b64decode(word + b"=" * (-len(word) % 4)))
    everything = b"\n".join(texts)
    return [each for each in secrets if each.encode() in everything or each.encode("utf-16-le") in everything]
