# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""secondary_ip by ansible-playbook over real winrm and psrp connections to the lab's Windows host."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from exchange_lab.lab import Lab
from exchange_lab.powershell.binding import Argument, Call
from exchange_lab.powershell.engine import Engine
from exchange_lab.windows.host import WindowsHost
from exchange_lab.windows.record import parse_address
from loaded_ansible import LOADED

pytestmark = pytest.mark.timeout(300)
WORD = "Lab-Passw0rd!"


def variables(lab: Lab, connection: str, number: int = 0) -> dict[str, Any]:
    """The host's connection and the session's options, as an inventory gives them."""
    server = lab.details()["servers"][number]
    shared = {"ansible_user": lab.username, "ansible_password": lab.password, "ansible_connection": connection}
    shared["ansible_host"] = server["address"]
    if connection == "winrm":
        shared |= {"ansible_port": server["winrm_port"], "ansible_winrm_scheme": "http"}
        shared |= {"ansible_winrm_transport": "ntlm", "ansible_winrm_message_encryption": "always"}
    else:
        shared |= {"ansible_port": server["winrm_port"], "ansible_psrp_protocol": "http", "ansible_psrp_auth": "ntlm"}
    return shared


def endpoint(lab: Lab) -> dict[str, Any]:
    server = lab.details()["servers"][0]
    return {
        "endpoint_host": server["address"],
        "endpoint_port": server["exchange_tls_port"],
        "endpoint_ssl": True,
        "endpoint_auth": "basic",
        "endpoint_ca_cert": str(lab.ca_pem),
    }


