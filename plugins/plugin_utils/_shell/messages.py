# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PSRP messages put together from the fragments that a shell's output stream carries (MS-PSRP 2.2.1 and 2.2.4)."""

from __future__ import annotations

import struct
from collections import defaultdict

# MS-PSRP 2.2.1, MessageType, those that a server sends about a pipeline
TYPES = {
    0x00041004: "PIPELINE_OUTPUT",
    0x00041005: "ERROR_RECORD",
    0x00041006: "PIPELINE_STATE",
    0x00041007: "DEBUG_RECORD",
    0x00041008: "VERBOSE_RECORD",
    0x00041009: "WARNING_RECORD",
    0x00041010: "PROGRESS_RECORD",
    0x00041011: "INFORMATION_RECORD",
    0x00041100: "PIPELINE_HOST_CALL",
}

# Object id, fragment id, flags (start 1, end 2), length of what follows
_FRAGMENT = struct.Struct(">QQBI")
# Destination, type, then the identifiers of pool and pipeline
_MESSAGE = struct.Struct("<II16s16s")
_END = 2


class Messages:
    """What was heard of one shell; ``take`` hands over what is complete."""

    def __init__(self) -> None:
        self._parts: dict[int, bytes] = defaultdict(bytes)
        self._complete: list[dict[str, str]] = []

    def hear(self, data: bytes) -> None:
        """Take whole fragments, as an answer holds them; what makes no sense is the client's business."""
        while len(data) >= _FRAGMENT.size:
            number, _fragment, flags, length = _FRAGMENT.unpack_from(data)
            end = _FRAGMENT.size + length
            self._parts[number] += data[_FRAGMENT.size : end]
            data = data[end:]
            if flags & _END:
                self._add(self._parts.pop(number))

    def take(self) -> list[dict[str, str]]:
        """The messages about pipelines since the last time."""
        taken, self._complete = self._complete, []
        return taken

    def _add(self, message: bytes) -> None:
        if len(message) < _MESSAGE.size:
            return
        kind = TYPES.get(_MESSAGE.unpack_from(message)[1])
        if kind:
            text = message[_MESSAGE.size :].decode("utf-8-sig", "replace")
            self._complete.append({"type": kind, "clixml": text})
