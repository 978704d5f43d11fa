# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and changing addresses with netsh (Windows Server 2008 and 2008 R2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Outcome
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import literal
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ShellError, check
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows import netsh_text as layout
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import (
    Address,
    AddressTable,
    Entry,
    Interface,
    IPAddress,
    network_of,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.netsh_text import LOOPBACK, Shown
from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.step import ACTIVE, Add, Remove, Step

if TYPE_CHECKING:
    from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.host import Host

# Unicode's marks for the direction of writing, and the one at the beginning of a file
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# characters; a thousand for each address, and an interface's name has 256 at most
LARGEST = 2**20
LONGEST_LINE = 600
_MARK = "-- relayops.exchange {} --"
_IPV4 = ("interface", "ipv4")
_IPV6 = ("interface", "ipv6")
_QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "interfaces": ("netsh.exe", *_IPV4, "show", "interfaces"),
    "settings": ("netsh.exe", *_IPV4, "show", "addresses"),
    "addresses 4": ("netsh.exe", *_IPV4, "show", "ipaddresses", "level=verbose"),
    "addresses 6": ("netsh.exe", *_IPV6, "show", "addresses", "level=verbose"),
    "dump 4": ("netsh.exe", *_IPV4, "dump"),
    "dump 6": ("netsh.exe", *_IPV6, "dump"),
    "routes 4": ("netsh.exe", *_IPV4, "show", "route"),
    "routes 6": ("netsh.exe", *_IPV6, "show", "route"),
    "usage": ("netsh.exe", *_IPV4, "add", "address", "?"),
    "macs": ("getmac.exe", "/v", "/fo", "csv", "/nh"),
}


def questions() -> list[str]:
    """Return the statements that read everything; a line of its own announces each answer."""
    lines = []
    for name, words in _QUESTIONS.items():
        lines += [literal.quote(_MARK.format(name)), literal.render_program(*words)]
    return lines


def answers(printed: str) -> dict[str, str]:
    """Return the answers by name; raises ValueError for what is longer than netsh makes it."""
    if len(printed) > LARGEST or max(map(len, printed.splitlines()), default=0) > LONGEST_LINE:
        raise ValueError(f"the answer has {len(printed)} characters or longer lines than netsh prints")
    marks = {_MARK.format(name): name for name in _QUESTIONS}
    found: dict[str, list[str]] = {name: [] for name in _QUESTIONS}
    current: list[str] = []
    for line in _MARKS.sub("", printed).splitlines():
        if line.strip() in marks:
            current = found[marks[line.strip()]]
        else:
            current.append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


