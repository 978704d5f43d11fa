# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that end, where they are asked for: however long a server goes on, a client reads so many bytes for so many
seconds, and it does not repeat elsewhere what it has said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

# An answer is one envelope, and WinRM's MaxEnvelopeSizekb goes up to 8,192
LARGEST = 16 * 2**20


class EndlessAnswer(Exception):
    """The answer is larger, or takes longer, than any that a server gives."""


class SentElsewhere(Exception):
    """The server names another one for what it was told."""


def bounded(session: Any, seconds: Callable[[], float]) -> Any:
    """Have a requests session read each answer within bounds; ``seconds`` tells how long one may take from now on.

    Its read_timeout counts between two bytes only. Raises EndlessAnswer and SentElsewhere while the session sends.
    """
    for adapter in session.adapters.values():
        adapter.send = _bounded(adapter.send, seconds)
    return session


def _bounded(send: Callable[..., Any], seconds: Callable[[], float]) -> Callable[..., Any]:
    def sent(request: Any, **given: Any) -> Any:
        end = time.monotonic() + seconds()
        response = send(request, **given)
        if response.is_redirect:
            # whom to tell it is not the server's to decide, which may name one without TLS
            raise SentElsewhere(f"HTTP status {response.status_code} to {response.headers['location']}")
        # read only when it is asked for: authentication looks at the connection before (channel binding)
        response.raw.stream = _pieces(response.raw.stream, end)
        return response

    return sent


def _pieces(stream: Callable[..., Iterator[bytes]], end: float) -> Callable[..., Iterator[bytes]]:
    def pieces(*given: Any, **named: Any) -> Iterator[bytes]:
        size = 0
        for piece in stream(*given, **named):
            size += len(piece)
            if size > LARGEST:
                raise EndlessAnswer(f"it has more than {LARGEST // 2**20} MB")
            if time.monotonic() > end:
                raise EndlessAnswer("it goes on and on")
            yield piece

    return pieces
