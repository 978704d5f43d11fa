# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commands a request is about, as far as its text shows, so that faults can be ordered by command."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from .soap import SHELL, Request

_SPOKEN = frozenset(f"{{{SHELL}}}{name}" for name in ("Command", "Arguments", "Stream"))
# fragments of PSRP messages, -EncodedCommand and standard input are base64
_ENCODED = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")


def text_of(request: Request) -> str:
    """What a Command or Send message carries: command lines, scripts and PSRP messages, decoded."""
    texts = (element.text for element in request.body.iter() if element.tag in _SPOKEN)
    return "\n".join(decoded(text) for text in texts if text)


def decoded(text: str) -> str:
    """A text with whatever of it is base64 added in plain."""
    return "\n".join((text, *_plain(text)))


def _plain(text: str) -> Iterator[str]:
    for word in _ENCODED.findall(text):
        try:
            data = base64.b64decode(word, validate=True)
        except binascii.Error:
            continue
        # a PSRP fragment begins with a number of eight bytes, most of them nought
        wide = data[1:2] == b"\0" and data[:1] != b"\0"
        yield data.decode("utf-16-le" if wide else "utf-8", "replace")


def command_id_of(request: Request) -> str:
    """The command that a Send, Receive or Signal message names."""
    found = (element.get("CommandId", "") for element in request.body.iter())
    return next(filter(None, found), "").upper()