def play(
    folder: Path, hosts: dict[str, dict[str, Any]], *tasks: dict[str, Any], words: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """Run secondary_ip once for each task on every host; results in order, the hosts' by name where several."""
    steps: list[dict[str, Any]] = []
    for number, task in enumerate(tasks):
        steps.append({"relayops.exchange.secondary_ip": task, "register": f"r{number}", "ignore_errors": True})
    names = ", ".join(f"r{number}" for number in range(len(tasks)))
    kept = str(folder / "{{ inventory_hostname }}.json")
    keep = {"content": f"{{{{ [{names}] | to_json }}}}", "dest": kept}
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    steps.append({"ansible.builtin.copy": keep, "delegate_to": "localhost", "vars": local, "check_mode": False})
    run(folder, hosts, steps, words)
    (results, *_ignored) = [json.loads((folder / f"{name}.json").read_text()) for name in hosts]
    return list(results)


def run(
    folder: Path, hosts: dict[str, dict[str, Any]], steps: list[dict[str, Any]], words: tuple[str, ...] = ()
) -> None:
    """Run the tasks on every host."""
    (folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    (folder / "play.yml").write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": steps}]))
    given = ["-i", str(folder / "inventory.yml"), str(folder / "play.yml"), *words]
    own = {"ANSIBLE_HOME": str(LOADED.folder / "home"), "ANSIBLE_LOCALHOST_WARNING": "false"}
    code, said = LOADED.run(given, os.environ | own, folder, 240)
    assert code == 0, said
    assert WORD not in said


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("2019") as started:
        yield started


def place(lab: Lab, last: int) -> str:
    return lab.details()["network"].rsplit(".", 1)[0] + f".{last}"


def has(host: WindowsHost, address: str) -> list[tuple[str, int, bool]]:
    return [
        (store, each.prefix_length, each.skip_as_source)
        for store in ("ActiveStore", "PersistentStore")
        for each in host.table(store)  # type: ignore[arg-type]
        if str(each.address) == address
    ]


@pytest.mark.parametrize("connection", ["winrm", "psrp"])
def test_add_correct_and_remove(tmp_path: Path, lab: Lab, connection: str) -> None:
    host = lab.servers[0].host
    host.dad_seconds = 0.3
    wanted = place(lab, 25)
    hosts = {"mail": variables(lab, connection)}
    first, second, changed, gone, again = play(
        tmp_path,
        hosts,
        {"address": f"{wanted}/24", "interface": "00:15:5d:00:0a:46"},
        {"address": f"{wanted}/24", "interface": "default_route"},
        {"address": f"{wanted}/32"},
        {"address": wanted, "state": "absent", "bound_connectors": []},
        {"address": wanted, "state": "absent"},
    )
    assert [each.get("msg") for each in (first, second, changed, gone, again)] == [None] * 5
    assert [each["changed"] for each in (first, second, changed, gone, again)] == [True, False, True, True, False]
    (interface,) = first["after"]
    added = next(each for each in interface["addresses"] if each["address"] == wanted)
    assert added == {
        "address": wanted,
        "prefix_length": 24,
        "skip_as_source": True,
        "state": "Preferred",
        "origin": "Manual",
        "active": True,
        "persistent": True,
        "primary": False,
    }
    assert (interface["alias"], interface["mac_address"]) == ("Ethernet", "00-15-5D-00-0A-46")
    assert changed["steps"] == [f"correct {wanted} on interface 7"]
    assert has(host, wanted) == []
    assert host.registered == {place(lab, 10)}


def test_check_mode_predicts_the_same_diff(tmp_path: Path, lab: Lab) -> None:
    hosts = {"mail": variables(lab, "psrp")}
    task = {"address": f"{place(lab, 25)}/24"}
    (predicted,) = play(tmp_path, hosts, task, words=("--check", "--diff"))
    assert has(lab.servers[0].host, place(lab, 25)) == []
    (real,) = play(tmp_path, hosts, task, words=("--diff",))
    assert predicted["changed"] is real["changed"] is True
    assert predicted["diff"] == real["diff"]
    assert predicted["after"] == real["after"]


def test_two_hosts_at_once(tmp_path: Path) -> None:
    with Lab("2019", servers=2) as lab:
        hosts = {"one": variables(lab, "winrm", 0), "two": variables(lab, "psrp", 1)}
        for number, name in enumerate(hosts):
            hosts[name]["wanted"] = f"{place(lab, 25 + number)}/24"
        play(tmp_path, hosts, {"address": "{{ wanted }}"})
        for number, server in enumerate(lab.servers):
            assert len(has(server.host, place(lab, 25 + number))) == 2
            assert has(server.host, place(lab, 26 - number)) == []


def test_a_value_never_becomes_code(tmp_path: Path, lab: Lab) -> None:
    hosts = {"mail": variables(lab, "winrm")}
    evil = "x'; Remove-NetIPAddress -Confirm:$false; '"
    address = f"{place(lab, 25)}/24"
    one, two = play(tmp_path, hosts, {"address": evil}, {"address": address, "interface": evil})
    assert one["msg"] == f"On mail, {evil.partition('/')[0]!r} is no IP address"
    assert "there is no interface" in two["msg"]
    assert len(lab.servers[0].host.active) == 4


def test_refusals_name_host_reason_and_remedy(tmp_path: Path, lab: Lab) -> None:
    hosts = {"mail": variables(lab, "psrp")}
    primary = place(lab, 10)
    one, two, three = play(
        tmp_path,
        hosts,
        {"address": f"{primary}/24"},
        {"address": "192.0.2.25/24"},
        {"address": primary, "state": "absent", "force": True},
    )
    assert one["msg"] == (
        f"Adding {primary} on {primary}: {primary} is the address that Ansible is connected to. "
        "Name a secondary address."
    )
    assert "is outside the subnets of Ethernet" in two["msg"]
    assert three["failed"]
    assert len(lab.servers[0].host.active) == 4


@pytest.mark.parametrize("connection", ["winrm", "psrp"])
def test_a_connection_cut_by_the_change_is_opened_again(tmp_path: Path, lab: Lab, connection: str) -> None:
    host, wanted = lab.servers[0].host, place(lab, 25)
    cuts = [lambda: lab.faults.inject("cut_before", endpoint="winrm", times=3)]
    host.on_change(lambda: cuts.pop()() if cuts else None)
    one, two = play(tmp_path, {"mail": variables(lab, connection)}, *[{"address": f"{wanted}/24"}] * 2)
    assert (one["changed"], two["changed"]) == (True, False), one
    assert not cuts
    assert len(has(host, wanted)) == 2
    (warning,) = one["warnings"]
    assert warning.startswith(f"The change cut the connection to {place(lab, 10)} (")


def test_a_duplicate_is_removed_and_the_suspect_named(tmp_path: Path, lab: Lab) -> None:
    host, wanted = lab.servers[0].host, place(lab, 25)
    host.duplicates = {parse_address(wanted): "00-15-5D-12-34-56"}
    host.dad_seconds = 0.3
    (failed,) = play(tmp_path, {"mail": variables(lab, "psrp")}, {"address": f"{wanted}/24"})
    assert failed["msg"] == (
        f"Adding {wanted} on {place(lab, 10)}: another machine on the network holds the address: 00-15-5D-12-34-56; "
        "it was removed from this host again. Find that machine, or take another address."
    )
    assert has(host, wanted) == []


@pytest.mark.parametrize("language", ["en", "fr", "he"])
def test_windows_server_2008(tmp_path: Path, language: str) -> None:
    with Lab("2010", flavour="2008") as lab:
        host, wanted = lab.servers[0].host, place(lab, 25)
        host.language = language
        hosts = {"mail": variables(lab, "winrm")}
        first, second, gone = play(
            tmp_path,
            hosts,
            {"address": f"{wanted}/24"},
            {"address": f"{wanted}/24"},
            {"address": wanted, "state": "absent", "bound_connectors": []},
        )
        assert [each.get("msg") for each in (first, second, gone)] == [None] * 3
        assert [each["changed"] for each in (first, second, gone)] == [True, False, True]
        (interface,) = first["after"]
        added = next(each for each in interface["addresses"] if each["address"] == wanted)
        assert (added["skip_as_source"], added["state"], added["persistent"]) == (True, "Preferred", True)
        assert has(host, wanted) == []


def test_an_address_that_a_connector_is_bound_to_stays(tmp_path: Path, lab: Lab) -> None:
    wanted, hosts = place(lab, 25), {"mail": variables(lab, "winrm")}
    hosts["mail"] |= {"endpoint": endpoint(lab)}
    play(tmp_path, hosts, {"address": f"{wanted}/24"})
    bind(lab, "RelayConnector", f"{wanted}:25")
    absent = {"address": wanted, "state": "absent", **endpoint(lab)}
    refused, forced = play(tmp_path, hosts, absent, {**absent, "force": True})
    assert refused["msg"] == (
        f"Removing {wanted} on {place(lab, 10)}: {wanted} is bound by receive connector 'RelayConnector'. "
        "Remove or rebind the connector first, or set force to true."
    )
    assert forced["changed"]
    assert has(lab.servers[0].host, wanted) == []


def test_who_is_bound_being_unknown_is_a_refusal(tmp_path: Path, lab: Lab) -> None:
    wanted, hosts = place(lab, 25), {"mail": variables(lab, "winrm")}
    absent = {"address": wanted, "state": "absent", **endpoint(lab), "endpoint_port": 1}
    present = {"address": f"{wanted}/24"}
    _ignored, kept, again, gone = play(tmp_path, hosts, present, absent, present, {**absent, "bound_connectors": []})
    start = f"Removing {wanted} on {place(lab, 10)}: whether a receive connector is bound to {wanted} could not be "
    assert kept["msg"].startswith(start + "learnt: ")
    assert "bound_connectors, an empty list if there are none, or set force to true." in kept["msg"]
    assert (again["changed"], gone["changed"]) == (False, True)


def bind(lab: Lab, name: str, binding: str) -> None:
    """A receive connector made as an administrator would, in the lab's Exchange."""
    cmdlets = lab.organisation.cmdlets(lab.servers[0].name, lab.username, remote=False)
    given = {"Name": name, "Bindings": [binding], "RemoteIPRanges": ["192.0.2.7"], "Usage": "Custom"}
    given["TransportRole"] = "FrontendTransport"
    call = Call("New-ReceiveConnector", tuple(Argument(value, key) for key, value in given.items()))
    assert Engine(cmdlets, lab.username, remote=False).collect((call,)).failures == []


@pytest.mark.parametrize("shell", ["powershell", "cmd"])
def test_over_the_ssh_connection(tmp_path: Path, lab: Lab, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    details = lab.details()["servers"][0]
    stand_in = tmp_path / "ssh"
    stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("ssh_stand_in.py")} "$@"\n')
    stand_in.chmod(0o755)
    target = {"url": f"http://{details['address']}:{details['winrm_port']}/wsman", "log": str(tmp_path / "log")}
    target |= {"username": lab.username, "password": lab.password}
    (tmp_path / "lab.json").write_text(json.dumps(target))
    monkeypatch.setenv("SSH_STAND_IN", str(tmp_path / "lab.json"))
    hosts: dict[str, dict[str, Any]] = {"mail": {"ansible_host": details["address"], "ansible_connection": "ssh"}}
    hosts["mail"] |= {"ansible_user": "Administrator", "ansible_shell_type": shell}
    hosts["mail"] |= {"ansible_ssh_executable": str(stand_in), "ansible_ssh_retries": 0}
    wanted = place(lab, 25)
    first, second, gone = play(
        tmp_path,
        hosts,
        {"address": f"{wanted}/24"},
        {"address": f"{wanted}/24"},
        {"address": wanted, "state": "absent", "bound_connectors": []},
    )
    assert [each.get("msg") for each in (first, second, gone)] == [None] * 3
    assert [each["changed"] for each in (first, second, gone)] == [True, False, True]
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines
    assert all("-EncodedCommand" in line for line in lines)


def test_the_role_passes_on_what_is_given(tmp_path: Path, lab: Lab) -> None:
    host, wanted = lab.servers[0].host, place(lab, 25)
    role = {"name": "relayops.exchange.secondary_ip"}
    given: list[dict[str, Any]] = [
        {"secondary_ip_skip_as_source": False, "secondary_ip_register_in_dns": True},
        {"secondary_ip_skip_as_source": "", "secondary_ip_register_in_dns": None},
        {"secondary_ip_state": "absent", "secondary_ip_force": True},
        {
            "secondary_ip_address": "",
            "secondary_ip_addresses": [f"{wanted}/24", "192.0.2.25/24"],
            "secondary_ip_allow_foreign_subnet": True,
            "secondary_ip_timeout": 5,
            "secondary_ip_bound_connectors": None,
        },
        {"secondary_ip_state": "absent", "secondary_ip_bound_connectors": []},
    ]
    expected = [[False] * 2, [True] * 2, [], [True] * 2, []]
    for number, (variables_given, flags) in enumerate(zip(given, expected, strict=True)):
        task = {
            "ansible.builtin.include_role": role,
            "vars": {"secondary_ip_address": f"{wanted}/24", **variables_given},
        }
        folder = tmp_path / str(number)
        folder.mkdir()
        run(folder, {"mail": variables(lab, "psrp")}, [task])
        assert [flag for _store, _length, flag in has(host, wanted)] == flags
    assert len(has(host, "192.0.2.25")) == 2
