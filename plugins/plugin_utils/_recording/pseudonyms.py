# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts in which whatever is not known to be Exchange's or Windows' own is replaced, the same by the same.

All texts are learnt first, so that pseudonyms are in the order of what they stand for and addresses in their relations.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from ansible_collections.relayops.exchange.plugins.plugin_utils._recording.address_map import Address, AddressMap
from ansible_collections.relayops.exchange.plugins.plugin_utils._recording.vocabulary import FUNCTION, MESSAGE, PRODUCT

# What a text is: a value or a name, something that a person wrote, a message of the server
VALUE, FREE, SAID = "value", "free", "said"

_V4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_V6 = r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?::?(?:\d{1,3}\.){3}\d{1,3})?"
_TOKEN = re.compile(
    r"(?P<own>relayops-[0-9a-f]{32}|(?<=\W)[0-9A-F]{6,8}(?=,Microsoft\.)|(?<=Version=)\d{1,2}\.0\.0\.0(?![\w.]))"
    r"|(?P<guid>\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b)"
    r"|(?P<sid>\bS-1-\d+(?:-\d+)+)"
    r"|(?P<mac>\b(?:[0-9A-Fa-f]{2}[-:]){5}[0-9A-Fa-f]{2}\b)"
    r"|(?P<time>\b(?:\d{1,8}\.)?\d{1,2}:\d\d:\d\d(?:\.\d+)?\b)"
    rf"|(?P<low>(?<![\w.:])(?:{_V6}(?![\w:])|{_V4}(?!\w|\.\d)))(?:(?P<prefix>/\d{{1,3}})|(?P<to>\s*-\s*)(?P<high>{_V6}|{_V4}))?"
    # the port of an address
    r"|(?P<port>(?<=[\d\]]:)\d{1,5}(?!\w))"
    r"|(?P<word>[^\W_]+)"
)
# Parts of a name in camel case
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|.")
# Shorter numbers are sizes, ports and dates
_LONG_NUMBER = 5
# Relative identifiers below are of Windows' own accounts and groups (MS-DTYP 2.4.2.4)
_OWN_ACCOUNTS = 1000


