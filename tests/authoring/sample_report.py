# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the sample report of the documentation: ``python tests/authoring/sample_report.py``.

A lab of two servers is set up as servers are after some years, audited, changed, and audited again with
playbooks/audit.yml. Its loopback addresses are then written as addresses for documentation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "tests" / "lab"), str(CHECKOUT / "build" / "collections")]

import yaml  # noqa: E402
from exchange_lab.inventory import inventory  # noqa: E402
from exchange_lab.lab import Lab  # noqa: E402
from exchange_lab.powershell.binding import PRESENT, Argument, Call  # noqa: E402
from exchange_lab.powershell.engine import Engine  # noqa: E402

SAMPLE = CHECKOUT / "docs" / "examples" / "audit"
RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"
CLIENTS = [
    {"name": "copier 2nd floor", "address": "{net}.77", "owner": "facilities", "expires": "2037-03-31"},
    {"name": "copier 3rd floor", "address": "{net}.78", "owner": "facilities", "expires": "2037-03-31"},
    {"name": "door access", "address": "{net}.90", "owner": "security", "expires": "2026-06-30"},
    {"name": "ERP", "address": "{net}.120-{net}.121", "owner": "finance", "connector": "Relay ERP"},
    {"name": "monitoring", "address": "{net}.140", "owner": "operations", "connector": "Relay monitoring"},
]


class Estate:
    """A lab whose servers are set up by cmdlets."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.net = str(lab.servers[0].address).rpartition(".")[0]

    def run(self, server: str, name: str, **parameters: Any) -> None:
        """Run a cmdlet that must not fail, as an administrator of the lab."""
        engine = Engine(self.lab.organisation.cmdlets(server, self.lab.username, False), self.lab.username, False)
        given = tuple(Argument(PRESENT if value is ... else value, key) for key, value in parameters.items())
        done = engine.collect([Call(name, given)])
        if done.failures:
            raise RuntimeError(f"{name}: {done.failures[0].message}")

    def add_address(self, address: str) -> None:
        """Give the first server another address."""
        server = self.lab.servers[0]
        primary = next(record for record in server.host.active if str(record.address) == server.address)
        added = replace(primary, address=ip_address(address), skip_as_source=True)
        server.host.add(added, "ActiveStore", "PersistentStore")

    def connector(self, server: str, name: str, ranges: list[str], *, relay: bool = True, **more: Any) -> None:
        """Make a front end connector for anonymous clients, with the relay right unless told otherwise."""
        given: dict[str, Any] = {
            "TransportRole": "FrontendTransport",
            "Bindings": ["0.0.0.0:25"],
            "PermissionGroups": "AnonymousUsers",
            "RemoteIPRanges": [item.format(net=self.net) for item in ranges],
            **more,
        }
        given = {key: value for key, value in given.items() if value is not None}
        self.run(server, "New-ReceiveConnector", Name=name, Server=server, Custom=..., **given)
        if relay:
            self.grant(server, name)

    def grant(self, server: str, name: str, **more: Any) -> None:
        """Give anonymous clients the relay right on a connector."""
        known = self.lab.organisation.naming.receive_connector(server, name)
        self.run(
            server,
            "Add-ADPermission",
            Identity=known,
            User=self.lab.organisation.principals.anonymous.name,
            **{"ExtendedRights": [RELAY], **more},
        )


def furnish(estate: Estate) -> None:
    """What two servers hold after some years."""
    address = f"{estate.net}.25"
    estate.add_address(address)
    estate.connector("EX01", "Relay copiers", ["{net}.77", "{net}.78"], Bindings=[f"{address}:25"])
    estate.connector("EX01", "Relay ERP", ["{net}.120/31"], Bindings=[f"{address}:25"])
    estate.connector("EX01", "Relay old scanners", ["{net}.90", "{net}.96/29"], Bindings=[f"{address}:25"])
    estate.connector("EX02", "Relay monitoring", ["{net}.140", "{net}.7"])
    estate.connector("EX02", "Relay plant", ["10.20.0.0/16"], Bindings=[f"{estate.net}.35:25"])


def worsen(estate: Estate) -> None:
    """What happened since the last report."""
    estate.connector(
        "EX02",
        "Partner gateway",
        ["10.40.0.0/16"],
        relay=False,
        AuthMechanism="Tls, ExternalAuthoritative",
        PermissionGroups="ExchangeServers",
    )
    estate.grant("EX02", "Default Frontend EX02")
    headers = "ms-Exch-Accept-Headers-Organization"
    estate.grant("EX01", "Relay ERP", ExtendedRights=[headers])
    estate.grant("EX01", "Default Frontend EX01", ExtendedRights=[RELAY], Deny=...)
    estate.run(
        "EX01",
        "Set-ReceiveConnector",
        Identity=estate.lab.organisation.naming.receive_connector("EX01", "Relay copiers"),
        RemoteIPRanges=[f"{estate.net}.77", f"{estate.net}.78", f"{estate.net}.79"],
    )


def audit(estate: Estate, folder: Path, **variables: Any) -> None:
    """Run the playbook."""
    clients = [{key: value.format(net=estate.net) for key, value in one.items()} for one in CLIENTS]
    given = {
        "relay_audit_folder": str(folder),
        "relay_audit_clients": clients,
        "relay_audit_load_balancers": [f"{estate.net}.7"],
        **variables,
    }
    hosts = folder.parent / "hosts.yml"
    hosts.write_text(yaml.safe_dump(inventory(estate.lab.details(), **given)))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(hosts)]
    environment = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build" / "collections")}
    subprocess.run([*command, str(CHECKOUT / "playbooks" / "audit.yml")], env=environment, check=True)


def write(target: Path, network: str = "127.99.7") -> None:
    """Make the lab, audit it twice, and put the second report into ``target``."""
    with tempfile.TemporaryDirectory() as folder, Lab("2019", servers=2, network=f"{network}.0/24") as lab:
        estate, reports = Estate(lab), Path(folder) / "reports"
        furnish(estate)
        audit(estate, reports, relay_audit_formats="json")
        before = Path(folder) / "before.json"
        earlier = json.loads((reports / "relay-audit.json").read_text())
        before.write_text(json.dumps({**earlier, "generated": "2026-10-30T06:00:00+00:00"}))
        worsen(estate)
        audit(estate, reports, relay_audit_previous=str(before))
        target.mkdir(parents=True, exist_ok=True)
        for path in reports.iterdir():
            (target / path.name).write_text(path.read_text().replace(estate.net, "192.0.2"))


if __name__ == "__main__":
    write(SAMPLE)
