# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example in the READMEs, and in the guides that have no test of their own, run as it stands but for addresses,
the lab's SMTP port and its connection variables."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import documentation
import pytest
import yaml
from documentation import CHECKOUT
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

# the order in which they make sense on one server; each page's plays follow each other
PAGES = [
    "README.md",
    "docs/docsite/rst/guide_first_relay.rst",
    "docs/docsite/rst/guide_need.rst",
    "docs/docsite/rst/guide_secondary_ip.rst",
    "roles/receive_connector/README.md",
    "roles/relay/README.md",
    "roles/anonymous_relay/README.md",
    "roles/secondary_ip/README.md",
    "roles/relay_audit/README.md",
]


def shown(page: str) -> list[Any]:
    """What the YAML of a page says."""
    return [yaml.safe_load(block.text) for block in documentation.blocks(page) if block.language == "yaml"]


def plays(page: str) -> list[dict[str, Any]]:
    """The plays of a page; what is an inventory is left out."""
    return [play for block in shown(page) if isinstance(block, list) for play in block]


def inventories(page: str) -> list[dict[str, Any]]:
    """The inventories of a page."""
    return [found for found in shown(page) if isinstance(found, dict)]


def here(value: Any, lab: Lab, folder: Path) -> Any:
    """An example with the lab's network, its accepted domain, and a folder that may be written to."""
    network = lab.details()["network"].rpartition(".")[0]
    text = yaml.safe_dump(value, sort_keys=False).replace("192.0.2", network).replace("/srv", str(folder))
    return yaml.safe_load(text.replace("helpdesk@example.com", "helpdesk@lab.example"))


def ported(play: dict[str, Any], lab: Lab) -> dict[str, Any]:
    """A play whose questions go to the port on which the lab has SMTP."""
    for task in play.get("tasks", []):
        if "relayops.exchange.smtp_probe" in task:
            task["relayops.exchange.smtp_probe"]["port"] = lab.smtp_port(25)
    for role in play.get("roles", []):
        for probe in role["vars"].get("relay_probes", []):
            probe["port"] = lab.smtp_port(25)
            if "run_on" in probe:
                probe["source_address"] = role["vars"]["relay_clients"][0]
    return play


def test_the_first_inventories_are_the_one_that_is_run_with_kerberos() -> None:
    connecting = (inventory for inventory in inventories("docs/docsite/rst/guide_connecting.rst"))
    tried = next(connecting)
    for page in PAGES[:2]:
        (shown,) = inventories(page)
        shown["exchange"]["vars"].pop("ansible_password", None)
        assert shown == tried, page


def test_the_first_pages_name_the_packages_that_kerberos_needs() -> None:
    needed = [line.split()[0] for line in (CHECKOUT / "meta/ee-bindep.txt").read_text().splitlines() if line[0] != "#"]
    for page in PAGES[:2]:
        assert [name for name in needed if not re.search(rf"\b{name}\b", (CHECKOUT / page).read_text())] == []


@pytest.mark.timeout(300)
def test_the_plays_do_what_they_say(
    make_lab: Callable[..., Lab], ansible_playbook: Any, tmp_path: Path, relays: Any, address: Any
) -> None:
    lab = make_lab("2019")
    played = [ported(here(play, lab, tmp_path), lab) for page in PAGES for play in plays(page)]
    assert len(played) > len(PAGES)
    for play in played:
        play["module_defaults"] = {"group/relayops.exchange.exchange": "{{ exchange_session | default({}) }}"}
    hosts = inventory(lab.details())
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts["gateways"] = {"hosts": {"copier-gateway": local}}
    done = ansible_playbook(played, hosts, timeout=250)
    assert done.code == 0, done.output
    assert relays(lab, address(lab, 77), address(lab, 25))
    assert not relays(lab, address(lab, 78), address(lab, 25))
    made = {each.name: each for each in lab.organisation.connectors("EX01")}
    assert {"RelayConnector", "From the scanners"} <= set(made)
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == [
        "relay-audit.html",
        "relay-audit.json",
        "relay-audit.md",
    ]
    # the answers that a newcomer gets to whether a relay is needed at all
    (answer,) = (result["answer"] for result in done.results("Show the verdict for each"))
    assert [each["verdict"] for each in answer["recipients"]] == ["allowed", "refused"]
