# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a session's server, account and settings come from, in plays: each source has an account of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from documentation import block
from exchange_lab.lab import Lab

Play = Callable[..., Any]
PASSWORD = "Pa55 'word' of the source"
ACCOUNTS = ("psrp", "winrm", "ssh", "option", "machine", "environment", "vaulted")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as started:
        for name in ACCOUNTS:
            started.add_user(name, PASSWORD, "Organization Management")
        yield started


@pytest.fixture(autouse=True)
def nothing_left(lab: Lab) -> Iterator[None]:
    """No test leaves a shell behind."""
    lab.journal.clear()
    yield
    assert lab.journal.open_sessions == []


def task(**options: Any) -> dict[str, Any]:
    """A task with a session; options that a host has as a variable of that name are taken from there."""
    names = (
        "endpoint_host",
        "endpoint_port",
        "endpoint_auth",
        "endpoint_username",
        "endpoint_password",
        "endpoint_ca_cert",
    )
    given = {name: f"{{{{ {name} | default(omit) }}}}" for name in names}
    return {"name": "Look", "relayops.exchange.receive_connector_info": {**given, **options}}


def play(*tasks: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {"hosts": "all", "gather_facts": False, "tasks": list(tasks), **keywords}


def users(lab: Lab) -> set[tuple[str, str]]:
    """Who opened a shell, and where."""
    return {(change.endpoint, change.user.rpartition("\\")[2]) for change in lab.journal.sessions if change.opened}


def failures(played: Any) -> list[str]:
    return [event["result"]["msg"] for event in played.events if event["kind"] in ("failed", "unreachable")]


def hosts(lab: Lab) -> dict[str, dict[str, Any]]:
    """One host for each connection plugin; those that connect to WinRM say nothing of the endpoint's port."""
    server = lab.servers[0]
    place = {"ansible_host": server.address}
    endpoint = {"endpoint_port": server.exchange_tls_port}
    return {
        "psrp-endpoint": place
        | {"ansible_connection": "psrp", "ansible_user": "LAB\\psrp", "ansible_password": PASSWORD}
        | {"ansible_port": server.exchange_tls_port, "ansible_psrp_path": "PowerShell", "ansible_psrp_auth": "basic"}
        | {"ansible_psrp_protocol": "https", "ansible_psrp_ca_cert": str(lab.ca_pem)},
        "psrp-winrm": place
        | endpoint
        | {"ansible_connection": "psrp", "ansible_user": "LAB\\psrp", "ansible_password": PASSWORD}
        | {"ansible_port": server.winrm_port, "ansible_psrp_auth": "ntlm", "ansible_psrp_protocol": "http"}
        | {"endpoint_auth": "basic", "endpoint_ca_cert": str(lab.ca_pem)},
        "winrm": place
        | endpoint
        | {"ansible_connection": "winrm", "ansible_user": "LAB\\winrm", "ansible_password": PASSWORD}
        | {"ansible_port": server.winrm_tls_port, "ansible_winrm_transport": "basic"}
        | {"ansible_winrm_ca_trust_path": str(lab.ca_pem)},
        "ssh": place
        | endpoint
        | {"ansible_connection": "ssh", "ansible_user": "LAB\\ssh", "ansible_password": PASSWORD}
        | {"endpoint_auth": "basic", "endpoint_ca_cert": str(lab.ca_pem)},
    }


def test_each_connection_gives_its_account_and_is_not_opened(lab: Lab, ansible_playbook: Play) -> None:
    played = ansible_playbook(play(task()), {"all": {"hosts": hosts(lab)}})
    assert failures(played) == []
    assert users(lab) == {("exchange", "psrp"), ("exchange", "winrm"), ("exchange", "ssh")}
    assert {request.endpoint for request in lab.journal.requests} == {"exchange"}


def test_options_win(lab: Lab, ansible_playbook: Play) -> None:
    own = {"endpoint_username": "LAB\\option", "endpoint_password": PASSWORD}
    environment = {"EXCHANGE_HOST": "nowhere.invalid", "EXCHANGE_USERNAME": "nobody", "EXCHANGE_PORT": "9"}
    defaults = {"group/relayops.exchange.exchange": own}
    looks = {"name": "Look", "relayops.exchange.receive_connector_info": {"endpoint_port": "{{ endpoint_port }}"}}
    chosen = {"winrm": hosts(lab)["winrm"]}
    played = ansible_playbook(play(looks, module_defaults=defaults), {"all": {"hosts": chosen}}, **environment)
    assert failures(played) == []
    assert users(lab) == {("exchange", "option")}


def test_a_machine_credential(lab: Lab, tmp_path: Path, ansible_playbook: Play) -> None:
    """AWX hands the user over on the command line and the password as the answer to its prompt."""
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    bare = {
        name: {key: value for key, value in variables.items() if key not in ("ansible_user", "ansible_password")}
        for name, variables in hosts(lab).items()
    }
    options = ("--user", "LAB\\machine", "--connection-password-file", str(secret))
    played = ansible_playbook(play(task()), {"all": {"hosts": bare}}, *options)
    assert failures(played) == []
    assert len(played.results()) == len(bare)
    assert users(lab) == {("exchange", "machine")}


def test_the_environment_serves_where_neither_is_set(lab: Lab, ansible_playbook: Play) -> None:
    server = lab.servers[0]
    environment = {
        "EXCHANGE_HOST": server.address,
        "EXCHANGE_PORT": str(server.exchange_tls_port),
        "EXCHANGE_AUTH": "basic",
        "EXCHANGE_USERNAME": "LAB\\environment",
        "EXCHANGE_PASSWORD": PASSWORD,
        "EXCHANGE_CA_CERT": str(lab.ca_pem),
    }
    inventory = {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}
    played = ansible_playbook(play(task()), inventory, "-vvv", **environment)
    assert failures(played) == []
    assert users(lab) == {("exchange", "environment")}
    assert PASSWORD not in played.output


@pytest.mark.parametrize("given", [True, False], ids=["with the credential", "without it"])
def test_the_guides_credential_for_exchange_alone(lab: Lab, ansible_playbook: Play, given: bool) -> None:
    """AWX injects it into the environment; the inventory makes options of it, which win over the host's account."""
    inventory = yaml.safe_load(block("guide_awx", "exchange-credential"))
    own = hosts(lab)["winrm"]
    own["endpoint"] = {"endpoint_port": own.pop("endpoint_port")}
    inventory["exchange"]["hosts"] = {"winrm": own}
    looks = {"name": "Look", "relayops.exchange.receive_connector_info": {}}
    defaults = {"group/relayops.exchange.exchange": "{{ exchange_session | combine(endpoint) }}"}
    names = {"USERNAME": "LAB\\environment", "PASSWORD": PASSWORD, "AUTH": "basic"}
    environment = {f"EXCHANGE_{name}": value if given else "" for name, value in names.items()}
    played = ansible_playbook(play(looks, module_defaults=defaults), inventory, "-vvv", **environment)
    assert failures(played) == []
    assert users(lab) == {("exchange", "environment" if given else "winrm")}
    assert PASSWORD not in played.output


def test_the_environments_mistakes_are_named(lab: Lab, ansible_playbook: Play) -> None:
    inventory = {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}
    played = ansible_playbook(play(task()), inventory, EXCHANGE_HOST="ex01.lab.example", EXCHANGE_PORT="eighty")
    assert failures(played) == ["Connecting to Exchange: EXCHANGE_PORT is 'eighty', which is not a number."]


def test_vaulted_values_and_values_of_every_kind(lab: Lab, tmp_path: Path, ansible_playbook: Play) -> None:
    """Values from vaults, inventories and templates carry tags (ansible-core 2.19 and later); all become plain."""
    from ansible.constants import DEFAULT_VAULT_ID_MATCH
    from ansible.parsing.vault import VaultLib, VaultSecret

    (tmp_path / "key").write_text("key")
    vault = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(b"key"))])
    sealed = vault.encrypt(PASSWORD.encode()).decode()
    lines = "\n".join(f"        {line}" for line in sealed.splitlines())
    playbook = tmp_path / "play.yml"
    playbook.write_text(
        f"""
- hosts: all
  gather_facts: false
  vars:
    number: 7
    ranges: [192.0.2.7, 192.0.2.9]
    settings:
      banner: 220 seven
    endpoint_password: !vault |
{lines}
  tasks:
    - name: Make
      relayops.exchange.receive_connector:
        name: Tagged
        endpoint_port: "{{{{ port }}}}"
        endpoint_username: LAB\\vaulted
        endpoint_password: "{{{{ endpoint_password }}}}"
        bindings: ["{{{{ ansible_host }}}}:2626"]
        remote_ip_ranges: "{{{{ ranges }}}}"
        max_hop_count: "{{{{ number }}}}"
        banner: "{{{{ settings.banner }}}}"
        require_ehlo_domain: "{{{{ number > 5 }}}}"
"""
    )
    server = lab.servers[0]
    chosen = {"winrm": hosts(lab)["winrm"] | {"port": server.exchange_tls_port}}
    played = ansible_playbook(
        playbook, {"all": {"hosts": chosen}}, "--vault-password-file", str(tmp_path / "key"), "-vvv"
    )
    assert failures(played) == []
    made = next(each for each in lab.organisation.connectors("EX01") if each.name == "Tagged")
    assert (made.properties["MaxHopCount"], str(made.properties["Banner"])) == (7, "220 seven")
    assert made.properties["RequireEHLODomain"] is True
    # the state of the address to bind is asked of the host, with the host's own account
    assert users(lab) == {("exchange", "vaulted"), ("winrm", "winrm")}
    assert PASSWORD not in played.output
