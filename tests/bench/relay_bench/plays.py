# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sides that run in ansible-playbook: this collection, and the same cmdlets as raw tasks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exchange_lab.inventory import connection, endpoint

from .direct import ANONYMOUS, RIGHT
from .stage import Stage, client, name

HERE = Path(__file__).resolve()
CHECKOUT = HERE.parents[3]
COLLECTIONS = CHECKOUT / "build" / "collections"
SNAP_IN = "Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn"
Tasks = Sequence[Mapping[str, Any]]


def link_collection() -> None:
    """Put this checkout where Ansible looks for collections."""
    link = COLLECTIONS / "ansible_collections" / "relayops" / "exchange"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(CHECKOUT)


def ours(stage: Stage, number: int) -> Tasks:
    """The whole list in one task."""
    wanted = [{"name": name(each), "address": stage.address, "clients": [client(each)]} for each in range(number)]
    return [{"relayops.exchange.relay_connector": {"connectors": wanted}}]


def on_each() -> Tasks:
    """One connector on every server of the play, on all its addresses."""
    return [{"relayops.exchange.relay_connector": {"connectors": [{"name": name(0), "clients": [client(0)]}]}}]


def role(stage: Stage, number: int) -> Tasks:
    """The role for each connector: its own address on the host, the connector, the right."""
    own = {
        "relay_name": "Relay {{ item }}",
        "relay_address": stage.spare(),
        "relay_clients": ["{{ '198.18.0.%d' | format(item + 1) }}"],
    }
    return [
        {"ansible.builtin.include_role": {"name": "relayops.exchange.relay"}, "vars": own, "loop": [*range(number)]}
    ]


def raw(stage: Stage, number: int) -> Tasks:
    """A task for each cmdlet that ours sends, as a playbook does it that has no collection for this.

    It looks first, makes and grants, and checks afterwards.
    """
    server = stage.details["servers"][0]["name"]
    look = f"Get-ReceiveConnector -Server '{server}'"
    lines = ["Get-ExchangeServer", look, f"Get-NetworkConnectionInfo -Identity '{server}'"]
    for each in range(number):
        lines += [
            f"New-ReceiveConnector -Name '{name(each)}' -Server '{server}' -TransportRole 'FrontendTransport' -Custom "
            f"-Bindings '{stage.address}:25' -RemoteIPRanges '{client(each)}' -PermissionGroups 'AnonymousUsers' "
            "-AuthMechanism 'Tls'",
            f"Get-ReceiveConnector -Identity '{server}\\{name(each)}' | Add-ADPermission -User '{ANONYMOUS}' "
            f"-ExtendedRights '{RIGHT}'",
        ]
    return [{"ansible.builtin.raw": f"{SNAP_IN}; {line}"} for line in [*lines, look]]


def empty(_stage: Stage, _number: int) -> Tasks:
    """A task whose action does nothing: what any task costs."""
    return [{"nothing": {}}]


def play(stage: Stage, tasks: Tasks, kind: str = "winrm", forks: int = 5) -> None:
    """Run a play of these tasks on all servers; RuntimeError with its last words where one fails."""
    details = stage.details
    hosts = {
        server["name"].lower(): connection(details, kind, number) | {"exchange_session": endpoint(details, number)}
        for number, server in enumerate(details["servers"])
    }
    inventory, playbook = stage.folder / "inventory.json", stage.folder / "play.json"
    inventory.write_text(json.dumps({"exchange": {"hosts": hosts}}))
    content = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": list(tasks),
    }
    playbook.write_text(json.dumps([content]))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), f"--forks={forks}", f"--inventory={inventory}"]
    done = subprocess.run(
        [*command, str(playbook)], env=_environment(stage.folder), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{tasks[0]}: {(done.stdout + done.stderr)[-2000:]}")


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_ACTION_PLUGINS": str(HERE.parent / "action"),
        "ANSIBLE_LIBRARY": str(HERE.parent / "modules"),
        "ANSIBLE_NOCOLOR": "1",
    }
