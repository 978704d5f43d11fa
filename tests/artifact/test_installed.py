# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The published artifact, installed as a user installs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
# Ansible loads nothing else
NEEDED = {"meta", "plugins", "roles", "playbooks"}
MODULES = sorted(path.stem for path in CHECKOUT.glob("plugins/modules/*.py"))
FILTERS = sorted(path.stem for path in CHECKOUT.glob("plugins/filter/*.yml"))
ROLES = sorted(path.parents[1].name for path in CHECKOUT.glob("roles/*/meta/argument_specs.yml"))


def run(*command: str, **variables: str) -> str:
    """What a program of this environment prints; it must succeed."""
    program = str(PROGRAMS / command[0])
    environment = os.environ | {"ANSIBLE_NOCOLOR": "1"} | variables
    done = subprocess.run([program, *command[1:]], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path of collections with nothing but the artifact."""
    folder = tmp_path_factory.mktemp("artifact")
    run("ansible-galaxy", "collection", "build", str(CHECKOUT), "--output-path", str(folder))
    (artifact,) = folder.glob("relayops-exchange-*.tar.gz")
    target = str(folder / "collections")
    # the checkout, which the tests link, would count as installed already
    only_here = {"ANSIBLE_COLLECTIONS_PATH": target}
    run("ansible-galaxy", "collection", "install", str(artifact), "--offline", "-p", target, **only_here)
    return folder / "collections"


@pytest.fixture(scope="module")
def collection(collections: Path) -> Path:
    return collections / "ansible_collections" / "relayops" / "exchange"


def test_it_is_the_version_of_galaxy_yml_without_what_only_developers_need(collection: Path) -> None:
    manifest = json.loads((collection / "MANIFEST.json").read_text())["collection_info"]
    assert manifest["version"] == yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"] == "1.0.0"
    held = {path.name for path in collection.iterdir()}
    assert held >= NEEDED | {"README.md", "LICENSE", "CHANGELOG.md", "docs"}
    assert not held & {"tests", "extensions", "build", ".ci", ".venv", ".git", ".nox", ".github"}
    assert not [path for path in collection.rglob("*") if path.name in ("__pycache__", ".ruff_cache")]


@pytest.mark.parametrize(("kind", "names"), [("module", MODULES), ("filter", FILTERS)])
def test_ansible_doc_shows_every_plugin(collections: Path, kind: str, names: list[str]) -> None:
    full = [f"relayops.exchange.{name}" for name in names]
    told = json.loads(
        run("ansible-doc", "-t", kind, "--json", *full, ANSIBLE_COLLECTIONS_PATH=str(collections), COLUMNS="120")
    )
    assert sorted(told) == full
    for name, page in told.items():
        assert len(page["doc"]["short_description"]) > 10, name
        assert yaml.safe_load(page["examples"]), name
        assert page["return"], name
        for option, described in page["doc"]["options"].items():
            assert described["description"], (name, option)
    text = run("ansible-doc", "-t", kind, *full, ANSIBLE_COLLECTIONS_PATH=str(collections), COLUMNS="120")
    assert all(name in text for name in names)


def test_ansible_doc_shows_every_role(collections: Path) -> None:
    full = [f"relayops.exchange.{name}" for name in ROLES]
    told = json.loads(
        run("ansible-doc", "-t", "role", "--json", *full, ANSIBLE_COLLECTIONS_PATH=str(collections), COLUMNS="120")
    )
    assert sorted(told) == full
    for name, page in told.items():
        main = page["entry_points"]["main"]
        assert len(main["short_description"]) > 10, name
        assert main["description"], name
        assert set(main["attributes"]) >= {"check_mode", "diff_mode", "idempotent"}, name
        assert all(described["description"] for described in main["options"].values()), name


def test_a_play_needs_nothing_but_four_folders(
    collections: Path, collection: Path, make_lab: Callable[..., Lab], ansible_playbook: Any, tmp_path: Path
) -> None:
    """Everything else of the installed copy is deleted first; the playbook is called by its full name."""
    bare = tmp_path / "collections"
    kept = bare / "ansible_collections" / "relayops" / "exchange"
    shutil.copytree(collections, bare)
    for path in kept.iterdir():
        if path.name not in NEEDED:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert {path.name for path in kept.iterdir()} == NEEDED
    lab = make_lab("2019")
    network = lab.details()["network"].rpartition(".")[0]
    wanted = {"relay_name": "Relay", "relay_address": f"{network}.25/24", "relay_clients": [f"{network}.77"]}
    wanted["relay_probes"] = [
        {"source_address": f"{network}.77", "port": lab.smtp_port(25), "rcpt_to": "someone@example.net"}
    ]
    played = ansible_playbook(
        Path("relayops.exchange.provision"),
        inventory(lab.details(), **wanted),
        ANSIBLE_COLLECTIONS_PATH=str(bare),
    )
    assert played.code == 0, played.output
    assert "Relay" in [each.name for each in lab.organisation.connectors("EX01")]
