# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module connector_permission: read, compare, write unless in check mode, read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission_change import Wanted
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.rights import check_version
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import guard, permissions, reading
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.permissions import Target
from ansible_collections.relayops.exchange.plugins.plugin_utils._relay.reading import Servers


def apply(
    caller: Servers, arguments: Mapping[str, Plain], check_mode: bool, warn: Callable[[str], None]
) -> dict[str, Plain]:
    """Bring one account's rights on one connector to what the options say; the result of the module."""
    asked = permissions.wanted(arguments)
    kind = str(arguments.get("connector_type") or "receive")
    connector = str(arguments["connector"])
    server = permissions.server_of(connector, str(arguments.get("server") or ""), "")
    if kind == "receive":
        reading.ahead(caller, server)
        server = server or caller.facts.name
    if asked.state != "absent":
        check_version(asked.rights, caller.facts_of(server) if server else caller.facts)
    target = permissions.read(caller, connector, server, kind)
    asked = permissions.learn(caller, target, asked)
    change = permissions.compare(target, asked)
    permissions.check(caller, target, change, allowed(arguments))
    for note in change.notes:
        warn(note)
    steps = permissions.steps(change, target)
    after = permissions.predicted(target, change)
    if steps and not check_mode:
        for words, command in steps:
            caller.call(command, words)
        after = reading.entries(caller, target.distinguished_name)
        _agree(target, asked, after)
    return _result(target, asked, [words for words, _command in steps], after)


def allowed(arguments: Mapping[str, Plain]) -> guard.Allowed:
    """The dangers that the options take on."""
    return guard.Allowed(
        wide_range=arguments.get("allow_wide_range") is True,
        any_range=arguments.get("allow_any_range") is True,
        server_address=arguments.get("allow_server_address") is True,
        default_connector=arguments.get("allow_default_connector") is True,
        trust=arguments.get("acknowledge_trust") is True,
    )


def _agree(target: Target, asked: Wanted, after: list[Entry]) -> None:
    """A change counts only once Exchange has been read again and agrees; ValueError otherwise."""
    left = permissions.compare(Target(target.connector, target.server, [], after, target.principals), asked)
    missing, remaining = ", ".join(left.add), ", ".join(left.remove)
    if missing or remaining:
        reason = f"{missing} missing" if missing else f"{remaining} still there"
        raise ValueError(
            f"connector {target.title}: Exchange took the change of {asked.user}'s rights, but reading again shows "
            f"{reason}. Run the task again, and look for another administrator or a policy that changes these entries"
        )


def _result(target: Target, asked: Wanted, steps: Sequence[str], after: Sequence[Entry]) -> dict[str, Plain]:
    before, now = permissions.described(target, target.entries), permissions.described(target, after)
    mine = [entry for entry in after if target.principals.same(entry.user, asked.user) and not entry.inherited]
    by_group = {entry: target.principals.granted_by(entry, target.groups) for entry in mine}
    return {
        "changed": bool(steps),
        "steps": list[Plain](steps),
        "connector": target.title,
        "distinguished_name": target.distinguished_name,
        "permission_groups": list[Plain](target.groups),
        "user": mine[0].user if mine else target.principals.account(asked.user),
        "allowed": [entry.right for entry in mine if not entry.deny and not by_group[entry]],
        "denied": [entry.right for entry in mine if entry.deny],
        "granted_by_group": {entry.right: group for entry, group in by_group.items() if group},
        "diff": {
            "before": {"permissions": list[Plain](before)},
            "after": {"permissions": list[Plain](now)},
            "before_header": target.title,
            "after_header": target.title,
        },
    }