@dataclass
class _Reading:
    """The answers on their way to a table."""

    said: Mapping[str, str]
    aliases: Mapping[int, str] = field(init=False)
    dumped: Mapping[tuple[str, IPAddress], Entry] = field(init=False)
    routes: list[tuple[str, int, str]] = field(init=False)

    def __post_init__(self) -> None:
        listed = layout.interfaces(self.said["interfaces"])
        self.aliases = {index: alias for index, (alias, _state) in listed.items()}
        self.links = {index: state for index, (_alias, state) in listed.items()}
        self.dumped = {**layout.dumped(self.said["dump 4"]), **layout.dumped(self.said["dump 6"])}
        self.routes = [*layout.routes(self.said["routes 4"]), *layout.routes(self.said["routes 6"])]
        self.settings = layout.settings(self.said["settings"], self.aliases)
        self.shown = [*layout.shown(self.said["addresses 4"]), *layout.shown(self.said["addresses 6"])]
        self.by_alias = {alias: index for index, alias in self.aliases.items()}

    def table(self) -> AddressTable:
        """Raises ValueError where the output has another layout than is known."""
        loopback = self._loopback()
        if len(self.by_alias) < len(self.aliases):
            raise ValueError("several interfaces bear one name in the console's code page; rename them in plain ASCII")
        active = {(self.by_alias[each.alias], each.ip): each for each in self.shown if each.alias in self.by_alias}
        kept = {
            (self.by_alias[alias], ip): entry for (alias, ip), entry in self.dumped.items() if alias in self.by_alias
        }
        listed = [(index, ip) for index, found in self.settings.items() for ip in found.prefixes]
        order = {key: place for place, key in enumerate(listed)}
        keys = sorted({**active, **kept}, key=lambda key: order.get(key, len(order)))
        addresses = tuple(self._address(key, active.get(key), kept.get(key), loopback) for key in keys)
        knows = "skipassource" in self.said["usage"].lower()
        return AddressTable(tuple(self._interfaces()), addresses, in_place=False, knows_skip_as_source=knows)

    def _loopback(self) -> tuple[str, ...]:
        found = next((each.words for each in self.shown if each.ip in LOOPBACK), ())
        if len(found) < 6 or not self.aliases:
            raise ValueError("netsh prints another layout than is known, or no loopback address")
        if layout.lost(found):
            raise ValueError("the console's code page has no letters for the display language, so nothing can be told")
        return found

    def _address(
        self, key: tuple[int, IPAddress], shown: Shown | None, kept: Entry | None, loopback: tuple[str, ...]
    ) -> Address:
        index, ip = key
        length = self._length(index, ip, kept)
        flag = layout.flag_of(shown.words, loopback) if shown else kept.skip_as_source if kept else None
        persistent = None if kept is None else Entry(length if not kept.prefix_length else kept.prefix_length, flag)
        active = Entry(length, flag) if shown else None
        state = layout.state_of(shown.words, loopback) if shown else ""
        return Address(ip, index, active, persistent, state, "Manual" if kept else self._origin(index, ip, shown))

    def _origin(self, index: int, ip: IPAddress, shown: Shown | None) -> str:
        """Where an address comes from that the persistent store does not have: what is given for a time was given."""
        if ip in LOOPBACK or ip.is_link_local:
            return "WellKnown"
        given = shown is not None and shown.expires
        if ip.version == 4:
            return "Dhcp" if given or self._leased(index) else "Other"
        if not given:
            return "Other"
        alone = layout.longest(self.routes, index, ip) == ip.max_prefixlen
        return "Dhcp" if alone or (shown and shown.names_dhcp) else "RouterAdvertisement"

    def _length(self, index: int, ip: IPAddress, kept: Entry | None) -> int:
        """The length of the active address, which only show addresses and the routes tell."""
        told = self.settings[index].prefixes.get(ip) if index in self.settings else None
        if told is None and ip.version == 6:
            told = kept.prefix_length if kept and kept.prefix_length else layout.longest(self.routes, index, ip)
        return told or (kept.prefix_length if kept and kept.prefix_length else ip.max_prefixlen)

    def _leased(self, index: int) -> bool:
        """Whether DHCP is enabled for IPv4: the word for it is another than the loopback's, or an address expires.

        A console's code page may turn both words into the same question marks.
        """
        static = [found.dhcp for found in self.settings.values() if LOOPBACK[0] in found.prefixes]
        if index in self.settings and static and self.settings[index].dhcp != static[0]:
            return True
        return any(each.expires for each in self.shown if each.ip.version == 4 and self._on(each, index))

    def _connected(self, index: int) -> bool:
        """Whether it has a link: the word for it is the loopback's, which is always connected."""
        loopback = {self.by_alias.get(each.alias) for each in self.shown if each.ip in LOOPBACK}
        words = {state for each, state in self.links.items() if each in loopback}
        return not words or self.links[index] in words

    def _on(self, shown: Shown, index: int) -> bool:
        return self.by_alias.get(shown.alias) == index

    def _dhcp(self, index: int) -> frozenset[int]:
        """The IP versions under DHCP; that of IPv6 is seen by a lease alone."""
        leased = [each for each in self.shown if self._on(each, index) and each.ip.version == 6]
        six = any(self._origin(index, each.ip, each) == "Dhcp" for each in leased)
        return frozenset(({4} if self._leased(index) else set()) | ({6} if six else set()))

    def _interfaces(self) -> list[Interface]:
        macs = layout.macs(self.said["macs"])
        hops = {version: layout.gateways(layout.routes(self.said[f"routes {version}"])) for version in (4, 6)}
        return [
            Interface(
                index,
                alias,
                macs.get(alias, ""),
                self._dhcp(index),
                {version: found[index] for version, found in hops.items() if index in found},
                registers_in_dns=None,
                connected=self._connected(index),
            )
            for index, alias in self.aliases.items()
        ]


class Netsh:
    """The dialect of a host without NetTCPIP cmdlets."""

    def read(self, host: Host) -> AddressTable:
        """Ask everything in one process; raises ShellError for a layout that is not known."""
        outcome = host.execute(questions())
        check([outcome], "Reading the addresses with netsh", host.server)
        try:
            return _Reading(answers("".join(str(item) for item in outcome.output))).table()
        except (ValueError, KeyError, IndexError) as reason:
            raise ShellError("Reading the addresses with netsh", host.server, str(reason)) from None

    def lines(self, steps: list[Step], table: AddressTable) -> list[str]:
        """One netsh call for each step."""
        return [literal.render_program("netsh.exe", *words(step, table)) for step in steps]

    def judge(self, outcome: Outcome, steps: list[Step], server: str) -> str:
        """Return what netsh said: nothing when all went well, but reading again is what tells."""
        check([outcome], f"To {'; '.join(step.words for step in steps)}", server)
        said = " ".join("".join(str(item) for item in outcome.output).split())
        return said if said.strip(".").lower() != "ok" else ""


def words(step: Step, table: AddressTable) -> tuple[str, ...]:
    """Return the words of the netsh call; raises ValueError for a step that netsh has no call for."""
    if not isinstance(step, Add | Remove):
        raise ValueError(f"netsh cannot {step.words}")
    four = step.ip.version == 4
    where = f"{'name' if four else 'interface'}={step.interface}"
    store = ("store=active",) if step.store == ACTIVE else ()
    family = _IPV4 if four else _IPV6
    if isinstance(step, Remove):
        return (*family, "delete", "address", where, f"address={step.ip}", *store)
    flag = (f"skipassource={str(step.skip_as_source).lower()}",) if table.knows_skip_as_source else ()
    mask = str(network_of(step.ip, step.prefix_length).netmask)
    address = (f"address={step.ip}", f"mask={mask}") if four else (f"address={step.ip}/{step.prefix_length}",)
    return (*family, "add", "address", where, *address, *store, *flag)
