# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.module_utils._smtp_reply import (
    MOST_LINES,
    ProbeError,
    Reply,
    ReplyReader,
)


def read(*lines: bytes) -> Reply | None:
    reader = ReplyReader()
    replies = [reader.feed(line) for line in lines]
    assert not any(replies[:-1])
    return replies[-1]


@pytest.mark.parametrize(
    ("lines", "code", "enhanced", "text"),
    [
        ([b"250 2.1.5 Recipient OK"], 250, "2.1.5", "2.1.5 Recipient OK"),
        ([b"250"], 250, "", ""),
        ([b"250 "], 250, "", ""),
        ([b"250-a", b"250-", b"250 b"], 250, "", "a\n\nb"),
        ([b"550 5.7.1"], 550, "5.7.1", "5.7.1"),
        ([b"550 5.7.1x"], 550, "", "5.7.1x"),
        ([b"220 Gr\xc3\xbc\xc3\x9fe \xff"], 220, "", "Grüße \\xff"),
    ],
)
def test_reads(lines: list[bytes], code: int, enhanced: str, text: str) -> None:
    reply = read(*lines)
    assert reply is not None
    assert (reply.code, reply.enhanced, reply.text) == (code, enhanced, text)


@pytest.mark.parametrize("lines", [[b"hello"], [b""], [b"25"], [b"199 x"], [b"600 x"], [b"250x"], [b"250-a", b"251 b"]])
def test_nonsense_is_broken(lines: list[bytes]) -> None:
    with pytest.raises(ProbeError) as caught:
        read(*lines)
    assert caught.value.kind == "broken"


def test_a_reply_without_end_is_broken() -> None:
    with pytest.raises(ProbeError, match="lines"):
        read(*[b"250-x"] * (MOST_LINES + 1))


@pytest.mark.parametrize(
    ("code", "outcome"), [(250, "allowed"), (354, "continued"), (450, "deferred"), (554, "refused")]
)
def test_outcome(code: int, outcome: str) -> None:
    assert Reply(code, ("",)).outcome == outcome


def test_shows_itself_on_one_line() -> None:
    assert str(Reply(550, ("5.7.1 no", "really"))) == "550 5.7.1 no really"
