# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SMTP out of a recording: each connection is told what the next recorded probe was told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterable, Sequence

from .player import NotRecorded, Player

# seconds that a client may be silent
PATIENCE = 30.0
_LONGEST_LINE = 4096
# What a probe notes about itself when it has connected
_CONNECTED = "-: connected"


def dialogues(transcript: Iterable[str]) -> list[list[str]]:
    """The connections of one probe, each with the lines of both sides; one that never came about has none."""
    found: list[list[str]] = []
    for line in transcript:
        if line.startswith(_CONNECTED):
            found.append([])
        elif line[:3] in ("S: ", "C: ") and found:
            found[-1].append(line)
    return found or [[]]


class Mail(socketserver.ThreadingTCPServer):
    """Listens when it is made; ``start`` answers."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: str, port: int, player: Player) -> None:
        self.player = player
        self._probe = threading.Lock()
        self._left: list[list[str]] = []
        super().__init__((address, port), _Connection)

    def start(self) -> None:
        """Answer in a thread."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="smtp-replay").start()

    def stop(self) -> None:
        """Answer nobody any more."""
        self.shutdown()
        self.server_close()

    def following(self) -> list[str]:
        """The lines of the next connection; raises NotRecorded when all have been played."""
        with self._probe:
            while not self._left:
                self._left = dialogues(self.player.probe().received.get("transcript", ()))
            return self._left.pop(0)


class _Connection(socketserver.StreamRequestHandler):
    timeout = PATIENCE
    server: Mail

    def handle(self) -> None:
        """Say what was said, as long as the client says what it said then."""
        try:
            self._play(self.server.following())
        except NotRecorded as missing:
            # for good: a refusal for now might be taken for a server that is busy
            self._say(f"554 5.5.0 {missing}")
        except OSError:
            return

    def _play(self, lines: Sequence[str]) -> None:
        for line in lines:
            if line.startswith("S: "):
                self._say(line[3:])
                continue
            asked = self.rfile.readline(_LONGEST_LINE).decode("utf-8", "replace").rstrip("\r\n")
            if normal(asked) != normal(line[3:]):
                raise self.server.player.unrecorded(f"{asked or 'nothing'} in a probe", f"{line[3:]} is next")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def normal(command: str) -> str:
    """A form in which equal commands are equal: a greeting names the client, which now has another address."""
    words = command.split()
    return words[0].upper() if words and words[0].upper() in ("EHLO", "HELO") else " ".join(words).casefold()
