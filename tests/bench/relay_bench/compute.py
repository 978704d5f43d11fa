# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What deciding costs: 500 connectors of 1,200 ranges compared with a server that differs in one of them.

Each figure comes from a process of its own: ``python -m relay_bench.compute plan CONNECTORS RANGES`` or ``import``.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .record import Record

FACTS = {"Name": "EX01", "Fqdn": "ex01.lab.example", "AdminDisplayVersion": "Version 15.2 (Build 986.5)"}
HERE = Path(__file__).resolve().parent
RIGHTS = (
    *(f"ms-Exch-SMTP-{right}" for right in ("Submit", "Accept-Any-Sender", "Accept-Any-Recipient")),
    "ms-Exch-Accept-Headers-Routing",
)
SIZES = (50, 500)
RANGES = 1200


class Answers:
    """A session that answers from what it was given."""

    server = "ex01.lab.example"
    has_endpoint = True

    def __init__(self, ranges: Sequence[Sequence[str]]) -> None:
        from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Outcome, WireObject

        self._outcome, self._object, self._ranges = Outcome, WireObject, ranges

    def run(self, *pipelines: Any) -> list[Any]:
        """One answer for each, by the last cmdlet of its pipe."""
        return [self._outcome(tuple(self._answers[pipeline[-1].name]())) for pipeline in pipelines]

    def gather(self, *pipelines: Any) -> Any:
        """The answers as one."""
        return self._outcome(tuple(item for outcome in self.run(*pipelines) for item in outcome.output))

    @property
    def _answers(self) -> dict[str, Callable[[], Iterable[Any]]]:
        return {
            "Get-ExchangeServer": lambda: [self._object("EX01", (), FACTS)],
            "Get-NetworkConnectionInfo": lambda: [self._object("", (), {"IPAddresses": ["192.0.2.25"]})],
            "Get-ReceiveConnector": self._connectors,
            "Get-ADPermission": self._entries,
        }

    def _connectors(self) -> Iterator[Any]:
        for number, ranges in enumerate(self._ranges):
            identity, dn = _identity(number)
            shown: dict[str, Any] = {
                "Name": f"Relay {number:03d}",
                "Identity": identity,
                "DistinguishedName": dn,
                "Server": "EX01",
                "Enabled": True,
                "Bindings": ["192.0.2.25:25"],
                "RemoteIPRanges": list(ranges),
                "AuthMechanism": "Tls",
                "PermissionGroups": "AnonymousUsers, Custom",
                "TransportRole": "FrontendTransport",
                "Comment": "[relayops.exchange]",
            }
            yield self._object(identity, (), shown)

    def _entries(self) -> Iterator[Any]:
        for number in range(len(self._ranges)):
            for right in RIGHTS:
                entry: dict[str, Any] = {
                    "Identity": _identity(number)[1],
                    "User": "NT AUTHORITY\\ANONYMOUS LOGON",
                    "ExtendedRights": [right],
                }
                yield self._object("", (), {**entry, "Deny": False, "IsInherited": False})

    def close(self) -> None:
        """Nothing is open."""


def plan(connectors: int, ranges: int) -> dict[str, float]:
    """CPU seconds and peak of memory in MB, to decide and for the whole task; AssertionError where nothing is due."""
    from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import relay_result, relay_task
    from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange

    there = [[_address(number * ranges + each) for each in range(ranges)] for number in range(connectors)]
    wanted: list[Any] = [
        {"name": f"Relay {number:03d}", "address": "192.0.2.25", "clients": each} for number, each in enumerate(there)
    ]
    there[-1] = [*there[-1][:-1], _address(connectors * ranges)]
    answers: Any = Answers(there)
    exchange = Exchange(answers, lambda text: None, server="EX01")
    decided: list[float] = []
    tell = relay_result.result

    def told(*arguments: Any) -> Any:
        decided.extend((time.process_time(), _peak()))
        return tell(*arguments)

    setattr(relay_result, "result", told)  # noqa: B010 - what is measured ends where the telling begins
    began = time.process_time()
    result = relay_task.apply(
        exchange, {"connectors": wanted}, check_mode=True, warn=lambda text: None, today=date.today()
    )
    whole = time.process_time() - began
    steps = result["steps"]
    assert isinstance(steps, list), steps
    assert 1 <= len(steps) <= 2, steps
    return {"seconds": decided[0] - began, "mb": decided[1], "task_seconds": whole, "task_mb": _peak()}


def _identity(number: int) -> tuple[str, str]:
    """What Exchange calls a connector, and its distinguished name."""
    name = f"Relay {number:03d}"
    return f"EX01\\{name}", f"CN={name},CN=SMTP Receive Connectors,CN=Protocols,CN=EX01,DC=lab"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _address(number: int) -> str:
    """Every other address of 10.0.0.0/8, so that none can be merged."""
    number *= 2
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def loading() -> dict[str, float]:
    """CPU milliseconds of loading the action plugin of relay_connector, beyond those of an empty one.

    Ansible's own loader loads both, as it does for a task: it keeps no compiled modules of a collection. Beside that
    what is loaded once in a play, before the first fork.
    """
    from ansible.plugins.loader import action_loader, init_plugin_loader

    init_plugin_loader([os.path.abspath(os.environ["PYTHONPATH"].partition(os.pathsep)[0])])
    action_loader.add_directory(str(HERE / "action"))
    action_loader.get("ansible.builtin.debug", class_only=True)  # what every action plugin loads
    taken = []
    for name in ("nothing", "relayops.exchange.relay_connector"):
        began = time.process_time()
        assert action_loader.get(name, class_only=True), name
        taken.append((time.process_time() - began) * 1000)
    began = time.process_time()
    if child := os.fork():
        taken.append((time.process_time() - began) * 1000)
        os.waitpid(child, 0)
    else:
        os._exit(0)
    return {"ms": taken[1] - taken[0], "once_ms": taken[2]}


def measure(record: Record, rounds: int) -> None:
    """Add plan.cpu_s, plan.growth, rss_mb, import_ms and what goes with them."""
    taken = {size: [_child("plan", str(size), str(RANGES)) for _round in range(rounds)] for size in SIZES}
    small, large = (taken[size] for size in SIZES)
    record.add("plan.cpu_s", [each["seconds"] for each in large])
    record.add("plan.growth", [more["seconds"] / less["seconds"] for less, more in zip(small, large, strict=True)])
    record.add("rss_mb", [each["mb"] for each in large])
    record.add("task.cpu_s", [each["task_seconds"] for each in large])
    record.add("task.rss_mb", [each["task_mb"] for each in large])
    loaded = [_child("import") for _round in range(max(5, rounds))]
    record.add("import_ms", [each["ms"] for each in loaded])
    record.add("import_once_ms", [each["once_ms"] for each in loaded])


def _child(*words: str) -> dict[str, float]:
    from . import plays  # loads the lab, which the child is to do without

    path = os.pathsep.join([str(plays.COLLECTIONS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "relay_bench.compute", *words],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-1000:])
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    print(json.dumps(plan(*map(int, numbers)) if what == "plan" else loading()))
