# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The relay restrictions in a MetaBase.xml of IIS 6 and later, which Exchange 2003 keeps in step with Active Directory.

"RelayIpList Metabase Property" and "RelayForAuth Metabase Property": both may stand at the service /LM/SmtpSvc and at
each virtual server below it, which inherits what it does not have itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

_MOST_CHARACTERS = 64 << 20
_UTF_16 = {"utf-16-le": ("\udcff\udcfe", "<\0"), "utf-16-be": ("\udcfe\udcff", "\0<")}
_KEYS = {"iissmtpservice": "service", "iissmtpserver": "server"}


@dataclass(frozen=True)
class VirtualServer:
    """One SMTP virtual server; a value is None where neither it nor the service has the property."""

    location: str
    relay_ip_list: str | None
    relay_for_auth: str | None
    comment: str = ""


def virtual_servers(text: str) -> list[VirtualServer]:
    """Return the SMTP virtual servers of a metabase; raises ValueError for a text that is none."""
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"MetaBase.xml has {len(text)} characters; more than {_MOST_CHARACTERS} are not read")
    found = _keys(text)
    services = {location: values for kind, location, values in found if kind == "service"}
    servers = [(location, values) for kind, location, values in found if kind == "server"]
    if not servers:
        raise ValueError("MetaBase.xml has no IIsSmtpServer. Is it the one of the SMTP server?")
    return [_server(location, values, services) for location, values in servers]


def _server(location: str, values: Mapping[str, str], services: Mapping[str, Mapping[str, str]]) -> VirtualServer:
    above = services.get(location.rpartition("/")[0].lower(), {})
    name = location[4:] if location.lower().startswith("/lm/") else location
    relay, auth = (values.get(key, above.get(key)) for key in ("relayiplist", "relayforauth"))
    return VirtualServer(name, relay, auth, values.get("servercomment", ""))


def _keys(text: str) -> list[tuple[str, str, dict[str, str]]]:
    found: list[tuple[str, str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        kind = _KEYS.get(name.rpartition(":")[2].lower())
        if kind:
            values = {key.lower(): value for key, value in attributes.items()}
            location = values.get("location", "")
            found.append((kind, location.lower() if kind == "service" else location, values))

    def refuse(*_: object) -> None:
        raise ValueError("MetaBase.xml has a document type, which no metabase has; it is not read")

    # whatever the file says of its encoding: this is text already
    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(_decoded(text).lstrip("\ufeff \r\n\t").encode("utf-8", "replace"), True)
    except expat.ExpatError as problem:
        raise ValueError(f"MetaBase.xml is broken: {problem}") from None
    return found


def _decoded(text: str) -> str:
    """Read UTF-16, as Notepad saves it, that was read as UTF-8: bytes that are none are single surrogates (PEP 383)."""
    order = next((name for name, starts in _UTF_16.items() if text.startswith(starts)), "")
    if not order:
        return text
    content = text.encode("utf-8", "surrogateescape")
    # half of the last line end may have been cut off as white space
    return content[: len(content) // 2 * 2].decode(order, "replace")
