# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses as MAIL and RCPT carry them (RFC 5321 4.1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*\Z")
_QUOTED = re.compile(r'"(?:[^"\\\r\n]|\\.)*"')
_DOMAIN = re.compile(
    r"(?=.{1,255}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\Z"
)
_LITERAL = re.compile(r"\[[A-Za-z0-9.:]+\]\Z")
_ROUTE = re.compile(r"@[A-Za-z0-9_.\-\[\]:]+(?:,@[A-Za-z0-9_.\-\[\]]+)*:")


@dataclass(frozen=True)
class Path:
    """A reverse or forward path; the null path has neither part.

    The local part is literal: ``%``, ``!`` and a quoted ``@`` in it have no meaning, as in Exchange.
    """

    local: str
    domain: str

    @property
    def null(self) -> bool:
        """Whether this is ``<>``."""
        return not self.local

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}" if self.domain else self.local


def parse_path(text: str, default_domain: str = "") -> tuple[Path, list[str]]:
    """Read a path and the ESMTP parameters after it; raise ValueError for what is no address."""
    text = text.strip()
    inner, rest = _angle(text) if text.startswith("<") else _bare(text)
    if not inner:
        return Path("", ""), rest.split()
    return _mailbox(_ROUTE.sub("", inner, count=1) if inner.startswith("@") else inner, default_domain), rest.split()


def _angle(text: str) -> tuple[str, str]:
    position = 1
    while position < len(text) and text[position] != ">":
        quoted = _QUOTED.match(text, position)
        position = quoted.end() if quoted else position + 1
    if position >= len(text):
        raise ValueError("no closing bracket")
    return text[1:position], text[position + 1 :]


def _bare(text: str) -> tuple[str, str]:
    inner, _, rest = text.partition(" ")
    if not inner:
        raise ValueError("no address")
    return inner, rest


def _mailbox(text: str, default_domain: str) -> Path:
    quoted = _QUOTED.match(text)
    if quoted:
        local, rest = quoted.group(), text[quoted.end() :]
        at, domain = rest[:1], rest[1:]
        if rest and at != "@":
            raise ValueError("text after a quoted local part")
    else:
        local, at, domain = text.partition("@")
        if not _ATOMS.match(local):
            raise ValueError("not a local part")
    if not at:
        domain = default_domain
    if not (_DOMAIN.match(domain) or _LITERAL.match(domain)):
        raise ValueError("not a domain")
    return Path(local, domain)
