# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Message encryption over plain HTTP (MS-WSMV 2.2.9.1): the multipart wrapping around a security context."""

from __future__ import annotations

import re
import struct
from typing import Any

SPNEGO = "application/HTTP-SPNEGO-session-encrypted"
KERBEROS = "application/HTTP-Kerberos-session-encrypted"
CREDSSP = "application/HTTP-CredSSP-session-encrypted"
_BOUNDARY = "Encrypted Boundary"
# MS-WSMV 2.2.9.1.3: CredSSP messages are cut, each part a TLS record of its own
_CHUNK = 16384


class DecryptionError(ValueError):
    """The body is no message of this security context."""


def is_encrypted(content_type: str) -> bool:
    """Whether a body of that type is wrapped."""
    return content_type.startswith(("multipart/encrypted", "multipart/x-multi-encrypted"))


def unwrap(context: Any, body: bytes) -> bytes:
    """The envelope in a wrapped body; raises DecryptionError."""
    parts = [part for part in re.split(rb"--\s*Encrypted Boundary(?:--)?\r\n", body) if part]
    if not parts or len(parts) % 2:
        raise DecryptionError("not a multipart/encrypted body")
    message = b""
    for described, payload in zip(parts[::2], parts[1::2], strict=True):
        message += _unwrapped(context, described, payload)
    return message


def _unwrapped(context: Any, described: bytes, payload: bytes) -> bytes:
    length = re.search(rb"Length=(\d+)", described)
    data = payload.partition(b"\tContent-Type: application/octet-stream\r\n")[2]
    if not length or len(data) < 4:
        raise DecryptionError("a part of the body is not described")
    size = struct.unpack("<i", data[:4])[0]
    try:
        message: bytes = context.unwrap_winrm(data[4 : 4 + size], data[4 + size :])
    except Exception as error:
        raise DecryptionError(str(error)) from error
    if len(message) != int(length[1]):
        raise DecryptionError("the length differs from the one announced")
    return message


def wrap(context: Any, protocol: str, message: bytes, *, spaced: bool = False) -> tuple[str, bytes]:
    """Content type and body; ``spaced`` writes the boundary as Exchange does, with a space before it."""
    dashes = "-- " if spaced else "--"
    several = protocol == CREDSSP and len(message) > _CHUNK
    pieces = [message[at : at + _CHUNK] for at in range(0, len(message), _CHUNK)] if several else [message]
    body = b"".join(_wrapped(context, protocol, piece, dashes) for piece in pieces)
    kind = "multipart/x-multi-encrypted" if several else "multipart/encrypted"
    return (
        f'{kind};protocol="{protocol}";boundary="{_BOUNDARY}"',
        body + f"{dashes}{_BOUNDARY}--\r\n".encode(),
    )


def _wrapped(context: Any, protocol: str, message: bytes, dashes: str) -> bytes:
    header, data, padding = context.wrap_winrm(message)
    start = (
        f"{dashes}{_BOUNDARY}\r\n\tContent-Type: {protocol}\r\n"
        f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(message) + padding}\r\n"
        f"{dashes}{_BOUNDARY}\r\n\tContent-Type: application/octet-stream\r\n"
    )
    return start.encode() + struct.pack("<i", len(header)) + bytes(header) + bytes(data)
