# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receive logs brought from a Windows host to a folder of the controller, each file as long as it grows."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import Version
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError, check
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import LARGEST, HostShell

INDEX = ".fetched.json"
_NAME = re.compile(r"RECV[\w.-]*\.log\Z", re.IGNORECASE)
_SIZE = re.compile(r"[0-9]{1,18}\Z")
_NO_FOLDER = ("PathNotFound", "ItemNotFoundException")


@dataclass(frozen=True)
class Remote:
    """A log file of the host."""

    folder: str
    name: str
    size: int


def folders(exchange: Exchange) -> list[str]:
    """Ask Exchange where the transport services of the server log (ReceiveProtocolLogPath)."""
    facts = exchange.facts
    names = ["Get-TransportService"] if facts.version >= Version.EXCHANGE_2013 else ["Get-TransportServer"]
    if facts.version >= Version.EXCHANGE_2013 and not facts.edge:
        names.insert(0, "Get-FrontendTransportService")
    found: list[str] = []
    for name in names:
        for item in exchange.call(Command(name, {"Identity": facts.name}), "Asking where the receive logs are"):
            path = str(item.properties.get("ReceiveProtocolLogPath") or "")
            if path and path not in found:
                found.append(path)
    return found


def listed(shell: HostShell, folder: str) -> list[Remote]:
    """Return the logs in a folder of the host; a folder that is not there has none."""
    pipeline = (
        Command("Get-ChildItem", {"Path": folder, "Filter": "RECV*"}),
        Command("Select-Object", {"Property": ["Name", "Length"]}),
        Command("ConvertTo-Csv", {"NoTypeInformation": True}),
    )
    outcomes = shell.run(pipeline)
    if outcomes[0].errors and any(word in outcomes[0].errors[0].error_id for word in _NO_FOLDER):
        return []
    check(outcomes, f"Listing {folder}", shell.server)
    rows = csv.DictReader("".join(map(str, outcomes[0].output)).split("\r\n"))
    try:
        found = [(str(row.get("Name")), str(row.get("Length"))) for row in rows]
    except csv.Error as problem:
        raise ShellError(f"Listing {folder}", shell.server, f"the answer is no list of files: {problem}") from None
    return [Remote(folder, name, int(size)) for name, size in found if _SIZE.match(size) and _NAME.match(name)]


def content(shell: HostShell, remote: Remote) -> bytes:
    """Return a file of the host."""
    path = f"{remote.folder}\\{remote.name}"
    command = Command("Get-Content", {"LiteralPath": path, "Encoding": "UTF8", "ReadCount": 0})
    # a byte that is none in UTF-8 comes as a character of three, and the file may have grown
    outcomes = shell.run((command,), largest=max(LARGEST, 4 * remote.size))
    check(outcomes, f"Reading {path}", shell.server)
    return "".join(map(str, outcomes[0].output)).encode("utf-8", "replace")


def labels(found: Sequence[str]) -> dict[str, str]:
    """Return a folder name for each folder of the host: FrontEnd, Hub, Edge, or Logs before Exchange 2013."""
    given: dict[str, str] = {}
    for path in found:
        parts = [part for part in re.split(r"[\\/]+", path) if part]
        short = parts[-3] if len(parts) > 3 and parts[-2].lower() == "protocollog" else parts[-1]
        short = re.sub(r"[^\w.-]|^[.]+$", "_", short)
        number = sum(known.rpartition("-")[0] == short or known == short for known in given.values())
        given[path] = f"{short}-{number + 1}" if number else short
    return given


class Collection:
    """The folder of the controller with the logs of one host, and what is known of them."""

    def __init__(self, dest: str) -> None:
        """Read what was fetched before."""
        self.dest = Path(dest)
        try:
            known = json.loads((self.dest / INDEX).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = {}
        self._known: dict[str, int] = known if isinstance(known, dict) else {}

    def lacks(self, label: str, remote: Remote) -> bool:
        """Whether a file is not here, or has grown since."""
        here = self.dest / label / remote.name
        return self._known.get(f"{label}/{remote.name}") != remote.size or not here.exists()

    def keep(self, label: str, remote: Remote, text: bytes) -> str:
        """Write a file, whole or not at all; return its path."""
        path = self.dest / label / remote.name
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
        self._known[f"{label}/{remote.name}"] = remote.size
        _replace(self.dest / INDEX, json.dumps(self._known, indent=1, sort_keys=True).encode())
        return str(path)


def _replace(path: Path, text: bytes) -> None:
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(text)
    os.replace(beside, path)


def fetch(
    shell: HostShell, found: Sequence[str], dest: str, check_mode: bool, warn: Callable[[str], None]
) -> dict[str, Any]:
    """Bring what is new; return the module's result. Raises ExchangeError and ShellError."""
    collection, given = Collection(dest), labels(found)
    fetched: list[Plain] = []
    unchanged = 0
    for folder in found:
        files = listed(shell, folder)
        if not files:
            warn(f"{shell.server} has no receive log in {folder}. Set protocol_logging_level of a connector to verbose")
        for remote in files:
            if not collection.lacks(given[folder], remote):
                unchanged += 1
            elif check_mode:
                fetched.append(str(collection.dest / given[folder] / remote.name))
            else:
                fetched.append(collection.keep(given[folder], remote, content(shell, remote)))
    return {"changed": bool(fetched), "fetched": fetched, "unchanged": unchanged, "folders": list(found), "dest": dest}
