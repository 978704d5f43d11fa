# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recent use of clients that are taken away, as warnings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import merge, subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.usage import Usage, usages

_MOST = 20
_NO_FILE = "name a relay-usage.json that the role relay_usage has written"


def read(path: str) -> list[Usage]:
    """Read a relay-usage.json; raises ValueError for anything else."""
    try:
        return usages([json.loads(Path(path).read_text(encoding="utf-8"))])
    except OSError as problem:
        raise ValueError(f"recent_use: {path} cannot be read ({problem.strerror}); {_NO_FILE}") from None
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"recent_use: {path} holds no use of connectors; {_NO_FILE}") from None


def warn(used: list[Usage], say: Callable[[str], None], result: Mapping[str, Any]) -> None:
    """Say what the result of a module that changes connectors takes away; to be called before it is written."""
    for text in warnings(used, result["diff"]):
        say(text)


def warnings(used: list[Usage], diff: Mapping[str, Any]) -> Iterator[str]:
    """Say of each client that a difference of connectors takes away when it was last seen and what it sent.

    ``diff`` is that of receive_connector, about one connector, or of relay_connector, about several by their titles.
    """
    said = 0
    for title, lost in _lost(diff).items():
        for one in used:
            if f"{one.server}\\{one.connector}".lower() == title.lower() and one.writes and _holds(lost, one.client):
                said += 1
                if said <= _MOST:
                    yield _words(title, one)
    if said > _MOST:
        yield f"{said - _MOST} more clients that are taken away have been seen in the logs"


def _words(title: str, one: Usage) -> str:
    count, outside = one.sums["messages"], one.sums["recipients_outside"]
    messages, recipients = f"message{'s' * (count != 1)}", f"recipient{'s' * (outside != 1)}"
    return (
        f"{one.client} loses {title}, and was last seen there {one.last_seen[:16].replace('T', ' ')} UTC, with {count}"
        f" {messages} and {outside} {recipients} outside since {one.first_seen[:10]}"
    )


def _lost(diff: Mapping[str, Any]) -> dict[str, list[IPRange]]:
    """The ranges that each connector has before and not after."""
    before, after = (_by_title(diff, side) for side in ("before", "after"))
    lost = {title: subtract(merge(ranges), merge(after.get(title, []))) for title, ranges in before.items()}
    return {title: ranges for title, ranges in lost.items() if ranges}


def _by_title(diff: Mapping[str, Any], side: str) -> dict[str, list[IPRange]]:
    found = diff.get(side) or {}
    if not all(isinstance(value, Mapping) for value in found.values()):
        found = {str(diff.get("before_header", "")): found}
    return {title: [IPRange.parse(each) for each in of.get("remote_ip_ranges") or []] for title, of in found.items()}


def _holds(ranges: list[IPRange], client: str) -> bool:
    try:
        address = IPRange.parse(client)
    except ValueError:
        return False
    return any(each.covers(address) for each in ranges)
