# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connector is bound to addresses that the server holds and can use; who says so, and what if nobody can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from exchange_lab.inventory import endpoint, inventory
from exchange_lab.lab import Lab
from exchange_lab.windows.record import Record


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019") as made:
        yield made


@pytest.fixture
def bind(ansible_playbook: Any) -> Callable[..., Any]:
    """Plays a connector on an address; gives the result of the task."""

    def run(lab: Lab, address: str, hosts: Any, *options: str, **more: Any) -> Any:
        task = {"name": "Relay", "bindings": f"{address}:2600", "remote_ip_ranges": "192.0.2.1", **more}
        play = {
            "hosts": "exchange",
            "gather_facts": False,
            "module_defaults": {"group/relayops.exchange.exchange": "{{ exchange_session }}"},
            "tasks": [{"name": "Bind", "relayops.exchange.receive_connector": task}],
        }
        played = ansible_playbook(play, hosts, *options)
        made = [each.name for each in lab.organisation.connectors("EX01") if each.name == "Relay"]
        return played.result("Bind") | {"made": bool(made), "said": " ".join(played.output.split())}

    return run


def hold(lab: Lab, address: str, seconds: float = 0, duplicate: bool = False) -> str:
    """Give the server an address whose duplicate detection takes a while, or finds another device."""
    host = lab.servers[0].host
    if not host.find(ip_address(address)):
        host.add(Record(ip_address(address), 24, 7, since=host.clock()), "ActiveStore", "PersistentStore")
    host.dad_seconds = seconds
    host.duplicates = {ip_address(address): "00-11-22-33-44-55"} if duplicate else {}
    return address


@pytest.mark.parametrize("connection", ["winrm", "psrp"])
def test_an_address_under_duplicate_detection_is_refused(lab: Lab, bind: Any, address: Any, connection: str) -> None:
    there = hold(lab, address(lab, 31), seconds=3600)
    result = bind(lab, there, inventory(lab.details(), connection))
    hold(lab, there)
    assert not result["made"]
    assert f"{there} of {there}:2600 is Tentative on EX01" in result["msg"]
    assert "Wait until duplicate detection is over" in result["msg"]


def test_an_address_that_another_device_has_is_refused(lab: Lab, bind: Any, address: Any) -> None:
    there = hold(lab, address(lab, 31), duplicate=True)
    result = bind(lab, there, inventory(lab.details()))
    hold(lab, there)
    assert not result["made"]
    assert "is Duplicate on EX01" in result["msg"]


def test_check_mode_warns(lab: Lab, bind: Any, address: Any) -> None:
    there = hold(lab, address(lab, 31), seconds=3600)
    result = bind(lab, there, inventory(lab.details()), "--check")
    hold(lab, there)
    assert result["changed"]
    assert "is Tentative on EX01" in result["said"]


def test_a_host_that_cannot_be_reached_leaves_the_state_unknown(lab: Lab, bind: Any, address: Any) -> None:
    hosts = inventory(lab.details(), ansible_port=1)
    result = bind(lab, hold(lab, address(lab, 31)), hosts, "--check")
    assert result["changed"]
    assert "state of addresses could not be looked at" in result["said"]
    missing = bind(lab, address(lab, 99), hosts)
    assert not missing["made"]
    assert "EX01 does not hold" in missing["msg"]


@pytest.mark.parametrize("connection", [{"ansible_connection": "local"}, {"ansible_connection": "ssh"}])
def test_without_a_connection_to_windows_exchange_alone_is_asked(
    lab: Lab, bind: Any, address: Any, connection: dict[str, Any]
) -> None:
    hosts = {"exchange": {"hosts": {"ex01": {"exchange_session": endpoint(lab.details()), **connection}}}}
    result = bind(lab, hold(lab, address(lab, 31)), hosts, "--check")
    assert result["changed"]
    assert "could not be looked at" not in result["said"]
    missing = bind(lab, address(lab, 99), hosts)
    assert not missing["made"]
    assert "EX01 does not hold" in missing["msg"]


def test_where_exchange_does_not_tell_the_host_does(make_lab: Any, bind: Any, address: Any) -> None:
    edge = make_lab("edge")
    refused = bind(edge, address(edge, 99), inventory(edge.details()))
    assert not refused["made"]
    assert "EX01 does not hold" in refused["msg"]
    there = hold(edge, address(edge, 31), seconds=3600)
    assert "is Tentative" in bind(edge, there, inventory(edge.details()))["msg"]
    hold(edge, there)
    assert bind(edge, there, inventory(edge.details()))["made"]
