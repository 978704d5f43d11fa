# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and vaulted values occur nowhere: not in what a play says at -vvvvv, succeeds or fails, not in what
callbacks are given, not in the command line or environment of any process, not in the lab's own journal.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from exchange_lab.inventory import connection, endpoint
from exchange_lab.lab import Lab
from exchange_lab.switches import Switches
from process_watch import ProcessWatch, processes

USER = "LAB\\Administrator"
PASSWORD, WRONG = "Lab-Passw0rd-that-nobody-may-see!", "Wr0ng-Passw0rd-that-nobody-may-see!"


@dataclass
class Spoken:
    """Looks for secrets in the command lines and environments of all processes that may be read."""

    secrets: tuple[str, ...]
    found: set[str] = field(default_factory=set)

    def look(self) -> None:
        for folder in processes():
            for name in ("cmdline", "environ"):
                with suppress(OSError):
                    said = (folder / name).read_bytes()
                    if any(secret.encode() in said for secret in self.secrets):
                        self.found.add(f"{name} of {(folder / 'cmdline').read_bytes()[:200]!r}")


def spoken(text: str, secret: str) -> bool:
    """Whether a secret is in a text, as it is or encoded as protocols encode it."""
    forms = [secret, base64.b64encode(secret.encode()).decode()]
    forms += [base64.b64encode(f"{USER}:{secret}".encode()).decode()]
    forms += [base64.b64encode(secret.encode("utf-16-le")).decode()[:-4]]
    return any(form in text for form in forms)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019", password=PASSWORD, switches=Switches()) as started:
        yield started


def vaulted(folder: Path, secret: str) -> tuple[Any, Path]:
    """A value encrypted by ansible-vault, and the file with its key."""
    from ansible.parsing.vault import VaultLib, VaultSecret

    key = folder / "key"
    key.write_text("a-key-for-tests")
    made = VaultLib([("default", VaultSecret(b"a-key-for-tests"))]).encrypt(secret.encode())
    return made.decode(), key


TASKS: dict[str, dict[str, Any]] = {
    "relay_connector": {"connectors": [{"name": "Copiers", "bindings": ["{relay}:25"], "clients": ["192.0.2.77"]}]},
    "receive_connector": {"name": "Second", "bindings": ["{relay}:2525"], "remote_ip_ranges": ["192.0.2.78"]},
    "connector_permission": {"name": "Copiers", "rights": ["ms-Exch-SMTP-Accept-Any-Sender"]},
    "receive_connector_info": {},
    "relay_audit": {},
    "secondary_ip": {"address": "{relay}/24"},
    "exchange_debug": {},
    "accepted_domain_info": {},
}
ILL: dict[str, dict[str, Any]] = {
    "as it should be": {},
    "a wrong password": {"endpoint_password": WRONG},
    "an option that there is not": {"endpoint_pasword": PASSWORD},
    "a port where nothing listens": {"endpoint_port": 1},
    "a path that there is not": {"endpoint_path": "Nowhere/"},
    "a password where a number belongs": {"endpoint_port": PASSWORD},
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["winrm", "psrp"])
def test_nobody_says_a_secret(
    lab: Lab, tmp_path: Path, ansible_playbook: Any, kind: str, record_property: Callable[[str, object], None]
) -> None:
    relay = lab.servers[0].address.rpartition(".")[0] + ".25"
    secret, key = vaulted(tmp_path, PASSWORD)
    host = connection(lab.details(), kind) | {"ansible_password": "{{ vaulted_password }}"}
    given = endpoint(lab.details()) | {"endpoint_password": "{{ vaulted_password }}"}
    given["exchange_recording"] = str(tmp_path / "recording")
    tasks = []
    for number, (module, options) in enumerate(TASKS.items()):
        for what, changes in ILL.items():
            filled = _filled(options, relay)
            name = f"{module} with {what}"
            task = {"name": name, f"relayops.exchange.{module}": filled | given | changes, "ignore_errors": True}
            tasks.append(task | {"register": f"said_{number}"})
        tasks.append({"name": "Say it", "ansible.builtin.debug": {"var": f"said_{number}"}})
    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
    variables = tmp_path / "vars.yml"
    variables.write_text(
        "vaulted_password: !vault |\n" + "".join(f"  {line}\n" for line in secret.strip().splitlines())
    )
    lab.journal.clear()
    shown = Spoken((PASSWORD, WRONG))
    with ProcessWatch(shown.look, 0.01) as watch:
        played = ansible_playbook(
            play,
            {"all": {"hosts": {"ex01": host}}},
            "-vvvvv",
            "--diff",
            "--vault-password-file",
            str(key),
            "-e",
            f"@{variables}",
            timeout=500,
            ANSIBLE_DEBUG="0",
        )
    assert played.stats["ex01"]["ok"] >= len(TASKS)
    # a misspelt option is unknown to Ansible, so that only its name may be said
    said = {
        "output": played.output,
        "callback": repr(played.events),
        "journal": repr(lab.journal.as_data()),
        "recording": (tmp_path / "recording").read_text(),
    }
    wrong = [f"{where} says {each}" for where, text in said.items() for each in (PASSWORD, WRONG) if spoken(text, each)]
    wrong += sorted(shown.found)
    record_property("cases", len(tasks))
    record_property("failures", len(wrong))
    assert watch.looked > 20
    assert wrong == []


def _filled(value: Any, relay: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(item, relay) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, relay) for item in value]
    return value.replace("{relay}", relay) if isinstance(value, str) else value


def test_the_search_would_find_one(tmp_path: Path) -> None:
    """What searches is not blind."""
    import subprocess

    # none of those that the test above looks for, which may run beside this one
    secret = f"shown {WRONG[::-1]}"
    shown = Spoken((secret,))
    with ProcessWatch(shown.look, 0.01):
        subprocess.run(["sleep", "0.5"], env={"A": secret, "PATH": "/usr/bin:/bin"}, check=True)
    assert len(shown.found) == 1
    assert spoken("Basic " + base64.b64encode(f"{USER}:{WRONG}".encode()).decode(), WRONG)
