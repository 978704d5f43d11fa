# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in words, for people who approve a change before it is made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.range_sets import subtract
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.ranges import IPRange
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.state import State

_SHOWN = 5


def listed(items: Iterable[object]) -> str:
    """The first few items, and how many more there are."""
    texts = [str(item) for item in items]
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more


def removing(server: str, name: str, reason: str) -> str:
    """A connector goes."""
    return f"Remove {server}\\{name}" + (f", {reason}" if reason else "")


def creating(server: str, goal: State) -> str:
    """A connector comes, closed or as it is meant to be."""
    return (
        f"Create {server}\\{goal.name}{'' if goal.enabled else ', closed,'} on {listed(sorted(goal.bindings))} for "
        f"{listed(sorted(goal.ranges))} with {listed(sorted(goal.groups)) or 'no permission group'}"
    )


def closing(server: str, name: str) -> str:
    """A connector is switched off."""
    return f"Close {server}\\{name}"


def opening(server: str, goal: State, nobody: bool) -> str:
    """A connector is switched on, with all it is meant to have, or with nobody to serve yet."""
    if nobody:
        return f"Open {server}\\{goal.name} to nobody yet"
    what = "relay" if goal.relays else "write to accepted domains"
    return f"Open {server}\\{goal.name}, so that {listed(sorted(goal.ranges))} may {what}"


def parking(server: str, name: str, nobody: IPRange) -> str:
    """A connector lets go of all its addresses for a moment."""
    return f"Let nobody in on {server}\\{name} for a moment ({nobody}, which nothing can send from)"


def narrowing(server: str, before: State, gone: Sequence[IPRange]) -> str:
    """Addresses leave."""
    return f"Take {listed(gone)} off {server}\\{before.name}"


def settling(server: str, now: State, goal: State, values: Mapping[str, Value]) -> str:
    """Settings change, and addresses arrive."""
    parts: list[str] = []
    others = {option: value for option, value in values.items() if option != "remote_ip_ranges"}
    if others:
        parts.append(setting(server, goal.name, others))
    if "remote_ip_ranges" in values:
        come = subtract(goal.ranges, now.ranges)
        verb = "let" if parts else "Let"
        parts.append(f"{verb} {listed(come)} in on {server}\\{goal.name}" if come else f"{verb} ranges be as written")
    return ", and ".join(parts)


def setting(server: str, name: str, values: Mapping[str, Value]) -> str:
    """Settings change, by the names of their options."""
    parts = [f"{option} to {_shown(option, value)}" for option, value in values.items()]
    return f"Set {', '.join(parts)} on {server}\\{name}"


def _shown(option: str, value: Value) -> str:
    if value is None:
        return "nothing"
    rendered = PARAMETERS[option].kind.render(value)
    if isinstance(rendered, list):
        return "[" + listed(rendered) + "]"
    return str(rendered).lower() if isinstance(rendered, bool) else str(rendered)


def entry(server: str, name: str, user: str, rights: Collection[str], adds: bool, deny: bool, recheck: bool) -> str:
    """Rights of one account change."""
    what = f"{' and '.join(rights)}"
    if deny:
        text = (
            f"Deny {what} to {user} on {server}\\{name}"
            if adds
            else f"Stop denying {what} to {user} on {server}\\{name}"
        )
    else:
        text = f"Grant {what} to {user} on {server}\\{name}" if adds else f"Take {what} from {user} on {server}\\{name}"
    if not recheck:
        return text
    return f"{text}, unless {'it is there' if adds else 'it went'} when permission_groups was set"
