# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies of an SMTP server (RFC 5321 4.2). Private to the relayops.exchange collection."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"([2-5][0-9][0-9])(?:([ -])(.*))?\Z", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|\Z)")
MOST_LINES = 512
MOST_BYTES = 65536


class ProbeError(Exception):
    """The question could not be put or the answer not be understood.

    ``kind`` is one of unresolved, source_address, refused, unreachable, timeout, closed, broken, tls; ``reason`` says
    what happened, ``remedy`` what to do.
    """

    def __init__(self, kind: str, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Reply:
    """A complete reply: its code and the text of each line."""

    code: int
    lines: tuple[str, ...]

    @property
    def enhanced(self) -> str:
        """The enhanced status code of RFC 3463, or ""."""
        found = _ENHANCED.match(self.lines[0])
        return found.group(1) if found else ""

    @property
    def text(self) -> str:
        """The lines as one text, without the reply code."""
        return "\n".join(self.lines)

    @property
    def outcome(self) -> str:
        """``allowed`` for 2xx, ``deferred`` for 4xx, ``refused`` for 5xx, ``continued`` for 3xx."""
        return {2: "allowed", 3: "continued", 4: "deferred", 5: "refused"}[self.code // 100]

    def __str__(self) -> str:
        return f"{self.code} {' '.join(self.lines)}".rstrip()


class ReplyReader:
    """Puts lines together to a reply; ``feed`` returns it once it is complete and raises ProbeError for nonsense."""

    def __init__(self) -> None:
        self._code = ""
        self._lines: list[str] = []
        self._size = 0

    def feed(self, line: bytes) -> Reply | None:
        """Take one line without its end."""
        text = line.decode("utf-8", "backslashreplace")
        found = _LINE.match(text)
        if not found:
            raise ProbeError("broken", f"the server sent {shorten(text)!r}, which is no SMTP reply", _REMEDY)
        code, more, rest = found.groups()
        if self._code and code != self._code:
            raise ProbeError("broken", f"the lines of one reply have the codes {self._code} and {code}", _REMEDY)
        self._code = code
        self._lines.append(rest or "")
        self._size += len(line)
        if len(self._lines) > MOST_LINES or self._size > MOST_BYTES:
            raise ProbeError("broken", f"a reply has more than {MOST_LINES} lines or {MOST_BYTES} bytes", _REMEDY)
        return Reply(int(code), tuple(self._lines)) if more != "-" else None


def shorten(text: str, longest: int = 80) -> str:
    """Return the text, cut where it would not fit into an error message."""
    return text if len(text) <= longest else text[:longest] + "…"


_REMEDY = "Check that an SMTP server listens there and that no inspection of a firewall rewrites the dialogue."
