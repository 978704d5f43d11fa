# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the guide on connecting, run as it stands but for names, paths and the lab's ports."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from exchange_lab import names
from exchange_lab.lab import Lab

Play = Callable[..., Any]
CHECKOUT = Path(__file__).resolve().parents[2]
GUIDE = (CHECKOUT / "docs" / "docsite" / "rst" / "guide_connecting.rst").read_text()
KERBEROS = ("kerberos", "kerberos-winrm", "ntlm", "credssp", "ssh")
# no sshd stands behind the lab's hosts; the endpoint's own inventory leads to no host
WITHOUT_HOST = ("ssh", "endpoint")
ENDPOINTS = {"ssh": {"exchange"}, "endpoint": {"exchange"}, "local": {"winrm"}}
PASSWORDS = ("basic", "certificate", "endpoint")


def examples() -> dict[str, str]:
    """The named code blocks of the guide."""
    found = {}
    for block in GUIDE.split(".. code-block:: ")[1:]:
        lines = block.splitlines()
        named = [line.split(":name:")[1].strip() for line in lines[1:3] if ":name:" in line]
        body = []
        for line in lines[1 + len(named) :]:
            if line and not line.startswith("    "):
                break
            body.append(line)
        if named:
            found[named[0]] = textwrap.dedent("\n".join(body)).strip() + "\n"
    return found


EXAMPLES = examples()


def adapted(text: str, lab: Lab) -> str:
    """The example for the lab: its realm, its administrator, its authority."""
    pairs = {
        "relay-admin@EXAMPLE.COM": "Administrator@LAB.EXAMPLE",
        "EXAMPLE\\relay-admin": lab.username,
        "EXAMPLE.COM": "LAB.EXAMPLE",
        "edge01.example.com": "ex01.lab.example",
        "example.com": "lab.example",
        "/etc/ssl/private-ca.pem": str(lab.ca_pem),
        "/etc/ssl/relay-admin.pem": str(lab.client.certificate),
        "/etc/ssl/relay-admin.key": str(lab.client.key),
    }
    for old, new in pairs.items():
        text = text.replace(old, new)
    return text


def session(lab: Lab, inventory: dict[str, Any]) -> None:
    """Where the lab may not use the ports below 1024, the endpoint's port has to be named."""
    variables = inventory["exchange"]["vars"]
    secure = variables.get("ansible_psrp_auth") in ("basic", "certificate")
    if lab.offset and variables.get("exchange_session", {}).get("management_shell") != "local":
        port = lab.servers[0].exchange_tls_port if secure else lab.servers[0].exchange_port
        variables.setdefault("exchange_session", {})["endpoint_port"] = port


def looked(lab: Lab, example: str, ansible_playbook: Play, **environment: str) -> Any:
    """The guide's play with its inventory, and one more task, which takes the host's own connection."""
    inventory = yaml.safe_load(adapted(EXAMPLES[f"inventory-{example}"], lab))
    session(lab, inventory)
    lab.journal.clear()
    environment |= {"RELAY_ADMIN_PASSWORD": lab.password, "EDGE_PASSWORD": lab.password}
    (play,) = yaml.safe_load(EXAMPLES["play"])
    if example not in WITHOUT_HOST:
        address = lab.servers[0].address.rpartition(".")[0] + ".40/24"
        host = {"name": "The host", "relayops.exchange.secondary_ip": {"address": address}, "check_mode": True}
        play["tasks"].append(host)
    played = ansible_playbook(play, inventory, **environment)
    assert played.code == 0, played.output
    assert played.result("Read them")["connectors"]
    assert {change.endpoint for change in lab.journal.sessions} == ENDPOINTS.get(example, {"exchange", "winrm"})
    assert lab.journal.open_sessions == []
    return played


def test_all_inventories_are_run() -> None:
    expected = {f"inventory-{name}" for name in (*KERBEROS, *PASSWORDS, "local")}
    assert expected | {"krb5-conf", "play", "environment", "execution-environment"} == set(EXAMPLES)
    assert GUIDE.count(".. code-block:: ") == len(EXAMPLES) + 1, "only the call of exchange_debug has no name"


@pytest.fixture(scope="module")
def resolved() -> Iterator[Callable[..., Lab]]:
    """Labs whose names resolve in child processes."""
    if lacking := names.missing():
        pytest.skip(f"names cannot be resolved without {lacking}")
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(Lab(*arguments, **options))


@pytest.mark.parametrize("example", KERBEROS)
def test_kerberos_with_the_guides_krb5_conf(
    kerberos_lab: Any, ansible_playbook: Play, tmp_path: Path, example: str
) -> None:
    """With the ticket cache where no password is in the inventory."""
    lab, realm = kerberos_lab.lab, kerberos_lab.lab.kerberos
    config = tmp_path / "krb5.conf"
    text = EXAMPLES["krb5-conf"].replace("dc01.example.com", f"{realm.address}:{realm.port}")
    config.write_text(adapted(text, lab))
    has_password = "ansible_password" in EXAMPLES[f"inventory-{example}"]
    environment = dict(kerberos_lab.environment if has_password else kerberos_lab.ticket("guide"))
    played = looked(lab, example, ansible_playbook, **environment | {"KRB5_CONFIG": str(config)})
    exchange = [each for each in lab.journal.requests if each.endpoint == "exchange"]
    assert {each.authorization for each in exchange} <= {"Kerberos", ""}
    assert "does not take" not in played.output, played.output


@pytest.fixture(scope="module")
def basic_lab(resolved: Callable[..., Lab]) -> Lab:
    """A lab whose endpoint takes what an administrator has to enable."""
    return resolved("2019", exchange_auth=["basic", "certificate"])


@pytest.mark.parametrize("example", PASSWORDS)
def test_without_kerberos(basic_lab: Lab, ansible_playbook: Play, example: str) -> None:
    looked(basic_lab, example, ansible_playbook, **names.child_environment(basic_lab.hosts_file))


def test_an_edge_transport_server(resolved: Callable[..., Lab], ansible_playbook: Play) -> None:
    lab = resolved("edge")
    looked(lab, "local", ansible_playbook, **names.child_environment(lab.hosts_file))


def test_the_environment_on_the_command_line(kerberos_lab: Any, tmp_path: Path) -> None:
    lab = kerberos_lab.lab
    script = "\n".join(line.removeprefix("$ ") for line in adapted(EXAMPLES["environment"], lab).splitlines())
    script = script.replace("EXCHANGE_PASSWORD=...", f"EXCHANGE_PASSWORD='{lab.password}'")
    if lab.offset:
        script = f"export EXCHANGE_PORT={lab.servers[0].exchange_port}\n{script}"
    environment = os.environ | dict(kerberos_lab.environment) | {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    environment |= {"ANSIBLE_HOME": str(tmp_path), "no_proxy": "*"}
    done = subprocess.run(
        ["sh", "-ec", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Default Frontend EX01" in done.stdout


def test_the_execution_environment_is_the_one_that_is_checked() -> None:
    """ansible-builder judges docs/examples/awx when it is packed; the guide shows the same file."""
    example = yaml.safe_load((CHECKOUT / "docs/examples/awx/execution-environment.yml").read_text())
    for collection in example["dependencies"]["galaxy"]["collections"]:
        collection.pop("version")
    assert yaml.safe_load(EXAMPLES["execution-environment"]) == example
