# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for a secret in anything that was written, in every form in which programs write one."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

# bytes of a ticket or a key that no chance repeats
_PIECE = 24


def _in_base64(raw: bytes) -> list[bytes]:
    """What base64 makes of the bytes wherever among others they begin, without the letters that depend on those."""
    found = []
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw)
        start, rest = (0, 2, 3)[before], (before + len(raw)) % 3
        found.append(text[start : len(text) - 4 if rest else len(text)])
    return found


def forms(secret: str) -> dict[str, list[bytes]]:
    """How a text may be written, by the name of the form."""
    plain, wide = secret.encode(), secret.encode("utf-16-le")
    return {
        "plain": [plain],
        "base64": _in_base64(plain),
        "UTF-16": [wide, secret.encode("utf-16-be")],
        "UTF-16 in base64": _in_base64(wide),
        "URL": [quote(secret, safe="").encode(), quote(secret).encode(), quote_plus(secret).encode()],
        "Python": [repr(secret)[1:-1].encode(), ascii(secret)[1:-1].encode(), repr(plain)[2:-1].encode()],
        "JSON": [json.dumps(secret)[1:-1].encode(), json.dumps(secret, ensure_ascii=False)[1:-1].encode()],
        "JSON in JSON": [json.dumps(json.dumps(secret)[1:-1])[1:-1].encode()],
        "XML": [escape(secret).encode(), quoteattr(secret)[1:-1].encode()],
        "PowerShell": [secret.replace("'", "''").encode()],
        "hexadecimal": [plain.hex().encode(), plain.hex().upper().encode(), wide.hex().encode()],
    }


def forms_of_bytes(secret: bytes) -> dict[str, list[bytes]]:
    """How pieces of a ticket or a key may be written; a part of it is as telling as the whole."""
    middle = len(secret) // 2
    pieces = {secret[:_PIECE], secret[middle : middle + _PIECE], secret[-_PIECE:]}
    return {
        "raw": sorted(pieces),
        "base64": [form for piece in sorted(pieces) for form in _in_base64(piece)],
        "Python": [repr(piece)[2:-1].encode() for piece in sorted(pieces)],
        "hexadecimal": [
            form for piece in sorted(pieces) for form in (piece.hex().encode(), piece.hex().upper().encode())
        ],
    }


def found(text: str | bytes, secret: str | bytes) -> list[str]:
    """The names of the forms in which a text holds the secret."""
    everything = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    known = forms(secret) if isinstance(secret, str) else forms_of_bytes(secret)
    return [name for name, written in known.items() if any(each in everything for each in written)]


def searched(said: Mapping[str, str | bytes], secrets: Mapping[str, str | bytes]) -> list[str]:
    """Each place that holds a secret, as a sentence."""
    return [
        f"{place} says {name} in {', '.join(told)}"
        for place, text in said.items()
        for name, secret in secrets.items()
        if (told := found(text, secret))
    ]


def files_below(folder: Path, *but: str) -> dict[str, bytes]:
    """The content of all files in a folder, but those of these names."""
    listed = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in but)
    return {str(path.relative_to(folder)): path.read_bytes() for path in listed}