class Pseudonyms:
    """Call ``text`` for everything, then ``settle``, then ``text`` again; ``keep`` are further words that stay."""

    def __init__(self, key: bytes, keep: Iterable[str] = ()) -> None:
        self._key = key
        self._kept = FUNCTION | PRODUCT | {part.casefold() for word in keep for part in re.findall(r"[^\W_]+", word)}
        self._addresses = AddressMap(key)
        self._words: set[str] = set()
        self._names: set[str] = set()
        self._given: dict[str, str] = {}
        self._settled = False

    def settle(self) -> None:
        """End of learning: give each word its pseudonym."""
        ordered = sorted(self._words)
        width = len(str(len(ordered)))
        letter = next(
            letter for letter in "xqzwvjky" if not any(word[:1] == letter and word[1:].isdigit() for word in ordered)
        )
        self._given = {word: f"{letter}{number:0{width}}" for number, word in enumerate(ordered, 1)}
        self._settled = True

    def text(self, text: str, kind: str = VALUE) -> str:
        """The text with its pseudonyms, or as it is while learning."""
        return _TOKEN.sub(lambda match: self._token(match, kind), text)

    def identifier(self, name: str) -> str:
        """A name of a cmdlet, a parameter or a property, kept if its parts are known."""
        return self.text(name, SAID)

    def _token(self, match: re.Match[str], kind: str) -> str:
        if match["word"]:
            return self._word(match["word"], kind)
        if match["guid"]:
            return self._guid(match["guid"])
        if match["sid"]:
            return self._sid(match["sid"])
        if match["mac"]:
            return self._mac(match["mac"])
        if match["low"]:
            return self._range(match, kind)
        return match[0]

    # -- words

    def _word(self, word: str, kind: str) -> str:
        if len(word) == 1:
            return word
        if word.isdecimal():
            return word if kind == SAID or len(word) < _LONG_NUMBER else self._number(word)
        folded = word.casefold()
        if self._known(word, kind) and not (kind == SAID and folded in self._names):
            return word
        if not self._settled:
            self._words.add(folded)
            if kind == VALUE:
                self._names.add(folded)
            return word
        given = self._given.get(folded, "x")
        return given.upper() if word.isupper() else given

    def _known(self, word: str, kind: str) -> bool:
        def is_known(part: str) -> bool:
            return len(part) == 1 or part in self._kept or (kind == SAID and part in MESSAGE)

        if is_known(word.casefold()):
            return True
        parts = [part.casefold() for part in _PART.findall(word)]
        if any(map(str.isdigit, parts)):
            return False
        return len(parts) > 1 and max(map(len, parts)) > 2 and all(map(is_known, parts))

    def _number(self, word: str) -> str:
        number = int.from_bytes(self._digest(word)[:16], "big") % 9 * 10 ** (len(word) - 1)
        rest = int.from_bytes(self._digest(word)[16:], "big") % 10 ** (len(word) - 1)
        return f"{number + rest + 10 ** (len(word) - 1)}"[: len(word)] if self._settled else word

    # -- identifiers

    def _digest(self, text: str) -> bytes:
        return hmac.new(self._key, text.casefold().encode("utf-8", "replace"), hashlib.sha256).digest()

    def _guid(self, text: str) -> str:
        if not self._settled or not int(text.replace("-", ""), 16):
            return text
        made = str(uuid.UUID(bytes=self._digest(text)[:16], version=4))
        return made.upper() if text.isupper() else made

    def _sid(self, text: str) -> str:
        """Well-known ones stay; of an account or a domain, the domain and then the number in it are replaced."""
        parts = text.split("-")
        if not self._settled or parts[2:4] != ["5", "21"] or len(parts) < 7:
            return text
        domain = self._digest("-".join(parts[4:7]))
        made = [str(int.from_bytes(domain[at : at + 4], "big")) for at in (0, 4, 8)]
        for part in parts[7:]:
            made.append(
                part
                if int(part) < _OWN_ACCOUNTS
                else str(_OWN_ACCOUNTS + int.from_bytes(self._digest(part)[:3], "big"))
            )
        return "-".join([*parts[:4], *made])

    def _mac(self, text: str) -> str:
        """A locally administered one (IEEE 802)."""
        if not self._settled:
            return text
        digest = b"\x02" + self._digest(re.sub("[-:]", "", text))[:5]
        made = text[2].join(f"{byte:02x}" for byte in digest)
        return made.upper() if text.upper() == text else made

    # -- addresses

    def _range(self, match: re.Match[str], kind: str) -> str:
        low = _address(match["low"])
        high = _address(match["high"]) if match["high"] else low
        if low is None or high is None:
            # times and versions look like addresses too
            whole = match[0]
            return re.sub(r"[^\W_]+", lambda word: self._word(word[0], kind), whole)
        if not self._settled:
            self._learn(low, high, match["prefix"])
            return match[0]
        end = f"{match['to']}{self._other(high, match['high'])}" if match["high"] else match["prefix"] or ""
        return f"{self._other(low, match['low'])}{end}"

    def _other(self, address: Address, text: str) -> str:
        """The text of the other address; one that stays is written as it was."""
        made = self._addresses.of(address)
        return text if made == address else str(made)

    def _learn(self, low: Address, high: Address, prefix: str | None) -> None:
        self._addresses.learn(low, low)
        self._addresses.learn(high, high)
        self._addresses.learn(low, high)
        # an interface's address has a prefix, but is not the network
        if prefix and int(prefix[1:]) <= low.max_prefixlen:
            network = ip_network(f"{low}{prefix}", strict=False)
            if network.prefixlen and low == network[0]:
                self._addresses.learn(network[0], network[-1])


def _address(text: str) -> Address | None:
    try:
        if ":" not in text:
            text = ".".join(str(int(part)) for part in text.split("."))
        return ip_address(text)
    except ValueError:
        return None
