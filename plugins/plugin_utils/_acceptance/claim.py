# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file beside a report that says which run is at work, and what can be known of the run's process."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def claim(path: Path, own: str, is_at_work: Callable[[str], bool]) -> str:
    """Write ``own`` into the file, unless another text is in it whose run is at work: then return that text.

    Of several that claim at once one succeeds, and gets an empty string. Raises OSError.
    """
    with _alone(path) as file:
        found = file.read()
        if found and found != own and is_at_work(found):
            return found
        file.truncate(0)
        file.write(own)
    return ""


def release(path: Path, own: str) -> None:
    """Remove the file if ``own`` is what it says; raises OSError."""
    if path.exists():
        with _alone(path) as file:
            if file.read() in ("", own):
                path.unlink()


@contextmanager
def _alone(path: Path) -> Iterator[TextIO]:
    while True:
        with path.open("a+", encoding="utf-8", errors="replace") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # whom we waited for may have removed it
            if _is(path, file):
                file.seek(0)
                yield file
                return


def _is(path: Path, file: TextIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def place() -> str:
    """The name of this machine, with what tells its containers apart: their processes have numbers of their own."""
    name = "".join(socket.gethostname().split()) or "localhost"
    try:
        return f"{name}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return name


def is_alive(process: int) -> bool:
    """Whether there is a process of that number here, whoever's it is."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
