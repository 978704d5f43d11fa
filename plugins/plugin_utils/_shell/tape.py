# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording: a file of lines of JSON, the first of which says what it is, each other one a round with a server.

A round is an object with

- ``session`` which shell it belongs to, ``round`` its number there, ``at`` the controller's date and time in UTC
- ``host`` the name in the inventory, ``module`` the task's module
- ``shell`` ``exchange`` for the endpoint, ``host`` for the host's own connection, ``smtp`` for a probe
- ``sent`` is ``{"open": CONFIGURATION}``, ``{"script": …}``, ``{"probe": [line, …]}`` or
  ``{"statements": [[{"cmdlet": …, "parameters": {…}}, …], …]}``
- ``received`` is ``{"protocol": …}``, ``{"exit_code": …, "stdout": …, "stderr": …}``,
  ``{"transcript": [line, …]}`` with both sides of a probe, or ``{"messages": [{"type": …, "clixml": …}, …]}`` with the
  names and the CLIXML of MS-PSRP 2.2.1
- ``broken`` is there where the answer did not come to its end: ``{"how": …, "status" or "code": …, "text": …}``, with
  ``taken`` for whether the server had taken by then what was sent
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError

FORMAT, VERSION = "relayops.exchange recording", 1
HEADER = {"format": FORMAT, "version": VERSION}

# A shorter secret would be found in words that have nothing to do with it
SHORTEST_SECRET = 4


class Tape:
    """Where the rounds of one task go. ``lost`` tells why rounds are missing, for a warning."""

    def __init__(self, path: str, host: str, module: str, secrets: Iterable[str] = ()) -> None:
        """Have the file ready before anything is sent; raises ShellError where that is impossible."""
        self.path = path
        self.lost = ""
        self._names = {"host": host, "module": module.rpartition(".")[2]}
        # the longest first: one may begin another, whose end would be left
        self._secrets = sorted((each for each in secrets if len(each) >= SHORTEST_SECRET), key=len, reverse=True)
        try:
            self._append("")
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or str(problem)
            raise ShellError(
                f"Recording to {path}", "", reason, "Set exchange_recording to a file that can be written"
            ) from None

    def session(self, shell: str) -> Reel:
        """The rounds of one shell, ``exchange``, ``host`` or ``smtp``."""
        return Reel(self, {"session": uuid.uuid4().hex[:16], **self._names, "shell": shell})

    def add(self, entry: Mapping[str, Any]) -> None:
        """Append a round; what has happened has happened, so that a full disk is no reason to fail."""
        try:
            self._append(f"{json.dumps(self._without_secrets(entry))}\n")
        except (OSError, ValueError) as problem:
            self.lost = str(getattr(problem, "strerror", None) or problem)

    def _append(self, line: str) -> None:
        """Add a line under a lock; forks write into one file. Raises OSError, and ValueError for a foreign file."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        with open(os.open(self.path, flags, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not os.fstat(file.fileno()).st_size:
                line = f"{json.dumps(HEADER)}\n{line}"
            elif not line:
                _check(file.readline(1000))
                os.fchmod(file.fileno(), 0o600)
            os.write(file.fileno(), line.encode())

    def _without_secrets(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, "********")
            return value
        if isinstance(value, Mapping):
            return {name: self._without_secrets(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._without_secrets(item) for item in value]
        return value


class Reel:
    """The rounds of one shell, numbered."""

    def __init__(self, tape: Tape, names: Mapping[str, str]) -> None:
        self._tape = tape
        self._names = names
        self._rounds = 0

    def add(self, **parts: Mapping[str, Any] | None) -> None:
        """Append a round of what was ``sent``, ``received`` and ``broken``; see the module for the shapes."""
        self._rounds += 1
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        given = {name: part for name, part in parts.items() if part is not None}
        self._tape.add({**self._names, "round": self._rounds, "at": at, **given})


def dialogue(probed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The parts of a round with a probe, from the result of smtp_probe."""
    lines = [str(line) for line in probed.get("transcript") or ()]
    said = [line.removeprefix("C: ") for line in lines if line.startswith("C: ")]
    parts: dict[str, dict[str, Any]] = {"sent": {"probe": said}, "received": {"transcript": lines}}
    if probed.get("failed"):
        how = {"timeout": "silence", "broken": "nonsense"}.get(str(probed.get("failure")), "cut")
        parts["broken"] = {"how": how, "text": str(probed.get("msg", ""))}
    return parts


def _check(line: bytes) -> None:
    """Raise ValueError for a first line that is none of a recording of this version."""
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError("the file is there already and is no recording")
    if found.get("version") != VERSION:
        raise ValueError(f"the file is a recording of version {found.get('version')}, not {VERSION}")
