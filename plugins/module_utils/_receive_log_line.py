# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Exchange writes its SMTP receive protocol log. Private to the relayops.exchange collection.

Microsoft's "Protocol logging" describes files, headers and fields; all here is about one line, as bytes.
"""

from __future__ import annotations

import csv
import re
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Dict, List, Optional, Tuple

FIELDS = (
    b"date-time",
    b"connector-id",
    b"session-id",
    b"sequence-number",
    b"local-endpoint",
    b"remote-endpoint",
    b"event",
    b"data",
    b"context",
)
EVENTS = frozenset((b"+", b"-", b"<", b">", b"*"))
LOG_TYPE = b"smtp receive protocol log"
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?Z\Z")
# date-time, connector-id, session-id, remote-endpoint and what follows, where the connector's name has a comma in it
QUOTED_CONNECTOR = re.compile(rb'([^,"]*),("(?:[^"]|"")*"),([^,"]*),[^,"]*,[^,"]*,([^,"]*),(.*)\Z', re.DOTALL)

_TLS = re.compile(rb"SP_PROT_(TLS|SSL)(\d)(?:_(\d))?_(?:SERVER|CLIENT)")
_REPLY = re.compile(rb"(\d{3})[ -]?(?:([245]\.\d{1,3}\.\d{1,3})\b)? ?(.*)", re.DOTALL)
_DN = re.compile(r"CN=((?:[^,\\]|\\.)*),CN=SMTP Receive Connectors,CN=Protocols,CN=((?:[^,\\]|\\.)*)", re.IGNORECASE)


def is_time(stamp: bytes) -> bool:
    """Whether a date-time is one; what only looks like one would be the first or the last of all times."""
    if not STAMP.match(stamp):
        return False
    try:
        datetime.strptime(stamp[:16].decode(), "%Y-%m-%dT%H:%M")
    except ValueError:
        return False
    return True


class Header:
    """What the lines of a header block have said about the lines below it."""

    def __init__(self) -> None:
        """Assume a log of this type in the usual order, as where a file's beginning is lost."""
        self.order: Optional[List[int]] = None
        self.foreign = False
        self.version = ""

    def take(self, line: bytes) -> bool:
        """Read a line that begins with ``#``; return whether it is one of a header."""
        name, colon, value = line[1:].partition(b":")
        name, value = name.strip().lower(), value.strip()
        if name == b"log-type":
            self.foreign = value.lower() != LOG_TYPE
        elif name == b"fields":
            self.order = _order([field.strip().lower() for field in value.split(b",")])
            self.foreign = self.foreign or self.order == []
        elif name == b"version":
            self.version = value.decode("ascii", "replace")
        return bool(colon) and name in (b"software", b"version", b"log-type", b"date", b"fields")

    @property
    def usual(self) -> bool:
        """Whether lines have the fields in their usual order."""
        return self.order is None and not self.foreign

    def arrange(self, line: bytes) -> Optional[List[bytes]]:
        """Return the fields of a line in the order of FIELDS, without quotes; None if it is cut."""
        row = split_quoted(line)
        order = self.order or range(len(FIELDS))
        if row is None or len(row) <= max(order):
            return None
        return [row[place] if place >= 0 else b"" for place in order]


def _order(names: List[bytes]) -> Optional[List[int]]:
    """Return the place of each of FIELDS among these names, None for the usual order, [] where one is missing.

    The context alone may be missing; nothing is counted by it but the version of TLS.
    """
    if tuple(names) == FIELDS:
        return None
    places = [names.index(field) if field in names else -1 for field in FIELDS]
    return [] if min(places[:8]) < 0 else places


def split_quoted(line: bytes) -> Optional[List[bytes]]:
    """Split a line at commas outside quotes; None where a quote is not closed."""
    if b'"' not in line:
        return line.split(b",")
    text = line.decode("latin-1")
    if text.count('"') % 2 or "\0" in text:
        return None
    try:
        return [field.encode("latin-1") for row in csv.reader([text]) for field in row]
    except csv.Error:
        return None


def quoted(field: bytes) -> bytes:
    """Write a field as the log does."""
    return b'"' + field.replace(b'"', b'""') + b'"' if b"," in field or b'"' in field else field


def data_of(rest: bytes) -> bytes:
    """Return the data of ``data,context``."""
    if rest[:1] != b'"':
        return rest.partition(b",")[0]
    row = split_quoted(rest)
    return row[0] if row else rest[1:]


def connector_of(identifier: bytes) -> Tuple[str, str]:
    """Return server and name of a connector, which is there as SERVER\\Name or as a distinguished name."""
    text = text_of(identifier)
    if text[:1] == '"':
        text = text[1:-1].replace('""', '"')
    found = _DN.match(text)
    if found:
        name, server = (re.sub(r"\\(.)", r"\1", part) for part in found.groups())
        return server, name
    server, backslash, name = text.partition("\\")
    return (server, name) if backslash else ("", text)


def address_of(written: bytes) -> str:
    """Return the address in 192.0.2.1 or [2001:db8::1%4], "" where there is none."""
    text = written.decode("ascii", "replace").strip("[]").partition("%")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def tls_version_of(context: bytes) -> str:
    """Return the version as Python names it, TLSv1.2, from the words in a context; "" where it says none."""
    found = _TLS.search(context)
    if not found:
        return ""
    kind, major, minor = (part.decode() if part else "0" for part in found.groups())
    return f"{kind}v{major}" if kind == "SSL" else f"{kind}v{major}.{minor}"


_replies: Dict[bytes, Tuple[str, str]] = {}


def reply_of(data: bytes) -> Tuple[str, str]:
    """Return what a reply is counted by, its code and enhanced status code, and its text."""
    key = data[:80]
    if key not in _replies:
        if len(_replies) > 1000:
            _replies.clear()
        found = _REPLY.match(data_of(data))
        code, status, text = found.groups() if found else (b"", b"", b"")
        words = (code, status) if status else (code,)
        _replies[key] = " ".join(word.decode() for word in words), text_of(text[:200])
    return _replies[key]


def text_of(field: bytes) -> str:
    """Decode a field for a reader; what would be lost or would rule a terminal is escaped."""
    text = field.decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
