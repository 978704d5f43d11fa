# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example in the READMEs, and in the guides that have no test of their own, run as it stands but for addresses,
the lab's SMTP port and its connection variables."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDES = CHECKOUT / "docs" / "docsite" / "rst"
READMES = [CHECKOUT / "README.md", *sorted(CHECKOUT.glob("roles/*/README.md"))]
# the order in which they make sense on one server; each page's plays follow each other
PAGES = [
    CHECKOUT / "README.md",
    GUIDES / "guide_first_relay.rst",
    GUIDES / "guide_need.rst",
    GUIDES / "guide_secondary_ip.rst",
    *(CHECKOUT / "roles" / name / "README.md" for name in ("receive_connector", "relay", "anonymous_relay")),
    *(CHECKOUT / "roles" / name / "README.md" for name in ("secondary_ip", "relay_audit")),
]
# its examples are those of its own test
OWN_TEST = {CHECKOUT / "roles" / name / "README.md" for name in ("iis_relay_list", "relay_acceptance", "relay_usage")}


def blocks(page: Path) -> Iterator[str]:
    """The YAML of a page, in Markdown or reStructuredText."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        yield from re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S)
    for block in text.split(".. code-block:: yaml\n")[1:]:
        body = re.sub(r"^ +:\w+:.*\n", "", re.split(r"\n(?=\S)", block)[0])
        yield textwrap.dedent(body)


def plays(page: Path) -> list[dict[str, Any]]:
    """The plays of a page; what is an inventory is left out."""
    found = [yaml.safe_load(block) for block in blocks(page)]
    return [play for block in found if isinstance(block, list) for play in block]


def inventories(page: Path) -> list[dict[str, Any]]:
    """The inventories of a page."""
    return [found for found in map(yaml.safe_load, blocks(page)) if isinstance(found, dict)]


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


def test_every_page_with_an_example_is_run_somewhere() -> None:
    pages = [*READMES, *GUIDES.glob("*.rst")]
    with_examples = {page for page in pages if next(blocks(page), None)}
    # other guides are read by tests that bear or name theirs
    others = [f"{path.stem}\n" + path.read_text(encoding="utf-8") for path in (CHECKOUT / "tests").rglob("test_*.py")]
    named = {GUIDES / name for text in others for name in re.findall(r"guide_[a-z_]+\.rst", text)}
    named |= {GUIDES / f"{name[5:]}.rst" for text in others for name in re.findall(r"^test_guide_[a-z]+", text)}
    assert with_examples <= {*PAGES, *OWN_TEST, *named}


def test_the_first_inventories_are_the_one_that_is_run_with_kerberos() -> None:
    connecting = (inventory for inventory in inventories(GUIDES / "guide_connecting.rst"))
    tried = next(connecting)
    for page in PAGES[:2]:
        (shown,) = inventories(page)
        shown["exchange"]["vars"].pop("ansible_password", None)
        assert shown == tried, page


def test_the_first_pages_name_the_packages_that_kerberos_needs() -> None:
    needed = [line.split()[0] for line in (CHECKOUT / "meta/ee-bindep.txt").read_text().splitlines() if line[0] != "#"]
    for page in PAGES[:2]:
        assert [name for name in needed if not re.search(rf"\b{name}\b", page.read_text())] == []


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
