# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who takes part: the lab's server, the relay address, two devices, and the inventory that leads there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import yaml
from exchange_lab.inventory import inventory

from . import playbook
from .device import Device

RELAY, COPIER, NEIGHBOUR = 25, 77, 78
# the lab delivers within a moment; it is asked until then
PATIENCE = 10.0

# recipient -> messages that the lab delivered outside, oldest first
Sink = Callable[[str], Sequence[Message]]


def relay(network: str, smtp_port: int) -> dict[str, Any]:
    """The role's variables: RelayConnector on an address of its own, for the copier alone."""
    block = ip_network(network)
    return {
        "relay_name": "RelayConnector",
        "relay_address": f"{block[RELAY]}/{block.prefixlen}",
        "relay_fqdn": "relay.example.com",
        "relay_clients": [str(block[COPIER])],
        "relay_probes": [
            {
                "port": smtp_port,
                "source_address": str(block[device]),
                "mail_from": f"{name}@example.com",
                "rcpt_to": "partner@example.net",
                "expect": expected,
            }
            for device, name, expected in ((COPIER, "copier", "allowed"), (NEIGHBOUR, "neighbour", "refused"))
        ],
    }


@dataclass
class Stage:
    """``server`` and ``relay`` are addresses of the lab's server, the second one only after the play."""

    exchange: str
    server: str
    relay: str
    smtp_port: int
    copier: Device
    neighbour: Device
    inventory: Path
    environ: Mapping[str, str]
    variables: Mapping[str, object]
    sink: Sink

    @classmethod
    def build(cls, details: Mapping[str, Any], folder: Path, collections: Path, sink: Sink) -> Stage:
        """Set the stage in a folder of its own, from the lab's details."""
        block, server = ip_network(details["network"]), details["servers"][0]
        smtp_port = int(server["smtp_ports"]["25"])
        variables = relay(details["network"], smtp_port)
        return cls(
            exchange=str(details["exchange"]),
            server=server["address"],
            relay=str(block[RELAY]),
            smtp_port=smtp_port,
            copier=Device("copier", str(block[COPIER]), "example.com"),
            neighbour=Device("neighbour", str(block[NEIGHBOUR]), "example.com"),
            inventory=playbook.inventory(folder, inventory(details, **variables)),
            environ=playbook.environment(collections, folder),
            variables=variables,
            sink=sink,
        )

    def cast(self) -> dict[str, str]:
        """Addresses and who they are."""
        return {
            self.server: f"the Exchange {self.exchange} server, on loopback, speaking the real protocols",
            self.relay: "an address it does not have yet",
            self.copier.address: "the copier",
            self.neighbour.address: "its neighbour",
        }

    def wanted(self) -> list[str]:
        """What the play is asked for, as YAML lines."""
        shown = {name: value for name, value in self.variables.items() if name != "relay_probes"}
        return yaml.safe_dump(shown, sort_keys=False).splitlines()

    def delivered(self, recipient: str) -> Message | None:
        """The newest message for a recipient outside; waits a little for it."""
        end = time.monotonic() + PATIENCE
        while not (found := self.sink(recipient)):
            if time.monotonic() > end:
                return None
            time.sleep(0.05)
        return found[-1]
