# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connector in a result or a diff: the words of the options, lists sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.connector import (
    ReceiveConnector,
    render_settings,
)
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.desired_connector import CLEARABLE
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.kind import Value
from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.permission import Entry, Principals


def described(connector: ReceiveConnector) -> dict[str, Plain]:
    """Give the settings, fit to be options again, and what identifies the connector.

    ``empty`` lists the options that are empty, so that the whole makes an equal connector even where one exists.
    """
    return {
        **connector.words(),
        "empty": [option for option in CLEARABLE if not connector.settings.get(option, True)],
        "server": connector.server,
        "identity": connector.identity,
        "distinguished_name": connector.distinguished_name,
        "guid": connector.guid,
        "originating_server": connector.originating_server,
        "custom_permissions": connector.custom,
    }


def permissions(entries: Iterable[Entry], groups: Iterable[str], principals: Principals) -> list[Plain]:
    """Give the entries that are not inherited, one item for each account, access and group, with its rights.

    ``granted_by`` is the permission group that brings them, "" where somebody made the entries.
    """
    present = list(groups)
    rights: dict[tuple[str, str, str], set[str]] = {}
    for entry in entries:
        if not entry.inherited:
            rights.setdefault((entry.user, entry.access, principals.granted_by(entry, present)), set()).add(entry.right)
    return [
        {"user": user, "access": access, "rights": list[Plain](sorted(held)), "granted_by": group}
        for (user, access, group), held in sorted(rights.items())
    ]


def diff(title: str, before: Mapping[str, Value] | None, after: Mapping[str, Value] | None) -> dict[str, Plain]:
    """Make Ansible's diff of settings by option; None stands for a connector that is not there."""
    return {
        "before": _side(before),
        "after": _side(after),
        "before_header": title,
        "after_header": title,
    }


def _side(settings: Mapping[str, Value] | None) -> dict[str, Plain]:
    if settings is None:
        return {"state": "absent"}
    return {"state": "present", **render_settings(settings)}
