# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What loading the action plugins loads: what every task needs, and nothing that only some work does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COLLECTION = "ansible_collections.relayops.exchange.plugins."
NEEDED = {
    "_command",
    *(f"_exchange.{name}" for name in ("binding", "capabilities", "enumeration", "kind", "parameters", "ranges")),
    *(f"_exchange.{name}" for name in ("size", "timespan", "unlimited", "version")),
    *(f"_shell.{name}" for name in ("action", "deadline", "errors", "exchange", "interruption", "judge", "opening")),
    *(f"_shell.{name}" for name in ("options", "plain", "preload", "run", "server_choice")),
    # what the actions on the host, and acceptance_promise, are made of
    "_windows.action",
    *(f"_acceptance.{name}" for name in ("expectation", "promise")),
}


def test_an_action_plugin_loads_what_every_task_needs() -> None:
    actions = Path(__file__).parents[5] / "plugins" / "action"
    names = [path.stem for path in actions.glob("*.py") if path.stem != "__init__"]
    # some ansible-core versions load a part of it themselves
    words = "\n".join(
        ["import sys, ansible.plugins.action", "theirs = set(sys.modules)"]
        + [f"import {COLLECTION}action.{name}" for name in names]
        + ["print(*sys.modules.keys() - theirs)"]
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", words], env=environment, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    prefix = f"{COLLECTION}plugin_utils."
    own = {name.removeprefix(prefix) for name in loaded if name.startswith(prefix)}
    assert {name for name in own if not name.startswith("_") or "." in name or name == "_command"} == NEEDED
    assert not {"netaddr", "pypsrp", "requests", "xml.etree.ElementTree"} & set(loaded)
