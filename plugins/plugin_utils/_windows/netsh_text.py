# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What netsh prints, read by its layout: the words differ with the display language, order and form do not.

The loopback address is in every output; it is always preferred, never skipped as a source and never leased. So the
words next to it are what this language says for that, and any other word says the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from ansible_collections.relayops.exchange.plugins.plugin_utils._windows.address import (
    Entry,
    IPAddress,
    network_of,
    parse_ip,
)

LOOPBACK = (parse_ip("127.0.0.1"), parse_ip("::1"))
# The rows of a verbose address in their order (netsh interface ipv4 show ipaddresses level=verbose).
_ALIAS, _LIFETIME, _STATE, _TYPE, _FLAG = 0, 2, 4, 5, 6
# lines without the blanks at their end, for which these would look again and again
_ROW = re.compile(r"^\s*\S.*?:\s*(?P<value>\S.*)$")
_DASHES = re.compile(r"^\s*-{3,}[\s-]*$")
_SETTING = re.compile(r"^\s+\S.*?:\s+(?P<value>\S.*)$")
_PREFIX = re.compile(r"^(?P<network>[0-9A-Fa-f.:]+)/(?P<length>\d+)(?:\s|$)")
_ROUTE = re.compile(r"^\s*\S.*?\s+\d+\s+(?P<prefix>[0-9A-Fa-f.:]+/\d+)\s+(?P<index>\d+)\s+(?P<target>\S.*)$")
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*(?:%\w+)?")
_DUMPED = re.compile(r'(?P<name>\w+)=(?:"(?P<quoted>[^"]*)"|(?P<bare>\S*))')
# What Windows calls the states, in the languages that are known; a state in another one shows by time alone.
STATE_WORDS = {
    "duplicate": "Duplicate",
    "doppelt": "Duplicate",
    "dupliziert": "Duplicate",
    "dupliqu": "Duplicate",
    "en double": "Duplicate",
    "duplicad": "Duplicate",
    "duplicat": "Duplicate",
    "deprecated": "Deprecated",
    "veraltet": "Deprecated",
    "invalid": "Invalid",
}


@dataclass(frozen=True)
class Shown:
    """A verbose address; ``words`` are the values of its rows."""

    ip: IPAddress
    words: tuple[str, ...]

    @property
    def alias(self) -> str:
        """The interface's name."""
        return self.words[_ALIAS]

    @property
    def expires(self) -> bool:
        """Whether its lifetime is one in figures (``6d23h59m58s``) and not the word for infinite."""
        return len(self.words) > _LIFETIME and any(letter.isdigit() for letter in self.words[_LIFETIME])

    @property
    def names_dhcp(self) -> bool:
        """Whether its type bears the protocol's name, which no language translates."""
        return len(self.words) > _TYPE and "dhcp" in self.words[_TYPE].lower()


@dataclass(frozen=True)
class Settings:
    """What show addresses says of an interface, in the order in which the addresses are configured."""

    dhcp: str
    prefixes: Mapping[IPAddress, int]


def interfaces(text: str) -> dict[int, tuple[str, str]]:
    """Return name and state by index (show interfaces): three numbers, then both, with two spaces between at least.

    The columns of a table are no help, for a script with wide letters may shift them.
    """
    rows = (re.match(r"^\s*(\d+)\s+\d+\s+\d+\s+(\S.*?)\s{2,}(\S.*)$", line) for line in _lines(text))
    return {int(row[1]): (row[3], row[2]) for row in rows if row}


def shown(text: str) -> list[Shown]:
    """Return the verbose addresses: a heading with an address in it, a line of dashes, a row for each property."""
    lines = _lines(text)
    found = []
    for number, line in enumerate(lines[1:], start=1):
        ip = _address_in(lines[number - 1]) if _DASHES.match(line) else None
        if ip is not None:
            found.append(Shown(ip, tuple(_values(lines, number + 1))))
    return found


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def _values(lines: list[str], start: int) -> Iterator[str]:
    for place in range(start, len(lines)):
        row = _ROW.match(lines[place])
        if not row:
            return
        yield row["value"]


def _address_in(heading: str) -> IPAddress | None:
    """The address among the heading's words, or grown together with one in a script that puts no spaces."""
    for word in _ADDRESS.findall(heading):
        try:
            return parse_ip(word)
        except ValueError:
            continue
    return None


def settings(text: str, aliases: Mapping[int, str]) -> dict[int, Settings]:
    """Return show addresses by interface: a heading that holds its name, then indented rows, the first one on DHCP."""
    found: dict[int, Settings] = {}
    rows: dict[int, list[str]] = {}
    current: int | None = None
    for line in _lines(text):
        setting = _SETTING.match(line)
        if setting and current is not None:
            rows[current].append(setting["value"])
        elif line.strip() and not line[:1].isspace():
            current = _named(line, aliases)
            if current is not None:
                rows[current] = []
    for index, values in rows.items():
        if values:
            found[index] = Settings(values[0], dict(_prefixes(values[1:])))
    return found


