# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request that gets no answer, as it got none elsewhere."""

from __future__ import annotations


class Broken(Exception):
    """``how`` is a ``status`` of HTTP alone, ``silence`` until the client gives up, ``nonsense``, or a ``cut``."""

    def __init__(self, how: str, status: int = 0) -> None:
        super().__init__(how)
        self.how = how
        self.status = status
