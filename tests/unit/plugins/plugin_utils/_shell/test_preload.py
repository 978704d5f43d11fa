# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker finds loaded what its task needs; a process that never forks, and one without pypsrp, loads nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COLLECTIONS = Path(__file__).resolve().parents[5] / "build" / "collections"
SCRIPT = """
import os, sys
from ansible.plugins.loader import action_loader, init_plugin_loader

sys.modules.update(dict.fromkeys(sys.argv[4:]))
init_plugin_loader([sys.argv[1]])
assert action_loader.get("relayops.exchange." + sys.argv[2], class_only=True)

def there():
    own = "ansible_collections.relayops.exchange.plugins.plugin_utils."
    return [name for name in (own + "_shell.wire", own + sys.argv[3], "pypsrp.powershell") if sys.modules.get(name)]

before = len(there())
if child := os.fork():
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(before, status, len(there()))
else:
    os._exit(len(there()))
"""
TASKS = {
    "relay_connector": "_relay.relay_task",
    "receive_connector": "_relay.connector_task",
    "receive_connector_info": "_relay.connector_listing",
    "connector_permission": "_relay.permission_task",
    "relay_audit": "_audit.task",
    "accepted_domain_info": "_relay.recipients",
}


def counted(*words: str) -> str:
    """Modules loaded with the plugin, in the worker, and afterwards."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(COLLECTIONS), *words],
        env=os.environ | {"PYTHONPATH": str(COLLECTIONS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Exception" not in done.stderr, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("action", TASKS)
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS forks without the libraries")
def test_a_worker_has_all_of_it(action: str) -> None:
    assert counted(action, TASKS[action]) == "0 3 3"


def test_what_is_missing_is_the_tasks_affair() -> None:
    assert counted("relay_connector", TASKS["relay_connector"], "pypsrp", "pypsrp.powershell") == "0 2 2"
