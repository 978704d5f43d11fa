# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role does the same with all that it can do without left blank, as surveys hand it over, as with it left out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from acceptance import PLAYBOOK, variables
from exchange_lab.inventory import inventory
from exchange_lab.windows.iis import PATH, metabase, relay_ip_list

ROLES = Path(__file__).resolve().parents[2] / "roles"
BLANK: dict[str, str | None] = {"host-with-texts": "", "host-with-nulls": None}
HELD = "Mail of the printers"
# what each role is given, without its name
GIVEN: dict[str, dict[str, Any]] = {
    "anonymous_relay": {"connector": HELD},
    "iis_relay_list": {},
    "receive_connector": {"name": HELD},
    "relay": {"name": "Relay copiers", "clients": ["192.0.2.77"]},
    "relay_audit": {},
    "relay_usage": {},
    "secondary_ip": {"address": "198.51.100.25/24", "allow_foreign_subnet": True, "interface": "Relay"},
}
CHANGES = {"anonymous_relay", "iis_relay_list", "relay", "secondary_ip"}


def left_out(role: str, *given: str) -> list[str]:
    """The options of a role but those given."""
    spec = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]
    assert set(given) <= set(spec["options"])
    return sorted(set(spec["options"]) - set(given))


def did(played: Any, host: str) -> list[tuple[str, str, str]]:
    """The tasks of a host, how each went, and its result without the host's name and moments."""
    found = []
    for event in (event for event in played.events if event.get("host") == host):
        text = json.dumps(event["result"], sort_keys=True).replace(host, "HOST")
        text = re.sub(r'"[\dT:. +-]{16,}(Z|\+00:00)?"|"(delta|seconds|elapsed)": [^,}]+', "", text)
        found.append((event["task"], event["kind"], text))
    return found


def playing(role: str) -> dict[str, Any]:
    """A play of the role alone; what it does once for all hosts it does for each."""
    return {
        "hosts": "all",
        "gather_facts": False,
        "serial": 1,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "roles": [{"role": f"relayops.exchange.{role}"}],
    }


def test_every_role_is_tried() -> None:
    assert {path.name for path in ROLES.iterdir()} == {*GIVEN, "relay_acceptance"}


@pytest.mark.parametrize("role", GIVEN)
def test_a_blank_answer_counts_as_not_given(
    role: str, relay_stand: Any, ansible_playbook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stand = relay_stand()
    stand.apply([{"name": HELD, "address": 25, "clients": [77], "mode": "internal_only"}])
    files = stand.lab.servers[0].files
    files.content[files.key(PATH)] = metabase(f'RelayIpList="{relay_ip_list(["192.0.2.77/32"]).hex()}"').encode()
    (host,) = inventory(stand.lab.details(), "psrp")["exchange"]["hosts"].values()
    given = {f"{role}_{name}": value for name, value in GIVEN[role].items()}
    blank = {name: dict.fromkeys(left_out(role, *given), nothing) for name, nothing in BLANK.items()}
    hosts = {"host-without": host | given} | {name: host | given | nothing for name, nothing in blank.items()}
    played = ansible_playbook(playing(role), {"all": {"hosts": hosts}}, "--check", "--diff")
    assert played.code == 0, played.output
    assert [bool(played.stats[name]["changed"]) for name in hosts] == [role in CHANGES] * 3
    expected = did(played, "host-without")
    assert any(kind == "ok" for _task, kind, _result in expected)
    for name in BLANK:
        assert did(played, name) == expected, name


@pytest.mark.parametrize(
    ("role", "given", "may"),
    [
        ("receive_connector", {"name": HELD, "permission_groups": []}, set()),
        ("anonymous_relay", {"connector": HELD, "rights": [], "state": "exact"}, {"inside"}),
    ],
)
def test_an_empty_list_is_an_answer(
    role: str, given: dict[str, Any], may: set[str], relay_stand: Any, ansible_playbook: Any
) -> None:
    stand = relay_stand((77,))
    stand.apply([{"name": HELD, "address": 25, "clients": [77]}])
    asked = (stand.address(77), stand.address(25))
    assert {"inside", "relay"} <= stand.abilities()[asked]
    variables = {f"{role}_{name}": value for name, value in given.items()}
    played = ansible_playbook(playing(role), inventory(stand.lab.details(), "psrp", **variables))
    assert played.code == 0, played.output
    assert stand.abilities()[asked] & {"inside", "relay"} == may


@pytest.mark.timeout(300)
def test_an_acceptance_run_with_blank_answers(
    relay_stand: Callable[..., Any], ansible_playbook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot run in check mode, so here every second answer is a null."""
    monkeypatch.chdir(tmp_path)
    lab, folder = relay_stand().lab, tmp_path / "relay-acceptance"
    needed = {f"relay_acceptance_{name}" for name in ("address", "recipient", "probe_port")}
    given = {name: value for name, value in variables(lab, folder).items() if name in needed}
    blank = {name: (None, "")[number % 2] for number, name in enumerate(left_out("relay_acceptance", *needed))}
    played = ansible_playbook(PLAYBOOK, inventory(lab.details(), **given, **blank))
    assert played.code == 0, played.output
    report = json.loads((folder / "relay-acceptance-ex01.json").read_text())
    assert report["outcome"] == "passed"
    assert report["answers"]
    assert "What this server keeps of the promises" in (folder / "relay-acceptance-ex01.html").read_text()
    assert len(list(folder.glob("*.jsonl"))) == 2
