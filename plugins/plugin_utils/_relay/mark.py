# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a connector that this collection made is known again: a mark in its Comment."""

from __future__ import annotations

MARK = "[relayops.exchange relay_connector]"


def marked(comment: str | None) -> str:
    """A comment with the mark at its end, once."""
    return f"{unmarked(comment)} {MARK}".strip()


def unmarked(comment: str | None) -> str:
    """A comment without the mark, as people wrote it."""
    return (comment or "").replace(MARK, "").strip()


def is_marked(comment: object) -> bool:
    """Whether a connector's comment says that this collection made it."""
    return MARK in str(comment or "")