def _named(heading: str, aliases: Mapping[int, str]) -> int | None:
    """The interface whose name the heading holds: a quoted one first, for a name may be a word of the heading."""
    by_length = sorted(aliases.items(), key=lambda item: (f'"{item[1]}"' not in heading, -len(item[1])))
    return next((index for index, alias in by_length if alias and alias in heading), None)


def _prefixes(values: list[str]) -> Iterator[tuple[IPAddress, int]]:
    """An address is a row of its own, followed by one with its subnet; a gateway has none."""
    for value, following in pairwise(values):
        prefix = _PREFIX.match(following)
        if prefix and "/" not in value:
            try:
                yield parse_ip(value), int(prefix["length"])
            except ValueError:
                continue


def routes(text: str) -> list[tuple[str, int, str]]:
    """Return prefix, interface and next hop (show route); an on-link route has a name in place of the hop."""
    rows = (_ROUTE.match(line) for line in _lines(text))
    return [(row["prefix"], int(row["index"]), row["target"]) for row in rows if row]


def gateways(found: list[tuple[str, int, str]]) -> dict[int, str]:
    """Return the next hop of each interface's default route."""
    hops: dict[int, str] = {}
    for prefix, index, target in found:
        if prefix in ("0.0.0.0/0", "::/0") and _address_in(target) is not None:
            hops.setdefault(index, target)
    return hops


def longest(found: list[tuple[str, int, str]], index: int, ip: IPAddress) -> int:
    """Return the prefix length of the interface's narrowest on-link route around the address, its full one for none."""
    lengths = [
        int(prefix.partition("/")[2])
        for prefix, on, target in found
        if on == index and _address_in(target) is None and _around(prefix, ip)
    ]
    narrow = [length for length in lengths if length < ip.max_prefixlen]
    return max(narrow, default=ip.max_prefixlen)


def _around(prefix: str, ip: IPAddress) -> bool:
    address, _ignored, length = prefix.partition("/")
    network = parse_ip(address)
    return network.version == ip.version and network_of(network, int(length)) == network_of(ip, int(length))


def dumped(text: str) -> dict[tuple[str, IPAddress], Entry]:
    """Return the persistent addresses by interface name (dump): commands, the same in every language.

    A length of 0 stands for one that the command does not tell, a flag of None for one that it does not mention.
    """
    found: dict[tuple[str, IPAddress], Entry] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) > 2 and words[0] in ("add", "set") and words[1] == "address":
            given = {match["name"]: match["quoted"] or match["bare"] or "" for match in _DUMPED.finditer(line)}
            alias = given.get("name") or given.get("interface")
            address, _ignored, length = given.get("address", given.get("addr", "")).partition("/")
            if alias and address:
                ip = parse_ip(address)
                entry = Entry(int(length) if length else _mask(given.get("mask", "")), _flag(given.get("skipassource")))
                found[alias, ip] = entry
    return found


def _mask(mask: str) -> int:
    return f"{int(parse_ip(mask)):b}".count("1") if mask else 0


def _flag(word: str | None) -> bool | None:
    return None if word is None else word.lower() == "true"


def macs(text: str) -> dict[str, str]:
    """Return hardware addresses by interface name (getmac /v /fo csv /nh)."""
    rows = (re.findall('"([^"]*)"', line) for line in text.splitlines())
    return {row[0]: row[2] for row in rows if len(row) >= 3}


def lost(loopback: tuple[str, ...]) -> bool:
    """Whether a word that others are compared with has no letter left, as under a code page without its script."""
    compared = [loopback[row] for row in (_STATE, _FLAG) if row < len(loopback)]
    return not all(any(letter.isalnum() for letter in word) for word in compared)


def state_of(words: tuple[str, ...], loopback: tuple[str, ...]) -> str:
    """Return the state: Preferred if it is the loopback's word, a known word's meaning, or else Tentative."""
    word = words[_STATE]
    if word == loopback[_STATE]:
        return "Preferred"
    lowered = word.lower()
    return next((state for start, state in STATE_WORDS.items() if lowered.startswith(start)), "Tentative")


def flag_of(words: tuple[str, ...], loopback: tuple[str, ...]) -> bool | None:
    """Return whether the address is skipped as a source; None where Windows prints no such row."""
    if len(words) <= _FLAG or len(loopback) <= _FLAG:
        return None
    return words[_FLAG] != loopback[_FLAG]
