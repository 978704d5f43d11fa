# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to name a receive connector: its name, SERVER\\name, its distinguished name, its GUID."""

from __future__ import annotations

import re

_DISTINGUISHED = re.compile(
    r"CN=(?:[^,\\]|\\.)+,CN=SMTP Receive Connectors,CN=Protocols,CN=(?P<server>[^,]+),", re.IGNORECASE
)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def parse(text: str) -> tuple[str, str]:
    """Take the server off, "" where none is named; a distinguished name tells its server and stays whole.

    A name that starts with a backslash names no server and stays as it is, so that Exchange gets what was given.
    """
    if distinguished := _DISTINGUISHED.match(text):
        return distinguished["server"], text
    server, backslash, name = text.partition("\\")
    return (server, name) if server and backslash else ("", text)


def is_reference(name: str) -> bool:
    """Whether this can only mean a connector that exists: a distinguished name or a GUID."""
    return bool(_DISTINGUISHED.match(name) or _GUID.fullmatch(name))
