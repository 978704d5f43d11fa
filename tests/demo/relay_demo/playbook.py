# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the real ansible-playbook on a playbook of this checkout and reads its recap."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

RECAP = re.compile(r"^\S+\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
# a play against the lab takes a few seconds; a hang shall not be waited for
DEADLINE = 60


@dataclass(frozen=True)
class Play:
    """How a run ended; ``changed`` is -1 if there was no recap."""

    status: int
    changed: int
    output: str


def environment(collections: Path, home: Path) -> dict[str, str]:
    """Return an environment in which Ansible sees this checkout's collection and no settings of the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "EXCHANGE_"))}
    return kept | {
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_CONFIG": str(settings(home)),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "False",
        "PYTHONUNBUFFERED": "1",
    }


def settings(folder: Path) -> Path:
    """Write an empty ansible.cfg, so that none of the user's is found."""
    path = folder / "ansible.cfg"
    path.write_text("[defaults]\n", encoding="utf-8")
    return path


def inventory(folder: Path, groups: Mapping[str, object]) -> Path:
    """Write an inventory, readable for its owner alone since it holds the lab's password."""
    path = folder / "inventory.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(groups, indent=1), encoding="utf-8")
    return path


def run(playbook: str, inventory_file: Path, environ: Mapping[str, str], show: Callable[[str], None]) -> Play:
    """Run ansible-playbook --diff and hand each line of output on as it comes."""
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "--diff", "-i", str(inventory_file), playbook]
    with subprocess.Popen(
        ["timeout", str(DEADLINE), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=dict(environ),
    ) as process:
        lines = []
        for line in process.stdout or ():
            lines.append(line.rstrip("\n"))
            show(lines[-1])
    recap = [found for found in map(RECAP.match, lines) if found]
    return Play(process.returncode, int(recap[-1][2]) if recap else -1, "\n".join(lines))
