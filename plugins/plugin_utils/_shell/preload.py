# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads once, before a play's first fork, what each of its workers would load for itself.

Ansible's strategies load an action plugin before they fork a worker for each host, so a worker has what is loaded by
then. A session's libraries and a task's own modules take a worker more time than all else that it does; but a play that
forks no worker for the task has no use for them, so that they are not loaded with the plugin.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module

# Frameworks of macOS, which its Kerberos is made of, must not be loaded by a process that forks afterwards.
LIBRARIES: tuple[str, ...] = (
    () if sys.platform == "darwin" else ("pypsrp.wsman", "pypsrp.powershell", "pypsrp.complex_objects")
)
OWN = "ansible_collections.relayops.exchange.plugins.plugin_utils."
SESSION = ("_shell.advice", "_shell.settings", "_shell.remote_session")

_wanted: list[str] = []


def before_fork(*modules: str) -> None:
    """Have a session's libraries and these modules of plugin_utils loaded when this process forks next."""
    _wanted.extend([*LIBRARIES, *(OWN + module for module in (*SESSION, *modules))])


def _load() -> None:
    """What cannot be loaded is left to the task that needs it, which says what is missing."""
    while _wanted:
        with suppress(Exception):
            import_module(_wanted.pop())


os.register_at_fork(before=_load)
