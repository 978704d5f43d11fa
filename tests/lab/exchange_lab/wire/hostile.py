# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that mean a client ill, ordered as faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import repeat

from .soap import SOAP

_DEPTH = 200_000
_LEVELS = 12
# seconds between pieces of 64 KiB, so that it is some 10 MB a second
_PAUSE = 0.006


def bomb() -> bytes:
    """Entities of ten entities each, ten to the power of twelve words in the end ("billion laughs")."""
    entities = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, _LEVELS + 1))
    return (
        f'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a0 "ha">{entities}]>'
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body>&a{_LEVELS};</s:Body></s:Envelope>'
    ).encode()


def nested() -> bytes:
    """Elements in each other, deeper than any parser needs to go."""
    inner = f"{'<x>' * _DEPTH}{'</x>' * _DEPTH}"
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body>{inner}</s:Body></s:Envelope>'.encode()


def endless() -> Iterator[bytes]:
    """The beginning of an envelope and text for ever, at a pace that leaves a careless client's machine some time."""
    yield f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body>'.encode()
    for piece in repeat(b"x" * 65536):
        time.sleep(_PAUSE)
        yield piece


ANSWERS: dict[str, Callable[[], bytes]] = {"bomb": bomb, "nested": nested}
