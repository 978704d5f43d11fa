# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps of exchange_debug for a session on the endpoint and for one on the host."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Plain, Session
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import diagnosis
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.controller import controller
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.deadline import Backoff
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.diagnosis import Diagnosis
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.local_session import LocalSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.opening import Way, automatic, local
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import Settings

REMOTE = ["libraries", "settings", "kerberos", "name", "tcp", "tls", "authentication and endpoint", "version", "roles"]
LOCAL = ["connection", "snap-in", "version"]
CHOICE = "management_shell"

Warn = Callable[[str], None]


def examine(way: Way, server: Plain, warn: Warn) -> dict[str, Any]:
    """Return the result of the module: the controller, the endpoint, the steps."""
    result: dict[str, Any] = {"changed": False, "controller": controller()}
    chosen = Diagnosis([CHOICE])
    kind = way.options.get("management_shell")
    if kind == "auto" and not chosen.step(CHOICE, lambda: _chosen(way)):
        found = chosen
    elif kind == "local" or (kind == "auto" and chosen.steps[0]["found"] == "local"):
        found = _local(local(way), way, server, warn)
    else:
        settings = way.settings()
        result["endpoint"] = {"url": settings.url, "auth": settings.auth, "username": settings.username}
        result["endpoint"]["credentials_from"] = settings.source
        found = _remote(settings, way, server, warn)
    result["steps"] = [*(chosen.steps if found is not chosen else []), *found.result()]
    failed = found.failed
    if failed is None:
        reached = next((step["found"] for step in found.steps if step["name"] == "version"), "")
        return {**result, "msg": f"everything works: {reached}"}
    text = f"{failed['name']}: {failed['found']}. {failed['remedy']}"
    return {**result, "failed": True, "msg": text.rstrip(". ") + "."}


def _chosen(way: Way) -> str:
    session = automatic(way, lambda text: None)
    session.close()
    return "local" if isinstance(session, LocalSession) else "remote"


def _remote(settings: Settings, way: Way, server: Plain, warn: Warn) -> Diagnosis:
    skipped = {"kerberos": settings.auth != "kerberos", "tls": not settings.ssl}
    found = Diagnosis([name for name in REMOTE if not skipped.get(name)])
    checks = {
        "libraries": diagnosis.check_libraries,
        "settings": diagnosis.check_settings,
        "kerberos": diagnosis.check_kerberos,
        "name": diagnosis.check_name,
        "tcp": diagnosis.check_tcp,
        "tls": diagnosis.check_tls,
    }
    for name in found.names:
        if name in checks:
            found.step(name, partial(checks[name], settings))
    session = RemoteSession(settings, way.deadline, Backoff(attempts=2), connect=way.connect)
    try:
        if found.step("authentication and endpoint", partial(diagnosis.check_authentication, session)):
            _inside(found, session, way, server, warn)
    finally:
        session.close()
    return found


def _inside(found: Diagnosis, session: Session, way: Way, server: Plain, warn: Warn) -> None:
    exchange = Exchange(session, warn, None, str(server) if server else None, way.names)
    if found.step("version", partial(diagnosis.check_version, exchange)) and "roles" in found.names:
        found.step("roles", partial(diagnosis.check_roles, exchange))


def _local(session: LocalSession, way: Way, server: Plain, warn: Warn) -> Diagnosis:
    found = Diagnosis(list(LOCAL))
    found.step("connection", session.reach)
    found.step("snap-in", session.snap_in)
    exchange = Exchange(session, warn, None, str(server) if server else None, way.names)
    found.step("version", partial(diagnosis.check_version, exchange))
    return found
