# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One report from the audits of several hosts."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._audit.finding import SEVERITIES, place

_LISTS = ("servers", "accepted_domains", "clients")


# Control characters, those without a width, and those that turn the reading direction
_UNSEEN = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]")


def report(results: Sequence[Mapping[str, Any]], fail_on: str = "never", visible: bool = False) -> dict[str, Any]:
    """Join results of relay_audit; what several of them saw is shown once, and the gravest findings come first.

    ``grave`` holds the findings of severity ``fail_on`` and graver; each row of ``access`` names in ``clients`` the
    registered clients that it serves. ``visible`` shows characters that hide what a text is as U+FFFD. Raises
    ValueError for a severity that is none.
    """
    if fail_on not in (*SEVERITIES, "never"):
        raise ValueError(f"{fail_on!r} is no severity; there are never, {', '.join(SEVERITIES)}")
    if visible:
        results = _shown(results)
    findings = sorted(_once(results, "findings"), key=_order)
    least = SEVERITIES.index(fail_on) if fail_on in SEVERITIES else len(SEVERITIES)
    return {
        "generated": max((str(each.get("generated", "")) for each in results), default=""),
        **{name: _once(results, name) for name in _LISTS},
        "access": _with_clients(_once(results, "access"), _once(results, "clients")),
        "findings": findings,
        "summary": {name: sum(each["severity"] == name for each in findings) for name in reversed(SEVERITIES)},
        "grave": [each for each in findings if SEVERITIES.index(each["severity"]) >= least],
        **_changes([each["changes"] for each in results if each.get("changes")]),
    }


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSEEN.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_shown(name): _shown(item) for name, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else value


def _once(results: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    """Each item once, by its text, as comparing each with each would take minutes where there are thousands."""
    items = (item for result in results for item in result.get(name, ()))
    return list({json.dumps(item, sort_keys=True): item for item in items}.values())


def _with_clients(access: Iterable[Mapping[str, Any]], clients: Iterable[Mapping[str, Any]]) -> list[Any]:
    names: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
    for client in clients:
        for endpoint in client["endpoints"]:
            names[client["server"], client["connector"], endpoint][client["name"]] = None
    return [{**row, "clients": list(names[row["server"], row["connector"], row["endpoints"][0]])} for row in access]


def _order(finding: Mapping[str, Any]) -> tuple[int, int, str, str]:
    return *place(finding["severity"], finding["rule"]), finding["server"], finding["message"]


def _changes(seen: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not seen:
        return {}
    lists = ("servers_new", "findings_new", "findings_gone", "access")
    return {"changes": {"since": str(seen[0].get("since", "")), **{name: _once(seen, name) for name in lists}}}
