# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/usage.yml from real SMTP traffic to a report and a proposal, by way of the lab's own protocol logs."""

from __future__ import annotations

import json
import smtplib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import documentation
import pytest
import yaml
from exchange_lab.inventory import inventory
from play_apart import PlayApart

CHECKOUT = Path(__file__).resolve().parents[2]
INSIDE, OUTSIDE = "ada@lab.example", "someone@example.net"


def send(stand: Any, device: int, recipient: str, host: int = 25) -> None:
    """Have a device write to somebody through an address of the server."""
    source = (stand.address(device), 0)
    with (
        suppress(smtplib.SMTPException),
        smtplib.SMTP(stand.address(host), stand.lab.smtp_port(25), timeout=30, source_address=source) as smtp,
    ):
        smtp.ehlo(f"device{device}")
        smtp.sendmail("copier@lab.example", [recipient], "Subject: page\r\n\r\nx")


def relay(stand: Any, *clients: int, level: str = "verbose") -> None:
    entry = {"name": "Relay copiers", "address": 25, "clients": list(clients), "protocol_logging_level": level}
    stand.apply([entry])


def test_from_mail_to_a_report_and_a_proposal(relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    relay(stand, 77, 78, 79, 90)
    for device, recipient in ((77, OUTSIDE), (77, INSIDE), (78, OUTSIDE), (79, INSIDE), (60, OUTSIDE)):
        send(stand, device, recipient)
    registered = [{"name": name, "address": stand.address(number)} for name, number in (("copier", 77), ("door", 90))]
    given = {
        "relay_usage_folder": str(tmp_path / "usage"),
        "relay_usage_clients": registered,
        "relay_audit_folder": str(tmp_path / "report"),
    }
    hosts = inventory(stand.lab.details(), "psrp", **given)
    played = ansible_playbook(CHECKOUT / "playbooks" / "usage.yml", hosts)
    assert played.code == 0, played.output
    (results,) = [path for path in (tmp_path / "usage").iterdir() if path.name != "logs"]
    found = json.loads((results / "relay-usage.json").read_text())
    used = {row["client"]: row for row in found["usage"] if row["connector"] == "Relay copiers"}
    assert {client: (row["messages"], row["recipients_outside"]) for client, row in used.items()} == {
        stand.address(77): (2, 1),
        stand.address(78): (1, 1),
        stand.address(79): (1, 0),
    }
    assert [row["address"] for row in found["silent"]] == [stand.address(90)]
    assert [row["client"] for row in found["unregistered"]] == [stand.address(78), stand.address(79)]
    assert [row["client"] for row in found["inside_only"]] == [stand.address(79)]
    (proposal,) = yaml.safe_load((results / "clients.yml").read_text())["clients_seen"]
    assert [client["address"] for client in proposal["clients"]] == [stand.address(number) for number in (77, 78, 79)]
    assert proposal["clients"][0]["name"] == "copier"
    page, text = (tmp_path / "report" / f"relay-audit.{kind}" for kind in ("html", "md"))
    for report in (page.read_text(), text.read_text()):
        assert "Who relays today" in report
        assert "Registered and silent" in report
        assert stand.address(78) in report
    assert "<polyline" in page.read_text()
    reads = [call for call in stand.lab.journal.commands if call.name == "Get-Content"]
    again = ansible_playbook(CHECKOUT / "playbooks" / "usage.yml", hosts)
    assert again.code == 0, again.output
    assert len([call for call in stand.lab.journal.commands if call.name == "Get-Content"]) == len(reads) > 0


def play(tmp_path: Path, **variables: Any) -> dict[str, Any]:
    return {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "roles": [
            {
                "role": "relayops.exchange.relay_usage",
                "vars": {"relay_usage_folder": str(tmp_path / "usage"), **variables},
            }
        ],
    }


def level(stand: Any, name: str = "Relay copiers") -> str:
    connectors = stand.lab.organisation.connectors(stand.lab.servers[0].name)
    return str(next(each for each in connectors if each.name == name).properties["ProtocolLoggingLevel"])


def test_verbose_for_a_time_and_no_longer(relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    relay(stand, 77, level="none")
    hosts = inventory(stand.lab.details(), "psrp")
    chosen = {"relay_usage_verbose_for": 0.01, "relay_usage_connectors": ["Relay copiers"]}
    seen: list[str] = []
    stand.lab.organisation.on_change(lambda: seen.append(level(stand)))
    checked = ansible_playbook(play(tmp_path, **chosen), hosts, "--check")
    assert (checked.code, seen) == (0, []), checked.output
    # a name with a line end cannot be sent, so the play fails while they log
    broken = chosen | {"relay_usage_remote_paths": ["C:\\Logs\nRemove"]}
    failed = ansible_playbook(play(tmp_path, **broken), hosts, timeout=300)
    assert failed.code != 0
    assert "Verbose" in seen
    assert level(stand) == "None"


def example(stand: Any, folder: Path) -> dict[str, Any]:
    """The variables that the role's README shows, with the lab's network and the folder for its share."""
    first, second = (yaml.safe_load(block.text) for block in documentation.blocks("roles/relay_usage/README.md"))
    (role,) = first[0]["roles"]
    assert role["role"] == "relayops.exchange.relay_usage"
    shown = yaml.safe_dump({**role["vars"], **second})
    network = stand.address(77).rpartition(".")[0]
    return dict(yaml.safe_load(shown.replace("192.0.2", network).replace("/mnt", str(folder))))


def test_logs_that_the_controller_has(relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    relay(stand, 77, 78)
    send(stand, 77, OUTSIDE)
    send(stand, 78, OUTSIDE)
    shown = example(stand, tmp_path / "share")
    share = Path(shown["relay_usage_paths"].replace("{{ inventory_hostname }}", "ex01"))
    share.mkdir(parents=True)
    for (_, name), content in stand.lab.servers[0].transport.protocol_log.files.items():
        (share / name).write_bytes(content)
    hosts = inventory(stand.lab.details(), "psrp")
    played = ansible_playbook(play(tmp_path, **shown), hosts)
    assert played.code == 0, played.output
    assert not any(call.name == "Get-Content" for call in stand.lab.journal.commands)
    (results,) = (tmp_path / "usage").iterdir()
    found = json.loads((results / "relay-usage.json").read_text())
    assert [row["client"] for row in found["unregistered"]] == [stand.address(78)]
    assert found["generated"][:10] == f"{datetime.now(UTC):%Y-%m-%d}"


def test_a_relative_folder_is_below_where_the_play_was_started(
    relay_stand: Any, ansible_playbook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = relay_stand()
    relay(stand, 77)
    send(stand, 77, OUTSIDE)
    monkeypatch.chdir(tmp_path)
    given = {"relay_usage_folder": "usage", "relay_audit_folder": "report"}
    hosts = inventory(stand.lab.details(), "psrp", **given)
    played = ansible_playbook(CHECKOUT / "playbooks" / "usage.yml", hosts)
    assert played.code == 0, played.output
    (usage,) = tmp_path.rglob("relay-usage.json")
    assert usage.parent.parent == next(tmp_path.rglob("logs")).parent
    assert [row["client"] for row in json.loads(usage.read_text())["usage"]] == [stand.address(77)]


def seen_lately(stand: Any, folder: Path) -> Path:
    """A file of usage in which the client of last octet 77 sent four messages."""
    row = {"server": "EX01", "connector": "Relay copiers", "client": stand.address(77), "messages": 4}
    row |= {"first_seen": "2026-11-01T00:00:00.000Z", "last_seen": "2026-11-23T16:40:51.482Z"}
    usage = folder / "relay-usage.json"
    usage.write_text(json.dumps({"usage": [row]}))
    return usage


def test_who_is_taken_away_was_seen_lately(relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    relay(stand, 77, 78)
    usage = seen_lately(stand, tmp_path)
    clients = [{"name": "old", "address": stand.address(77), "expires": "2026-01-01"}, stand.address(78)]
    entry = {"name": "Relay copiers", "address": stand.address(25), "clients": clients}
    task = {"relayops.exchange.relay_connector": {"connectors": [entry], "recent_use": str(usage)}, "name": "Expire"}
    hosts = inventory(stand.lab.details(), "psrp")
    expired = ansible_playbook({**play(tmp_path), "roles": [], "tasks": [task]}, hosts, "--check")
    words = (
        f"{stand.address(77)} loses EX01\\Relay copiers, and was last seen there 2026-11-23 16:40 UTC, with 4 messages"
    )
    assert words in " ".join(expired.output.split())
    retired = {"decommission_addresses": [stand.address(77)], "decommission_usage": str(usage)}
    hosts = inventory(stand.lab.details(), "psrp", **retired)
    played = ansible_playbook(CHECKOUT / "playbooks" / "decommission.yml", hosts, "--check")
    assert played.code == 0, played.output
    assert words in " ".join(played.output.split())


def taking_away(stand: Any, usage: Path, way: str) -> dict[str, Any]:
    """A play that takes the client of last octet 77 away."""
    if way == "decommission":
        (playbook,) = yaml.safe_load((CHECKOUT / "playbooks" / "decommission.yml").read_text())
        given = {"decommission_addresses": [stand.address(77)], "decommission_usage": str(usage)}
        playbook["vars"] |= given
        return dict(playbook)
    old = {"address": stand.address(77), "expires": "2026-01-01"}
    entry = {"name": "Relay copiers", "address": stand.address(25), "clients": [stand.address(78)]}
    entry["clients"] += [old] if way == "expires" else []
    task = {"relayops.exchange.relay_connector": {"connectors": [entry], "recent_use": str(usage)}, "name": "Remove"}
    return {**play(usage.parent), "roles": [], "tasks": [task]}


@pytest.mark.parametrize("way", ["expires", "left out", "decommission"])
def test_recent_use_is_shown_before_the_change(way: str, relay_stand: Any, tmp_path: Path) -> None:
    """The change is held at the server, and the warning stands there already."""
    stand = relay_stand()
    relay(stand, 77, 78)
    usage = seen_lately(stand, tmp_path)
    apart = PlayApart(tmp_path / "apart", taking_away(stand, usage, way), inventory(stand.lab.details(), "psrp"))
    held = stand.lab.faults.inject("hold", endpoint="exchange", verb="Command", command="Set-ReceiveConnector")
    apart.start()
    assert apart.reaches(lambda: held.reached(0.1)), apart.printed.read_text()
    words = f"{stand.address(77)} loses EX01\\Relay copiers"
    # what a worker shows is printed by another process, in its own time
    shown = apart.reaches(lambda: words in " ".join(apart.printed.read_text().split()) or not stand.lab.faults.held)
    assert (shown and stand.lab.faults.held == 1, ranges(stand)) == (True, [stand.address(77), stand.address(78)])
    held.release()
    output = " ".join(apart.end().split())
    assert (output.count(words), ranges(stand)) == (2, [stand.address(78)]), output


def ranges(stand: Any) -> list[str]:
    (one,) = (each for each in stand.lab.organisation.connectors("EX01") if each.name == "Relay copiers")
    return sorted(map(str, one.properties["RemoteIPRanges"]))


def test_recent_use_is_shown_though_the_change_fails(relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    relay(stand, 77, 78)
    usage = seen_lately(stand, tmp_path)
    stand.lab.faults.inject("unavailable", times=99, endpoint="exchange", command="Set-ReceiveConnector")
    hosts = inventory(stand.lab.details(), "psrp")
    failed = ansible_playbook(taking_away(stand, usage, "left out"), hosts)
    assert failed.code == 2, failed.output
    assert f"{stand.address(77)} loses EX01\\Relay copiers" in " ".join(failed.output.split())
