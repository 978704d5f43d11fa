# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""relay_usage refuses what it cannot do before anything is done, and keeps what it proposed before."""

from __future__ import annotations

import smtplib
from pathlib import Path
from typing import Any

import pytest
import yaml
from exchange_lab.inventory import inventory

USAGE = Path(__file__).resolve().parents[2] / "playbooks" / "usage.yml"


@pytest.fixture(scope="module")
def quiet_stand(shared_stand: Any) -> Any:
    """A lab with a connector that does not log."""
    entry = {"name": "Relay copiers", "address": 25, "clients": [77], "protocol_logging_level": "none"}
    shared_stand.apply([entry])
    return shared_stand


def test_a_connector_that_no_server_has_is_not_waited_for(
    quiet_stand: Any, ansible_playbook: Any, tmp_path: Path, state: Any
) -> None:
    before = state(quiet_stand.lab)
    options = {"relay_usage_folder": str(tmp_path / "usage"), "relay_usage_verbose_for": 0.01}
    options |= {"relay_usage_connectors": "Relay copiers, relay doors", "relay_audit_folder": str(tmp_path / "report")}
    played = ansible_playbook(USAGE, inventory(quiet_stand.lab.details(), "psrp", **options))
    assert (played.code, state(quiet_stand.lab), (tmp_path / "usage").exists()) == (2, before, False), played.output
    said = " ".join(played.output.split())
    for host in ("ex01", "ex02"):
        assert f"Letting connectors log on {host}: relay_usage_connectors names relay doors, and no server has" in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"relay_usage_verbose_for": "abc"},
            '{host}: relay_usage_verbose_for is "abc", which is no number of minutes. Write',
        ),
        (
            {"relay_usage_verbose_for": "-5"},
            '{host}: relay_usage_verbose_for is "-5", which is no number of minutes. Write',
        ),
        (
            {"relay_usage_silent_days": "1w"},
            '{host}: relay_usage_silent_days is "1w", which is no number of days. Write',
        ),
        ({"relay_usage_since": "2107-01-01"}, "since, 2107-01-01T00:00:00.000Z, is still to come"),
        ({"relay_usage_since": "lately"}, "since is 'lately', which is no time; write it"),
        ({"relay_usage_folder": "{file}"}, "{host}: {file} is a file on the controller and no folder. Set"),
    ],
)
def test_nothing_is_done(
    given: dict[str, str], words: str, quiet_stand: Any, ansible_playbook: Any, tmp_path: Path
) -> None:
    file = tmp_path / "usage.txt"
    file.write_text("not a folder")
    options = {"relay_usage_folder": str(tmp_path / "usage"), "relay_usage_verbose_for": 0.01}
    options |= {name: value.replace("{file}", str(file)) for name, value in given.items()}
    hosts = inventory(quiet_stand.lab.details(), "psrp", **options, relay_audit_folder=str(tmp_path / "report"))
    quiet_stand.lab.journal.clear()
    played = ansible_playbook(USAGE, hosts)
    made = [name for name in ("usage", "report") if (tmp_path / name).exists()]
    assert (played.code, made, file.read_text()) == (2, [], "not a folder"), played.output
    assert quiet_stand.lab.journal.commands == []
    said = " ".join(played.output.replace('\\"', '"').split())
    for host in ("ex01", "ex02"):
        assert words.replace("{host}", host).replace("{file}", str(file)) in said, said


def test_a_proposal_outlives_a_run_that_saw_nobody(relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    stand.apply([{"name": "Relay copiers", "address": 25, "clients": [77], "protocol_logging_level": "verbose"}])
    hosts = inventory(stand.lab.details(), "psrp", relay_usage_folder=str(tmp_path), relay_audit_folder=str(tmp_path))
    first = ansible_playbook(USAGE, hosts)
    proposed = tmp_path / "ex01" / "clients.yml"
    assert (first.code, yaml.safe_load(proposed.read_text())) == (0, {"clients_seen": []}), first.output
    proposed.write_text("clients_seen: [reviewed]\n")
    played = ansible_playbook(USAGE, hosts)
    assert (played.code, proposed.read_text()) == (0, "clients_seen: [reviewed]\n"), played.output
    assert played.stats["ex01"]["changed"] == 0
    assert "Nobody was seen relaying through ex01 since 30d. A list" in " ".join(played.output.split())


@pytest.mark.parametrize("below", ["", "/logs"])
def test_logs_do_not_go_where_a_file_is(below: str, quiet_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    with smtplib.SMTP(quiet_stand.address(10), quiet_stand.lab.smtp_port(25), timeout=30) as smtp:
        smtp.sendmail("copier@lab.example", ["ada@lab.example"], "Subject: page\r\n\r\nx")
    file = tmp_path / "passwd"
    file.write_text("not a folder")
    task = {"relayops.exchange.receive_log_fetch": {"dest": f"{file}{below}"}}
    defaults = {"group/relayops.exchange.exchange": "{{ exchange_session }}"}
    play = {"hosts": "ex01", "gather_facts": False, "module_defaults": defaults, "tasks": [task]}
    played = ansible_playbook(play, inventory(quiet_stand.lab.details(), "psrp"))
    assert played.code == 2, played.output
    said = " ".join(played.output.split())
    assert f" on the controller: {file}{below}" in said
    assert ": a file stands where a folder is to be. Give a folder as dest" in said
    assert file.read_text() == "not a folder"
