# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module relay_audit: read, judge, write files for CI systems, compare with an earlier report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import changes, reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.audit import at_least, audit
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import RegisteredClient
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import Finding
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.junit import junit
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.sarif import sarif
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.version import ServerFacts
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Caller
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import on_one_line

EVERY_SERVER = "*"
_FILES = ("sarif", "junit")


class Servers(Caller, Protocol):
    """A session that knows all servers of the organization."""

    @property
    def servers(self) -> list[ServerFacts]:
        """Every Exchange server there is."""

    def facts_of(self, name: str) -> ServerFacts:
        """The facts of one server; raises ExchangeError."""


def apply(caller: Servers, arguments: Mapping[str, Plain], check_mode: bool) -> dict[str, Plain]:
    """Return the module's result; with findings as grave as fail_on it is a failed one."""
    clients, balancers = registered(arguments.get("clients")), _balancers(arguments.get("load_balancers"))
    most = _number(arguments.get("max_ranges"), 1000)
    if not check_mode:  # in check mode a folder may not have been made yet
        _check_files(arguments)
    before = _earlier(arguments.get("previous"))
    now = datetime.now(UTC)
    asked = _asked(caller, arguments)
    others = [facts for facts in caller.servers if facts.name not in {each.name for each in asked}]
    estate = reading.estate(caller, asked, now.date(), clients, balancers, others)
    result, findings = audit(estate, most)
    result["generated"] = now.isoformat(timespec="seconds")
    if before is not None:
        result["changes"] = changes.changes(before, result)
    if not check_mode:
        _write(arguments, findings, [server.name for server in estate.servers])
    return {"changed": False, **result, **_failure(str(arguments.get("fail_on") or ""), findings)}


def registered(given: Plain) -> list[RegisteredClient]:
    """Read the option clients: ranges as text, or entries with name, address, owner, note, expires and connector."""
    return [_client(index, item) for index, item in enumerate(given if isinstance(given, list) else [])]


def _client(index: int, item: Plain) -> RegisteredClient:
    where = f"clients[{index}]"
    entry: Mapping[str, Plain] = item if isinstance(item, Mapping) else {"address": item}
    unknown = sorted(set(entry) - {"name", "address", "owner", "note", "expires", "connector"})
    if unknown or not entry.get("address"):
        problem = f"has the unknown key {unknown[0]}" if unknown else "needs an address"
        raise ValueError(f"{where} {problem}; its keys are name, address, owner, note, expires and connector")
    address = str(entry["address"])
    try:
        expires = date.fromisoformat(str(entry["expires"])[:10]) if entry.get("expires") else None
        parsed = IPRange.parse(address)
    except ValueError as problem:
        raise ValueError(f"{where}: {problem}") from None
    words = {name: str(entry.get(name) or "") for name in ("name", "owner", "note", "connector")}
    return RegisteredClient(
        words["name"] or address, parsed, words["owner"], words["note"], expires, words["connector"]
    )


def _balancers(given: Plain) -> list[IPRange]:
    try:
        return [IPRange.parse(str(item)) for item in given] if isinstance(given, list) else []
    except ValueError as problem:
        raise ValueError(f"load_balancers: {problem}") from None


def _number(given: Plain, default: int) -> int:
    if not isinstance(given, int):
        return default
    if given < 1:
        raise ValueError(f"max_ranges must be at least 1, not {given}")
    return given


def _asked(caller: Servers, arguments: Mapping[str, Plain]) -> list[ServerFacts]:
    listed = arguments.get("servers")
    names = [str(name) for name in listed] if isinstance(listed, list) else []
    if EVERY_SERVER in names:
        return sorted(caller.servers, key=lambda facts: facts.name.lower())
    found = [caller.facts_of(name) for name in names] if names else [caller.facts]
    return list({facts.name: facts for facts in found}.values())


def _earlier(path: Plain) -> Mapping[str, Plain] | None:
    if not path:
        return None
    try:
        read: dict[str, Plain] = json.loads(Path(str(path)).read_text(encoding="utf-8"))
    except OSError as problem:
        raise ValueError(f"previous: {path} cannot be read ({problem.strerror})") from None
    except ValueError as problem:
        raise ValueError(f"previous: {path} is not a report of this module ({problem})") from None
    try:
        changes.changes(read, read)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ValueError(f"previous: {path} is not a report of this module; name a relay-audit.json") from None
    return read


def _check_files(arguments: Mapping[str, Plain]) -> None:
    """Find out before anything is asked that a file has no folder to go to; ValueError."""
    for option in _FILES:
        path = Path(str(arguments.get(option) or "."))
        if not path.parent.is_dir():
            raise ValueError(f"{option}: {path} cannot be written, there is no folder {path.parent}")


def _write(arguments: Mapping[str, Plain], findings: Sequence[Finding], servers: Sequence[str]) -> None:
    least = str(arguments.get("fail_on") or "low")
    texts = (json.dumps(sarif(findings), indent=2), junit(findings, servers, least))
    for option, text in zip(_FILES, texts, strict=True):
        path = arguments.get(option)
        if not path:
            continue
        try:
            Path(str(path)).write_text(text, encoding="utf-8")
        except OSError as problem:
            raise ValueError(f"{option}: {path} cannot be written ({problem.strerror})") from None


def _failure(fail_on: str, findings: Sequence[Finding]) -> dict[str, Plain]:
    grave = at_least(findings, fail_on) if fail_on else []
    if not grave:
        return {}
    first = on_one_line(f"{grave[0].message} {grave[0].remedy}")
    count = f"{len(grave)} finding{'s' if len(grave) > 1 else ''} of severity {fail_on} or graver"
    return {"failed": True, "msg": f"{count}, the gravest: {first}"}
