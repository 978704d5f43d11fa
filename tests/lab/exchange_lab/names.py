# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's host names, resolved for one process and its children without touching /etc/hosts.

A child process reads the lab's hosts file through nss_wrapper; in this process Python's own look-up is answered.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

_LIBRARIES = (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib"))


def _wrapper() -> Path | None:
    """nss_wrapper's library (Debian: libnss-wrapper)."""
    found = (path for folder in _LIBRARIES for pattern in ("*.so", "*/*.so") for path in folder.glob(pattern))
    return next((path for path in found if path.name == "libnss_wrapper.so"), None)


def missing() -> str:
    """What this machine lacks to resolve the names in a child process, or nothing."""
    return "" if _wrapper() else "libnss_wrapper.so (Debian: libnss-wrapper)"


def child_environment(hosts_file: Path | str) -> dict[str, str]:
    """The environment that makes a child resolve the names of a hosts file; raises OSError without nss_wrapper."""
    library = _wrapper()
    if library is None:
        raise OSError(f"names cannot be resolved in a child process without {missing()}")
    return {"LD_PRELOAD": str(library), "NSS_WRAPPER_HOSTS": str(hosts_file)}


def addresses(hosts_file: Path | str) -> dict[str, str]:
    """Name to address, as the hosts file says."""
    lines = (line.split() for line in Path(hosts_file).read_text().splitlines())
    return {name.lower(): address for address, *names in filter(None, lines) for name in names}


@contextmanager
def resolved(hosts_file: Path | str) -> Iterator[None]:
    """Resolve the names of a hosts file in this process for as long as the context lasts."""
    known, look_up = addresses(hosts_file), socket.getaddrinfo

    def answer(host: Any, *words: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return look_up(known.get(name.lower(), host) if isinstance(name, str) else host, *words, **named)

    with mock.patch.object(socket, "getaddrinfo", answer):
        yield
