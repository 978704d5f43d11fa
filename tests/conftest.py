# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts this checkout where Python and Ansible look for a collection; labs and playbook runs for tests."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from exchange_lab.lab import Lab

CHECKOUT = Path(__file__).resolve().parent.parent
# ansible-test wants the checkout where Ansible would have it
PLACED = CHECKOUT.parts[-3:] == ("ansible_collections", "relayops", "exchange")
COLLECTIONS = CHECKOUT.parents[2] if PLACED else CHECKOUT / "build" / "collections"


def link_collection() -> None:
    """Link the checkout as ``ansible_collections/relayops/exchange`` below ``build/collections``."""
    link = COLLECTIONS / "ansible_collections" / "relayops" / "exchange"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(CHECKOUT)
        # build/collections was on sys.path before it was there
        importlib.invalidate_caches()


if not PLACED:
    link_collection()
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(COLLECTIONS)

with suppress(ImportError):  # the judges' environments have no hypothesis
    import hypothesis

    # a loaded machine is slow in making examples too; that says nothing about the code
    hypothesis.settings.register_profile(
        "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("any machine")

LabFactory = Callable[..., "Lab"]


@pytest.fixture
def make_lab() -> Iterator[LabFactory]:
    """Labs of this process: ``make_lab("2016", servers=2)`` gives a started one; all are stopped in the end."""
    from exchange_lab.lab import Lab

    with ExitStack() as labs:
        yield lambda *arguments, **options: labs.enter_context(Lab(*arguments, **options))


@dataclass(frozen=True)
class KerberosLab:
    """A lab with a KDC, and the environment of a child process that finds its realm and its servers' names."""

    lab: Lab
    environment: Mapping[str, str]

    def ticket(
        self, name: str, user: str = "Administrator", password: str = "", lifetime: str = "1h"
    ) -> dict[str, str]:
        """A child's environment with a ticket of that user, got as ``kinit`` gets it, in a cache of that name."""
        assert self.lab.kerberos
        password = password or self.lab.password
        return dict(self.environment) | self.lab.kerberos.ticket(user, password, self.lab.folder / name, lifetime)


@pytest.fixture(scope="module")
def kerberos_lab() -> Iterator[KerberosLab]:
    """A lab with a KDC; this process finds the realm and resolves the servers' names too, and holds no ticket.

    Skips where MIT Kerberos, its Python modules or nss_wrapper are missing, saying which.
    """
    from exchange_lab import kerberos, names
    from exchange_lab.lab import Lab

    if lacking := ", ".join(filter(None, (kerberos.missing(), names.missing()))):
        pytest.skip(f"Kerberos cannot be played without {lacking}")
    with Lab(kerberos=True) as lab, pytest.MonkeyPatch.context() as patch:
        assert lab.kerberos
        own = lab.kerberos.client_environment | {"KRB5CCNAME": f"FILE:{lab.folder / 'no-ticket'}"}
        for name, value in own.items():
            patch.setenv(name, value)
        with names.resolved(lab.hosts_file):
            yield KerberosLab(lab, own | names.child_environment(lab.hosts_file))


@dataclass
class Played:
    """A run of ansible-playbook: exit code, what it printed, and its task results in order."""

    code: int
    output: str
    events: list[dict[str, Any]]

    def results(self, task: str = "") -> list[dict[str, Any]]:
        """The results of the tasks of that name, or of all."""
        return [event["result"] for event in self.events if "result" in event and task in ("", event["task"])]

    def result(self, task: str) -> dict[str, Any]:
        """The one result of a task."""
        (found,) = self.results(task)
        return found

    @property
    def stats(self) -> dict[str, dict[str, int]]:
        """ok, changed, failures … by host."""
        return next((event["hosts"] for event in self.events if event["kind"] == "stats"), {})


@dataclass
class AnsiblePlaybook:
    """Runs ``ansible-playbook`` of this environment on a play given as data or as a file."""

    folder: Path
    runs: int = 0

    def __call__(
        self, play: Any, inventory: Mapping[str, Any], *options: str, timeout: float = 300, **variables: str
    ) -> Played:
        """Run a play; ``variables`` are added to the environment, ``options`` to the command line."""
        self.runs += 1
        folder = self.folder / f"run{self.runs}"
        folder.mkdir()
        (folder / "inventory.yml").write_text(yaml.safe_dump(dict(inventory)))
        playbook = folder / "play.yml"
        if isinstance(play, Path):
            playbook = play
        else:
            playbook.write_text(yaml.safe_dump(play if isinstance(play, list) else [play], sort_keys=False))
        words = ["-i", str(folder / "inventory.yml"), *options, str(playbook)]
        # only pytest's own run of the suite has tests/stands on its path when it reads this file
        from loaded_ansible import LOADED

        environment = self._environment(LOADED.folder, folder / "results") | variables
        code, output = LOADED.run(words, environment, folder, timeout)
        results = folder / "results"
        events = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
        return Played(code, output, events)

    def _environment(self, home: Path, results: Path) -> dict[str, str]:
        return os.environ | {
            "ANSIBLE_HOME": str(home / "home"),
            "ANSIBLE_LOCAL_TEMP": str(home / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "tests" / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "recorded",
            "RECORDED_RESULTS": str(results),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_RETRY_FILES_ENABLED": "0",
            "no_proxy": "*",
        }


@pytest.fixture
def ansible_playbook(tmp_path: Path) -> AnsiblePlaybook:
    """Runs plays; see AnsiblePlaybook."""
    return AnsiblePlaybook(tmp_path)
