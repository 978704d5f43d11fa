# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding connectors and servers by what callers name them: name, Server\\Name, DN, GUID, or the object itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from fnmatch import translate
from re import IGNORECASE, compile
from typing import Any

from psrpcore.types import PSObject

from exchange_lab.exchange.model import ExchangeServer, ReceiveConnector
from exchange_lab.exchange.naming import Naming, is_dn
from exchange_lab.powershell.objects import property_of, text_of


def identity_text(value: Any) -> str:
    """What names an object: of a piped object its distinguished name, else its text."""
    if isinstance(value, PSObject) and not isinstance(value, str | int):
        for name in ("DistinguishedName", "Identity", "Guid"):
            found = property_of(value, name)
            if found is not None:
                return identity_text(found)
    return text_of(value).strip()


def connector_identity(value: Any) -> str:
    """ReceiveConnectorIdParameter: any text, or an object with an identity that is not a server."""
    if _is_server(value):
        raise ValueError("A server doesn't identify a Receive connector.")
    return identity_text(value)


def server_identity(value: Any) -> str:
    """ServerIdParameter: any text, or a server."""
    return identity_text(value)


def _is_server(value: Any) -> bool:
    types = value.PSTypeNames if isinstance(value, PSObject) and not isinstance(value, str | int) else ()
    return any(name.endswith(".ExchangeServer") for name in types or ())


def as_guid(text: str) -> str | None:
    """The GUID in canonical form, or None for other text."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


def matching(
    connectors: Iterable[ReceiveConnector], identity: str, naming: Naming, *, wildcards: bool = False
) -> list[ReceiveConnector]:
    """The receive connectors that an identity means; several servers may have one of that name."""
    guid = as_guid(identity)
    if guid:
        return [each for each in connectors if each.guid == guid]
    wanted = identity.casefold()
    if is_dn(identity):
        return [each for each in connectors if naming.receive_connector(each.server, each.name).casefold() == wanted]
    server, backslash, name = wanted.partition("\\")
    if not backslash:
        server, name = "", wanted
    if wildcards and "*" in name:
        pattern = compile(translate(name.replace("[", "[[]")), IGNORECASE)
        return [each for each in connectors if _on(each, server) and pattern.match(each.name)]
    return [each for each in connectors if _on(each, server) and each.name.casefold() == name]


def _on(connector: ReceiveConnector, server: str) -> bool:
    return not server or connector.server.casefold() == server.partition(".")[0]


def find_server(servers: Sequence[ExchangeServer], identity: str, naming: Naming) -> ExchangeServer | None:
    """A server by name, FQDN, DN, legacy DN or GUID."""
    wanted = identity.casefold()
    for server in servers:
        names = (server.name, server.fqdn, naming.server(server.name), naming.legacy(server.name), server.guid)
        if wanted in (name.casefold() for name in names):
            return server
    return None
