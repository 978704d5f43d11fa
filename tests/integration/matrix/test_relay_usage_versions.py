# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/usage.yml on every version: where it logs, with a front end or without, and who is proposed for it."""

from __future__ import annotations

import json
import smtplib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from exchange_lab.exchange.versions import PROFILES
from exchange_lab.inventory import inventory

CHECKOUT = Path(__file__).resolve().parents[3]
INSIDE, OUTSIDE = "ada@lab.example", "someone@example.net"
RELAY = "Relay copiers"
# the folders of the transport services, as the controller names them
FOLDERS = {"2007": ["Logs"], "2010": ["Logs"], "edge": ["Edge"]}
BOTH = ["FrontEnd", "Hub"]


def send(stand: Any, device: int, recipient: str, host: int) -> None:
    """Have a device write to somebody through an address of the server."""
    with (
        suppress(smtplib.SMTPException),
        smtplib.SMTP(
            stand.address(host), stand.lab.smtp_port(25), timeout=30, source_address=(stand.address(device), 0)
        ) as smtp,
    ):
        smtp.sendmail("copier@lab.example", [recipient], "Subject: page\r\n\r\nx")


def furnish(stand: Any, ansible_playbook: Any, front_end: bool) -> None:
    """A relay connector, and everything logs, the transport service behind the front end too."""
    entry = {"name": RELAY, "address": stand.address(25), "clients": [stand.address(77), stand.address(79)]}
    entry["protocol_logging_level"] = "verbose"
    tasks: list[dict[str, Any]] = [{"relayops.exchange.relay_connector": {"connectors": [entry]}}]
    for name in ("Default EX01", "Default Frontend EX01") if front_end else ():
        tasks.append({"relayops.exchange.receive_connector": {"name": name, "protocol_logging_level": "verbose"}})
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": tasks,
    }
    played = ansible_playbook(play, inventory(stand.lab.details(), "psrp"))
    assert played.code == 0, played.output


@pytest.mark.parametrize("version", PROFILES)
def test_who_relays_on_every_version(version: str, relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    stand = relay_stand(exchange=version, whole=True)
    folders = FOLDERS.get(version, BOTH)
    furnish(stand, ansible_playbook, folders == BOTH)
    for device, recipient, host in ((77, OUTSIDE, 25), (77, INSIDE, 25), (79, INSIDE, 25), (60, INSIDE, 10)):
        send(stand, device, recipient, host)
    given = {
        "relay_usage_folder": str(tmp_path / "usage"),
        "relay_usage_clients": [{"name": "copier", "address": stand.address(77), "owner": "facilities"}],
        "relay_audit_folder": str(tmp_path / "report"),
    }
    hosts = inventory(stand.lab.details(), "psrp", **given)
    played = ansible_playbook(CHECKOUT / "playbooks" / "usage.yml", hosts)
    assert played.code == 0, played.output
    host = stand.lab.servers[0].inventory_name
    assert sorted(each.name for each in (tmp_path / "usage" / "logs" / host).iterdir() if each.is_dir()) == folders
    found = json.loads((tmp_path / "usage" / host / "relay-usage.json").read_text())
    (proposal,) = yaml.safe_load((tmp_path / "usage" / host / "clients.yml").read_text())["clients_seen"]
    assert proposal["connector"] == RELAY
    assert [client["address"] for client in proposal["clients"]] == [stand.address(77), stand.address(79)]
    assert [row["client"] for row in found["unregistered"]] == [stand.address(79)]
    assert [row["client"] for row in found["inside_only"]] == [stand.address(79)]
    sent = {row["client"]: row["messages"] for row in found["usage"] if row["connector"] == RELAY}
    assert sent == {stand.address(77): 2, stand.address(79): 1}
    own = stand.lab.servers[0].address
    if folders == BOTH:
        passed = next(row for row in found["usage"] if row["connector"] == "Default EX01")
        assert (passed["client"], passed["messages"], passed["proxied"], passed["recipients_outside"]) == (own, 4, 4, 1)
    # it is nobody's client: what it passed on is in the log of the front end by the client's own address
    assert found["exchange_servers"] == [own] * (folders == BOTH)
    assert own not in (tmp_path / "usage" / host / "clients.yml").read_text()
    assert own not in str(found["unregistered"] + found["could_use_tls"] + found["could_authenticate"])
