# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server is made an open relay in six ways; relay_audit finds and names each, and its remedy closes it.

Open and closed is what an SMTP client from outside is told. The remedy is followed both ways: its cmdlets are typed
into the Exchange Management Shell, and its tasks are put into a playbook.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import winrm
from ansible_collections.relayops.exchange.plugins.plugin_utils._audit import task
from exchange_lab.exchange.model import AcceptedDomain, AccessControlEntry
from exchange_lab.inventory import inventory
from exchange_lab.lab import Lab

ANONYMOUS = "NT AUTHORITY\\ANONYMOUS LOGON"
RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"
DEFAULT = "Default Frontend EX01"
HALVES = "'0.0.0.0/1','128.0.0.0/1'"
SNAP_IN = "Add-PSSnapin -Name 'Microsoft.Exchange.Management.PowerShell.SnapIn'\n"
STRANGER, BALANCER = 200, 7


def shell(lab: Lab, *lines: str) -> None:
    """Type lines into the Exchange Management Shell of the server, one shell for each."""
    server = lab.servers[0]
    target = f"http://{server.address}:{server.winrm_port}/wsman"
    session = winrm.Session(target, auth=(lab.username, lab.password), transport="ntlm")
    for line in lines:
        done = session.run_ps(SNAP_IN + line)
        assert done.status_code == 0, (line, done.std_err)
        assert b"Exception" not in done.std_err, (line, done.std_err)


def new_relay(lab: Lab, ranges: str, name: str = "Printers") -> None:
    shell(
        lab,
        f"New-ReceiveConnector -Name '{name}' -Server 'EX01' -TransportRole 'FrontendTransport' -Custom"
        f" -Bindings '{lab.servers[0].address}:25' -RemoteIPRanges {ranges} -PermissionGroups 'AnonymousUsers'",
        grant(f"CN={name},{parent(lab)}"),
    )


def grant(distinguished_name: str) -> str:
    return f"Add-ADPermission -Identity '{distinguished_name}' -User '{ANONYMOUS}' -ExtendedRights '{RELAY}'"


def parent(lab: Lab) -> str:
    name = lab.organisation.naming.receive_connector("EX01", DEFAULT)
    return name.partition(",")[2]


def right_on_the_default_connector(lab: Lab) -> None:
    shell(lab, grant(f"CN={DEFAULT},{parent(lab)}"))


def connector_for_the_whole_internet(lab: Lab) -> None:
    new_relay(lab, HALVES)


def accepted_domain_star(lab: Lab) -> None:
    lab.organisation.accepted_domains.append(AcceptedDomain("Everything", "*", "ExternalRelay"))
    lab.organisation.changed()
    lab.organisation.announce()


def externally_secured_for_everyone(lab: Lab) -> None:
    shell(
        lab,
        "New-ReceiveConnector -Name 'Partners' -Server 'EX01' -TransportRole 'FrontendTransport' -Custom"
        f" -Bindings '{lab.servers[0].address}:25' -RemoteIPRanges {HALVES}"
        " -AuthMechanism 'Tls, ExternalAuthoritative' -PermissionGroups 'ExchangeServers'",
    )


def load_balancer_as_a_client(lab: Lab) -> None:
    network = lab.details()["network"].rpartition(".")[0]
    new_relay(lab, f"'{network}.{BALANCER}','{network}.77'")


def right_inherited_from_the_server(lab: Lab) -> None:
    for connector in lab.organisation.receive_connectors(lab.organisation.directory.controllers[0]):
        if connector.name == DEFAULT:
            anonymous = next(entry.principal for entry in connector.acl if entry.principal.name == ANONYMOUS)
            connector.acl.append(AccessControlEntry(anonymous, RELAY, inherited=True))
    lab.organisation.changed()
    lab.organisation.announce()


ACCIDENTS: dict[str, tuple[Callable[[Lab], None], str]] = {
    "right on the default connector": (right_on_the_default_connector, "relay_on_default_connector"),
    "connector for the whole Internet": (connector_for_the_whole_internet, "open_relay"),
    "accepted domain *": (accepted_domain_star, "accept_all_domain"),
    "externally secured for everyone": (externally_secured_for_everyone, "externally_secured_wide"),
    "load balancer as a client": (load_balancer_as_a_client, "load_balancer_in_range"),
    "right inherited from the server": (right_inherited_from_the_server, "relay_on_default_connector"),
}


# No module removes accepted domains, so that remedy is a cmdlet alone. The others are followed in turn in one way, with
# RELAYOPS_LONG=1 in both.
BOTH = [
    (name, way)
    for name in ACCIDENTS
    for way in ("shell", "playbook")
    if (name, way) != ("accepted domain *", "playbook")
]
TURNS = [(name, "playbook" if number % 2 else "shell") for number, name in enumerate(ACCIDENTS)]
CASES = BOTH if os.environ.get("RELAYOPS_LONG") == "1" else TURNS


def play(lab: Lab, ansible_playbook: Any, tasks: Sequence[dict[str, Any]]) -> None:
    """Run these tasks against the server."""
    play = {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "tasks": list(tasks),
    }
    played = ansible_playbook(play, inventory(lab.details()))
    assert played.code == 0, played.output


@pytest.mark.parametrize(("accident", "way"), CASES)
def test_is_found_named_and_closed_by_its_remedy(
    make_lab: Callable[..., Lab],
    ansible_playbook: Any,
    in_session: Any,
    relays: Any,
    address: Any,
    accident: str,
    way: str,
) -> None:
    def audit() -> Any:
        with in_session(lab) as exchange:
            return task.apply(exchange, {"load_balancers": [address(lab, BALANCER)]}, check_mode=True)

    make, rule = ACCIDENTS[accident]
    lab = make_lab("2019")
    outside = address(lab, BALANCER if accident == "load balancer as a client" else STRANGER)
    server = lab.servers[0].address
    assert not relays(lab, outside, server)
    make(lab)
    assert relays(lab, outside, server)

    grave = [each for each in audit()["findings"] if each["severity"] == "critical"]
    assert rule in {each["rule"] for each in grave} <= {rule, "open_relay"}
    fixes = list({fix["words"]: fix for each in grave for fix in each["fixes"]}.values())
    assert fixes
    if way == "shell":
        shell(lab, *(fix["command"] for fix in fixes))
    else:
        play(lab, ansible_playbook, [fix["task"] for fix in fixes])

    assert not relays(lab, outside, server)
    after = audit()
    assert [each["rule"] for each in after["findings"] if each["severity"] == "critical"] == []
    assert not any("relay" in row["may"].get("anyone", {}) for row in after["access"] if row["connector"] == DEFAULT)
