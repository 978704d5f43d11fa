# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that is killed after each of its statements: nothing else moved, and the next run reaches the goal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import AddressTable
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.change import change
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import Allowed, Desired
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.plan import Circumstances
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import Step
from exchange_lab.windows.host import WindowsHost
from exchange_lab.windows.record import HostSwitches, Interface, Record
from exchange_lab.windows.record import parse_address as ip

HERE, ALSO = ip("127.9.9.25"), ip("127.9.9.26")
RELAY = Record(HERE, 24, 7, True)
SWITCHES = {
    "2012+": [HostSwitches(), HostSwitches(set_reaches="active", remove_reaches="active", set_persistent=False)],
    "2008": [HostSwitches()],
}


class Killed(BaseException):
    """Nobody catches it."""


def new(windows: WindowsHost) -> list[Desired]:
    return [Desired(HERE, 24), Desired(ALSO, 24)]


def longer(windows: WindowsHost) -> list[Desired]:
    windows.add(Record(HERE, 28, 7, False), "ActiveStore", "PersistentStore")
    windows.add(Record(ALSO, 24, 7, True), "ActiveStore")
    return [Desired(HERE, 24), Desired(ALSO, 24)]


def moved(windows: WindowsHost) -> list[Desired]:
    windows.add_interface(Interface(9, "Ethernet 2", "00-15-5D-00-0A-47"), ("127.9.8.10", 24))
    windows.add(Record(HERE, 24, 9, True), "ActiveStore", "PersistentStore")
    return [Desired(HERE, 24, interface="Ethernet")]


def gone(windows: WindowsHost) -> list[Desired]:
    windows.add(RELAY, "ActiveStore", "PersistentStore")
    windows.add(Record(ALSO, 24, 7, True), "ActiveStore", "PersistentStore")
    return [Desired(HERE, present=False), Desired(ALSO, present=False)]


def others(windows: WindowsHost) -> list[tuple[str, Record]]:
    return [
        (store, each)
        for store in ("ActiveStore", "PersistentStore")
        for each in windows.table(store)  # type: ignore[arg-type]
        if each.address not in (HERE, ALSO)
    ]


def until(statements: int, host: Any) -> Callable[..., str]:
    """How a host changes things that is killed after that many statements."""
    apply, left = host.apply, [statements]

    def killed(steps: list[Step], table: AddressTable) -> str:
        lines = host._dialect.lines(steps, table)
        if len(lines) <= left[0]:
            left[0] -= len(lines)
            return str(apply(steps, table))
        if left[0]:
            host.lab.run("\n".join(lines[: left[0]]))
        raise Killed

    return killed


@pytest.mark.parametrize("case", [new, longer, moved, gone])
@pytest.mark.parametrize(("flavour", "switches"), [(name, each) for name in SWITCHES for each in SWITCHES[name]])
def test_killed_after_each_statement(
    lab_host: Any, monkeypatch: pytest.MonkeyPatch, flavour: str, switches: HostSwitches, case: Callable[..., Any]
) -> None:
    around = Circumstances(Allowed(interruption=True))
    for statements in range(10):
        windows = WindowsHost("mail01", "127.9.9.10", flavour=flavour, switches=switches)
        first, second = lab_host(windows), lab_host(windows)
        wanted, rest = case(windows), others(windows)
        monkeypatch.setattr(first, "apply", until(statements, first))
        try:
            change(first, first.read(), wanted, around, 5, False)
            finished = True
        except Killed:
            finished = False
        change(second, second.read(), wanted, around, 5, False)
        for each in wanted:
            stores = {store for store, record in windows.find(each.ip) if record.skip_as_source and record.index == 7}
            assert stores == ({"ActiveStore", "PersistentStore"} if each.present else set()), statements
        assert others(windows) == rest
        if finished:
            break
    assert statements > 0
    assert finished
