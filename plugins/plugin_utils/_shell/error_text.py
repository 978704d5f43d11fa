# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error records out of the text that powershell.exe prints for them."""

from __future__ import annotations

import re

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord

# The two lines of the NormalView of an error, whose labels stay English on every Windows; the host may wrap them.
CATEGORY = re.compile(
    r"\+ CategoryInfo\s*:\s*(?P<category>\w+): \((?P<target>.{0,4000}?)\) \[(?P<cmdlet>[^\[\]]{0,400})\],"
    r" (?P<reason>\S+)",
    re.S,
)
IDENTIFIER = re.compile(r"\+ FullyQualifiedErrorId\s*:\s*(?P<id>.+)", re.S)
POSITION = re.compile(r"^(?:[^\n]{0,500}?:\s{0,9}\d{1,9}[^\n]{0,200}?:\s{0,9}\d{1,9}\s*$|\+ )", re.M)

# characters; PowerShell's own records are a page at most
LONGEST = 65536


def error_record(text: str) -> ErrorRecord:
    """Return the first record in what was printed; text of any other kind becomes the message.

    Of a text without end its beginning is read.
    """
    plain = text[:LONGEST].replace("\r\n", "\n").strip()
    category = CATEGORY.search(plain)
    identifier = IDENTIFIER.search(plain)
    message = plain[: category.start()] if category else plain
    position = POSITION.search(message)
    message = " ".join((message[: position.start()] if position and position.start() else message).split())
    cmdlet = _joined(category["cmdlet"]) if category else ""
    return ErrorRecord(
        message=message.removeprefix(f"{cmdlet} : ") if cmdlet else message,
        category=category["category"] if category else "",
        reason=category["reason"] if category else "",
        error_id=_first_record(identifier["id"]) if identifier else "",
        cmdlet=cmdlet,
        target=_joined(category["target"]).removesuffix(":") if category else "",
        raw=plain,
    )


def _first_record(text: str) -> str:
    """The identifier of the first record: wrapped lines are joined up to an empty line."""
    return _joined(re.split(r"\n\s*\n|\n(?=\S+ : )", text)[0])


def _joined(text: str) -> str:
    return re.sub(r"\n\s*", "", text).strip()
