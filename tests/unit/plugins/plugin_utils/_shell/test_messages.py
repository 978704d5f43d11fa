# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import struct
import uuid

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.messages import Messages


def message(kind: int, text: str) -> bytes:
    return struct.pack("<II", 1, kind) + uuid.uuid4().bytes_le * 2 + text.encode("utf-8-sig")


def fragments(number: int, data: bytes, size: int) -> list[bytes]:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    last = len(parts) - 1
    return [
        struct.pack(">QQBI", number, index, (index == 0) | (index == last) << 1, len(part)) + part
        for index, part in enumerate(parts)
    ]


def test_messages_are_put_together_from_interleaved_fragments() -> None:
    first = fragments(1, message(0x41004, "<S>Zürich</S>"), 20)
    second = fragments(2, message(0x41005, "<Obj/>"), 30)
    heard = Messages()
    heard.hear(first[0] + second[0] + b"".join(first[1:-1]))
    assert heard.take() == []
    heard.hear(second[1] + first[-1])
    assert heard.take() == [
        {"type": "ERROR_RECORD", "clixml": "<Obj/>"},
        {"type": "PIPELINE_OUTPUT", "clixml": "<S>Zürich</S>"},
    ]
    assert heard.take() == []


def test_what_is_no_message_about_a_pipeline_is_passed_over() -> None:
    heard = Messages()
    heard.hear(b"".join(fragments(1, message(0x10002, "<Obj/>"), 1000) + fragments(2, b"short", 10)) + b"\x00\x01")
    assert heard.take() == []
