# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and vaulted values occur nowhere, in no form: not in what a play says at -vvvvv, succeeds or fails or ends
with a traceback, not in its log, in what callbacks are given, in what is registered and kept as facts, in a retry file,
in a recording, not in the command line or environment of any process, not in the lab's own journal.
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
from secret_search import files_below, forms, found, searched

# with what each form writes in its own way
PASSWORD, WRONG = (
    'Lab-Passw0rd "that" no\'b\\dy & <may> s\u00e9e %41!',
    "Wr0ng-Passw0rd 'that' no\"b\\dy & <may> see %41!",
)
PROXY = "Pr0xy-Passw0rd-that-nobody-may-see"


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


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019", password=PASSWORD, switches=Switches()) as started:
        yield started


def vaulted(folder: Path, **secrets: str) -> tuple[Path, Path]:
    """A file of variables, each encrypted by ansible-vault, and the file with its key."""
    from ansible.parsing.vault import VaultLib, VaultSecret

    key, variables = folder / "key", folder / "vars.yml"
    key.write_text("a-key-for-tests")
    library = VaultLib([("default", VaultSecret(b"a-key-for-tests"))])
    with variables.open("w") as file:
        for name, secret in secrets.items():
            lines = library.encrypt(secret.encode()).decode().strip().splitlines()
            file.write(f"{name}: !vault |\n" + "".join(f"  {line}\n" for line in lines))
    return variables, key


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
# how tests/stands/action/broken_look raises
RAISED = ("plainly", "with its own objects", "with the password")
ILL: dict[str, dict[str, Any]] = {
    "as it should be": {},
    "a wrong password": {"endpoint_password": "{{ wrong_password }}"},
    "an option that there is not": {"endpoint_pasword": "{{ vaulted_password }}"},
    "a proxy that does not answer": {"endpoint_proxy": "http://user:{{ proxy_password }}@127.0.0.1:1"},
    "a port where nothing listens": {"endpoint_port": 1},
    "a path that there is not": {"endpoint_path": "Nowhere/"},
    "a password where a number belongs": {"endpoint_port": "{{ vaulted_password }}"},
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["winrm", "psrp"])
def test_nobody_says_a_secret(
    lab: Lab, tmp_path: Path, ansible_playbook: Any, kind: str, record_property: Callable[[str, object], None]
) -> None:
    relay = lab.servers[0].address.rpartition(".")[0] + ".25"
    # callbacks tell arguments as the play has them, so that no secret may stand in the play itself
    variables, key = vaulted(tmp_path, vaulted_password=PASSWORD, wrong_password=WRONG, proxy_password=PROXY)
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
    tasks += _aftermath(tmp_path, given)
    lab.journal.clear()
    shown, written = Spoken((PASSWORD, WRONG)), tmp_path / "written"
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
            **_everything_written(written),
        )
    assert played.stats["ex01"]["ok"] >= len(TASKS)
    assert "raised inside" in played.output
    files = files_below(written)
    assert {Path(name).parts[0] for name in files} == {"log", "tree", "junit", "facts", "retry"}, sorted(files)
    # a misspelt option is unknown to Ansible, so that only its name may be said
    said: dict[str, str | bytes] = {
        "output": played.output,
        "callback": repr(played.events),
        "journal": repr(lab.journal.as_data()),
        "recording": (tmp_path / "recording").read_text(),
        "anonymised recording": (tmp_path / "anonymised").read_text(),
        **files,
    }
    wrong = searched(said, {"the password": PASSWORD, "the wrong password": WRONG, "the proxy's password": PROXY})
    wrong += sorted(shown.found)
    record_property("cases", len(tasks))
    record_property("failures", len(wrong))
    assert watch.looked > 20
    assert wrong == [], "\n".join(wrong)


def _aftermath(folder: Path, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Keep all results as facts, anonymise the recording, raise inside of a plugin, and fail, for a retry file."""
    results = {f"kept_{number}": f"{{{{ said_{number} }}}}" for number in range(len(TASKS))}
    raising = [
        {
            "name": f"Raise {how}",
            "broken_look": {"how": how} | given,
            "ignore_errors": True,
            "register": f"raised_{number}",
        }
        for number, how in enumerate(RAISED)
    ]
    anonymise = {"src": str(folder / "recording"), "dest": str(folder / "anonymised")}
    return [
        {"name": "Keep", "ansible.builtin.set_fact": results | {"cacheable": True}},
        {"name": "Anonymise", "relayops.exchange.recording_anonymised": anonymise},
        *raising,
        *({"name": "Say it", "ansible.builtin.debug": {"var": f"raised_{number}"}} for number in range(len(raising))),
        {"name": "Fail", "ansible.builtin.fail": {"msg": "{{ said_0 }}"}},
    ]


def _everything_written(folder: Path) -> dict[str, str]:
    """An environment in which Ansible writes whatever it can."""
    (folder / "log").mkdir(parents=True)
    return {
        "ANSIBLE_LOG_PATH": str(folder / "log" / "log"),
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
        "ANSIBLE_CALLBACKS_ENABLED": "recorded,ansible.builtin.tree,ansible.builtin.junit",
        "ANSIBLE_CALLBACK_TREE_DIR": str(folder / "tree"),
        "JUNIT_OUTPUT_DIR": str(folder / "junit"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
        "ANSIBLE_RETRY_FILES_ENABLED": "1",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(folder / "retry"),
        "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).resolve().parents[2] / "stands" / "action"),
    }


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


@pytest.mark.parametrize(
    ("form", "written"), [(name, each) for name, listed in forms(PASSWORD).items() for each in listed]
)
def test_the_search_finds_every_form(form: str, written: bytes) -> None:
    """A form that is found is named, wherever in other text it stands."""
    assert form in found(b"before it " + written + b" after it", PASSWORD)
    assert form not in found(b"before it " + written[1:] + b" after it", PASSWORD)


@pytest.mark.parametrize("user", ["a", "ab", "abc"])
def test_the_search_finds_what_basic_authentication_sends(user: str) -> None:
    """However long the user's name is, which moves the password among base64's groups."""
    sent = b"Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode())
    assert found(sent, PASSWORD) == ["base64"]
    script = base64.b64encode(f"{user}{PASSWORD}".encode("utf-16-le"))
    assert "UTF-16 in base64" in found(script, PASSWORD)
