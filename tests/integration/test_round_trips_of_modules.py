# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a task of the other modules sends, and a run of the role; exactly, as for relay_connector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._relay import (
    connector_listing,
    connector_task,
    permission_task,
)
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

PROVISION = Path(__file__).resolve().parents[2] / "playbooks" / "provision.yml"
FIRST = "Get-ExchangeServer; Get-ReceiveConnector"
ADAPTERS, ENTRIES = "Get-NetworkConnectionInfo", "Get-ADPermission"


def sent(lab: Lab) -> list[str]:
    """The pipelines since the last look."""
    found = [each.text.replace("\n", "; ") for each in lab.journal.pipelines]
    lab.journal.clear()
    return found


def test_receive_connector(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(whole=True)
    wanted: dict[str, Any] = {
        "name": "App",
        "bindings": [f"{stand.address(25)}:25"],
        "remote_ip_ranges": [stand.address(77)],
        "permission_groups": ["AnonymousUsers"],
    }

    def apply(**options: Any) -> list[str]:
        with stand.session() as exchange:
            connector_task.apply(exchange, {**wanted, **options}, check_mode=False, warn=stand.warnings.append)
        return sent(stand.lab)

    assert apply() == [FIRST, ADAPTERS, "New-ReceiveConnector", "Get-ReceiveConnector"]
    assert apply() == [FIRST]
    assert apply(comment="Copiers") == [FIRST, "Set-ReceiveConnector", "Get-ReceiveConnector"]
    with stand.session() as exchange:
        connector_listing.read(exchange, {}, stand.warnings.append)
    assert sent(stand.lab) == [FIRST, f"Get-ReceiveConnector | {ENTRIES}"]
    assert apply(state="absent") == [FIRST, "Remove-ReceiveConnector", "Get-ReceiveConnector"]


def test_connector_permission(relay_stand: Callable[..., Any]) -> None:
    stand = relay_stand(whole=True)
    stand.apply([{"name": "Printers", "mode": "internal_only", "clients": [77]}])
    sent(stand.lab)
    wanted: dict[str, Any] = {"connector": "Printers", "rights": ["ms-Exch-SMTP-Accept-Any-Recipient"]}

    def apply() -> list[str]:
        with stand.session() as exchange:
            permission_task.apply(exchange, wanted, False, stand.warnings.append)
        return sent(stand.lab)

    assert apply() == [FIRST, ENTRIES, ADAPTERS, "Add-ADPermission", ENTRIES]
    assert apply() == [FIRST, ENTRIES]


def test_a_run_of_the_role(make_lab: Callable[..., Lab], ansible_playbook: Any, address: Callable[..., str]) -> None:
    """A session to judge and one to write, and secondary_ip over the host's connection: a look, the address, a look."""
    lab = make_lab("2019")
    wanted = {
        "relay_name": "Printers",
        "relay_address": f"{address(lab, 25)}/24",
        "relay_clients": [address(lab, 77)],
    }
    for exchange, host in ((3, 3), (4, 1)):
        played = ansible_playbook(PROVISION, inventory(lab.details(), **wanted))
        assert played.code == 0, played.output
        verbs = Counter((each.endpoint, each.verb) for each in lab.journal.requests if each.verb != "Receive")
        assert verbs == {
            ("exchange", "Create"): 2,
            ("exchange", "Command"): exchange,
            ("exchange", "Delete"): 2,
            ("winrm", ""): 3,
            ("winrm", "Create"): 1,
            ("winrm", "Command"): host,
            ("winrm", "Signal"): host,
            ("winrm", "Delete"): 1,
        }
        lab.journal.clear()
