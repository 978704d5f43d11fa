# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""50 connectors of 1,300 ranges are audited within 2.5 s of CPU, twice as many in less than 2.3 times that.

With RELAYOPS_LONG=1 four times as many are, within four times that.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.audit import audit
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.estate import Estate, RegisteredClient
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.binding import Binding
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange

RANGES = 1300


def scattered(count: int) -> Iterator[IPRange]:
    """Ranges of one, two or four addresses side by side."""
    sizes = random.Random(7)
    for number in range(count):
        first = (10 << 24) + number * 8
        yield IPRange(4, first, first + sizes.choice([0, 1, 3]))


def nested(count: int) -> Iterator[IPRange]:
    """Ranges of up to 256 addresses that lie within each other or apart, no two alike."""
    numbers, seen = random.Random(7), set()
    while len(seen) < count:
        size = numbers.choice([1, 1, 1, 2, 4, 8, 256])
        first = (10 << 24) + numbers.randrange(count * 8) // size * size
        if (first, size) not in seen:
            seen.add((first, size))
            yield IPRange(4, first, first + size - 1)


def organization(
    make_estate: Callable[..., Estate], make_connector: Callable[..., Any], shape: str, ranges: list[IPRange]
) -> Estate:
    count = len(ranges) // RANGES
    everywhere = (Binding("0.0.0.0", 25),)
    connectors = [
        replace(
            make_connector(f"Relay {number}", "", relay=number % 3 > 0),
            ranges=tuple(sorted(ranges[number::count])),
            bindings=everywhere if shape != "own addresses" else (Binding(f"10.{number}.0.1", 25),),
        )
        for number in range(count)
    ]
    default = make_connector("Default Frontend EX01", "0.0.0.0-255.255.255.255")
    clients = tuple(
        RegisteredClient(f"device {number}", item, "owner", "", date(2026, 1, 1) if number % 50 == 0 else None)
        for number, item in enumerate(ranges[::13] if shape == "clients" else [])
    )
    servers = {f"192.0.2.{number}": "EX02" for number in range(200)}
    return make_estate(default, *connectors, addresses="?", clients=clients, exchange_addresses=servers)


def seconds(estate: Estate) -> float:
    start = time.process_time()
    audit(estate)
    return time.process_time() - start


LONG = os.environ.get("RELAYOPS_LONG") == "1"
CONNECTORS, MOST = (200, 10.0) if LONG else (50, 2.5)
SHAPES = ["nested", *(["clients", "scattered", "own addresses"] if LONG else [])]


@pytest.mark.parametrize("shape", SHAPES)
def test_grows_with_the_ranges(make_estate: Any, make_connector: Any, shape: str) -> None:
    ranges = list((nested if shape == "nested" else scattered)(2 * CONNECTORS * RANGES))
    one, two = (organization(make_estate, make_connector, shape, some) for some in (ranges[::2], ranges))
    small, large = seconds(one), seconds(two)
    if large >= 2.3 * small:  # other processes may have had the caches
        small, large = seconds(one), seconds(two)
    assert small < MOST
    assert large < 2.3 * small
