# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role iis_relay_list over the host's own connection and from a file, and its clients in a relay connector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import documentation
import pytest
import yaml
from exchange_lab.inventory import inventory
from exchange_lab.windows.iis import PATH, metabase, relay_ip_list

SECRET = 'AnonymousUserPass="secret-of-the-metabase"'


def old_server(lab: Any) -> None:
    """Give the lab's host a metabase with two virtual servers."""
    files = lab.servers[0].files
    granted = relay_ip_list(["192.0.2.77/32", "198.51.100.0/24"], names=b"printers.example.com").hex()
    servers = (
        f'RelayIpList="{granted}" RelayForAuth="-1" {SECRET}',
        f'RelayIpList="{relay_ip_list(denied=["192.0.2.66/32"]).hex()}"',
    )
    files.content[files.key(PATH)] = b"\xef\xbb\xbf" + metabase(*servers).encode()


def role(folder: Path, **variables: Any) -> dict[str, Any]:
    return {
        "hosts": "exchange",
        "gather_facts": False,
        "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
        "roles": [
            {"role": "relayops.exchange.iis_relay_list", "vars": {"iis_relay_list_folder": str(folder), **variables}}
        ],
    }


@pytest.mark.parametrize("kind", ["winrm", "psrp"])
def test_over_the_hosts_own_connection(kind: str, make_lab: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    lab = make_lab("2010")
    old_server(lab)
    hosts = inventory(lab.details(), kind)
    checked = ansible_playbook(role(tmp_path / "lists"), hosts, "--check")
    assert (checked.code, (tmp_path / "lists").exists()) == (0, False), checked.output
    played = ansible_playbook(role(tmp_path / "lists"), hosts, "-vvv")
    assert played.code == 0, played.output
    assert "secret-of-the-metabase" not in played.output
    for words in ("1 domain names, probably printers.example.com", "RelayForAuth", "everyone but 192.0.2.66"):
        assert words in played.output
    (path,) = (tmp_path / "lists").iterdir()
    first, second = yaml.safe_load(path.read_text())["iis_relay_list_found"]
    assert [client["address"] for client in first["clients"]] == ["192.0.2.77", "198.51.100.0/24"]
    assert (second["form"], second["clients"]) == ("deny", [])
    again = ansible_playbook(role(tmp_path / "lists"), hosts)
    assert sum(host["changed"] for host in again.stats.values()) == 0


def test_the_examples_of_the_readme(
    make_lab: Any, ansible_playbook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lab = make_lab("2010")
    old_server(lab)
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "MetaBase.xml").write_text(
        metabase(f'RelayIpList="{relay_ip_list(["192.0.2.9/32"]).hex()}"')
    )
    play = tmp_path / "examples.yml"
    play.write_text("".join(block.text for block in documentation.blocks("roles/iis_relay_list/README.md")))
    hosts = inventory(lab.details(), "psrp")
    played = ansible_playbook(play, {"old_relays": hosts["exchange"]})
    assert played.code == 0, played.output
    found = [yaml.safe_load(path.read_text())["iis_relay_list_found"] for path in tmp_path.glob("relay-lists/*")]
    clients = {client["address"] for servers in found for server in servers for client in server["clients"]}
    assert clients == {"192.0.2.77", "198.51.100.0/24", "192.0.2.9"}


def test_from_a_copy_into_a_connector(relay_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    stand = relay_stand()
    copy = tmp_path / "MetaBase.xml"
    copy.write_text(metabase(f'RelayIpList="{relay_ip_list([f"{stand.address(77)}/32"]).hex()}"'))
    play = role(tmp_path / "lists", iis_relay_list_file=str(copy))
    play["tasks"] = [
        {
            "relayops.exchange.relay_connector": {
                "connectors": [
                    {"name": "Relay", "address": stand.address(25), "clients": "{{ iis_relay_list_found[0].clients }}"}
                ]
            }
        }
    ]
    played = ansible_playbook(play, inventory(stand.lab.details(), "psrp"))
    assert played.code == 0, played.output
    made = next(each for each in stand.lab.organisation.connectors(stand.lab.servers[0].name) if each.name == "Relay")
    assert list(map(str, made.properties["RemoteIPRanges"])) == [stand.address(77)]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_a_copy_in_utf_16(order: str, shared_stand: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    copy = tmp_path / "MetaBase.xml"
    text = "\ufeff" + metabase(f'RelayIpList="{relay_ip_list(["192.0.2.9/32"]).hex()}"')
    copy.write_bytes(text.encode(order))
    given = role(tmp_path / "lists", iis_relay_list_file=str(copy)) | {"hosts": "ex01"}
    played = ansible_playbook(given, inventory(shared_stand.lab.details(), "psrp"))
    assert played.code == 0, played.output
    (found,) = yaml.safe_load((tmp_path / "lists" / "ex01.yml").read_text())["iis_relay_list_found"]
    assert [client["address"] for client in found["clients"]] == ["192.0.2.9"]


def test_a_file_that_is_none(make_lab: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    lab = make_lab()
    hosts = inventory(lab.details(), "psrp")
    copy = tmp_path / "MetaBase.xml"
    copy.write_text(metabase('RelayIpList="18000080ff"'))
    played = ansible_playbook(role(tmp_path / "lists", iis_relay_list_file=str(copy)), hosts)
    assert played.code == 2
    assert f"{copy}: this is no RelayIpList that can be read" in " ".join(played.output.split())
    copy.write_text("garbage")
    played = ansible_playbook(role(tmp_path / "lists", iis_relay_list_file=str(copy)), hosts)
    assert played.code == 2
    assert f"{copy}: this is neither a MetaBase.xml nor" in " ".join(played.output.split())
    missing = ansible_playbook(role(tmp_path / "lists"), hosts)
    assert missing.code == 2
    assert not (tmp_path / "lists").exists()


def test_an_empty_copy_is_not_taken_for_an_open_relay(make_lab: Any, ansible_playbook: Any, tmp_path: Path) -> None:
    lab = make_lab("2010")
    (tmp_path / "MetaBase.xml").write_text("\r\n")
    given = role(tmp_path / "lists", iis_relay_list_file=str(tmp_path / "MetaBase.xml"))
    played = ansible_playbook(given, inventory(lab.details(), "psrp"))
    assert (played.code, (tmp_path / "lists").exists()) == (2, False), played.output
    assert f"The metabase of ex01 is empty: {tmp_path}/MetaBase.xml. Copy" in " ".join(played.output.split())
