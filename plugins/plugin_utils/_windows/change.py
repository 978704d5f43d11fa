# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One change from beginning to end: read, plan, do, wait out duplicate address detection, verify."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import Failure, HostLost, ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import Address, AddressTable, IPAddress
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.desired import Desired, Refusal
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.plan import (
    Circumstances,
    pinned,
    plan,
    undone,
    unmet,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import Change, Step, predict

# A step may reach one store only, so the table is planned again; more than this many times nothing is learnt.
ROUNDS = 4
# Seconds between two looks at an address whose duplicate detection is under way.
POLL = 0.5


class Host(Protocol):
    """What is used of the host."""

    @property
    def server(self) -> str:
        """Its name for texts."""

    def read(self) -> AddressTable:
        """Return the table."""

    def apply(self, steps: list[Step], table: AddressTable) -> str:
        """Have the steps done; returns what cut the connection."""

    def read_again(self, lost: str) -> AddressTable:
        """Reconnect and read."""

    def suspect(self, ip: IPAddress) -> str:
        """Return the hardware address that disputes the address."""

    @property
    def said(self) -> str:
        """What the last change printed that may be a failure."""

    def sleep(self, seconds: float, /) -> None:
        """Wait."""

    def clock(self) -> float:
        """Seconds that only grow."""


@dataclass(frozen=True)
class Done:
    """What was there, what is there now (in check mode: would be), the steps between, and cuts of the connection."""

    before: AddressTable
    after: AddressTable
    steps: list[Step]
    cuts: tuple[str, ...] = ()


def steps_for(table: AddressTable, wanted: list[Desired], around: Circumstances) -> list[Step]:
    """Return the steps for several addresses, each planned on what those before it will have left."""
    steps: list[Step] = []
    for desired in wanted:
        more = plan(table, desired, around)
        table = predict(table, more)
        steps += more
    return steps


def change(
    host: Host, before: AddressTable, wanted: list[Desired], around: Circumstances, timeout: float, check_mode: bool
) -> Done:
    """Make the table as wanted; raises Refusal before anything was written and ShellError when it does not come out."""
    _refuse_duplicates(host, before, before, wanted, ("Duplicate",))
    steps = first = steps_for(before, wanted, around)
    if check_mode:
        return Done(before, predict(before, first), first)
    end = predict(before, first)
    wanted = [pinned(end, desired) for desired in wanted]
    table, cuts = before, []
    for _ignored in range(ROUNDS):
        if steps:
            table, cut = _applied(host, steps, table)
            cuts += [cut] if cut else []
        table = _settle(host, table, wanted, timeout)
        _refuse_duplicates(host, before, table, wanted, ("Duplicate", *_unreadable(table)))
        steps = _next(host, table, wanted, around)
        if not steps:
            break
    _verify(host, table, wanted, steps)
    return Done(before, table, first, tuple(cuts))


def _applied(host: Host, steps: list[Step], table: AddressTable) -> tuple[AddressTable, str]:
    """Return the table that the steps left, and what cut the connection meanwhile."""
    cut = host.apply(steps, table)
    if cut:
        return host.read_again(cut), cut
    return _read(host)


def _read(host: Host) -> tuple[AddressTable, str]:
    """Return the table, and what cut the connection, which may show only after the steps have been answered."""
    try:
        return host.read(), ""
    except HostLost as lost:
        return host.read_again(lost.reason), lost.reason


def _next(host: Host, table: AddressTable, wanted: list[Desired], around: Circumstances) -> list[Step]:
    """What is left to do; a refusal comes too late to call it one."""
    try:
        return steps_for(table, wanted, around)
    except Refusal as refusal:
        raise ShellError("Verifying the addresses", host.server, refusal.reason, refusal.remedy) from None


def _settle(host: Host, table: AddressTable, wanted: list[Desired], timeout: float) -> AddressTable:
    """Return the table once no wanted address is Tentative any more; an unsettled one stays for the verification."""
    end = host.clock() + timeout
    while _tentative(table, wanted) and host.clock() < end:
        host.sleep(POLL)
        table, _cut = _read(host)
    return table


def _tentative(table: AddressTable, wanted: list[Desired]) -> bool:
    present = {desired.ip for desired in wanted if desired.present}
    return any(found.state == "Tentative" for found in table.addresses if found.ip in present)


def _refuse_duplicates(
    host: Host, before: AddressTable, table: AddressTable, wanted: list[Desired], states: tuple[str, ...]
) -> None:
    """Take away again what another machine turned out to hold; an address that was there before stays."""
    present = {desired.ip for desired in wanted if desired.present}
    for found in table.addresses:
        if found.ip not in present or found.state not in states:
            continue
        suspect = host.suspect(found.ip)
        if not suspect and found.state != "Duplicate":
            continue
        taken_away = _taken_away(host, before, table, found)
        instead = "take" if taken_away else "remove the address with state: absent and take"
        raise ShellError(
            f"Adding {found.ip}",
            host.server,
            f"another machine on the network holds the address: "
            f"{suspect or 'a machine that the event log does not name'}{taken_away or '; this host had it before'}",
            f"Find that machine, or {instead} another address",
        )


def _unreadable(table: AddressTable) -> tuple[str, ...]:
    """The state that netsh's word for a duplicate passes for in a language whose word is not known."""
    return () if table.in_place else ("Tentative",)


def _taken_away(host: Host, before: AddressTable, table: AddressTable, found: Address) -> str:
    steps = undone(table, before, found)
    if not steps:
        return ""
    try:
        after, _cut = _applied(host, steps, table)
        there = any(each.active for each in after.find(found.ip) if each.interface == found.interface)
        problem = "" if there else None
    except Failure as failure:
        problem = f" ({failure})"
    if problem is None:
        return "; it was removed from this host again"
    return f"; it is still on this host{problem}, remove it with state: absent"


def _verify(host: Host, table: AddressTable, wanted: list[Desired], left: list[Step]) -> None:
    """Raise for what is not as wanted, and for steps that do not take however often they are done."""
    said = [f"the host said: {host.said}"] if host.said else []
    for desired in wanted:
        missing = unmet(table, desired)
        if missing:
            act = "Adding" if desired.present else "Removing"
            remedy = "Run it again, or look at the host's event log"
            raise ShellError(f"{act} {desired.ip}", host.server, "; ".join([*missing, *said]), remedy)
    if left:
        todo = f"after {ROUNDS} attempts this is still to do: {', '.join(step.words for step in left)}"
        remedy = "Look at the host's event log"
        if any(isinstance(step, Change) for step in left):
            remedy = "Set allow_interruption to true, at a time when nobody needs the address: it is made again then"
        raise ShellError("Verifying the addresses", host.server, "; ".join([todo, *said]), remedy)
