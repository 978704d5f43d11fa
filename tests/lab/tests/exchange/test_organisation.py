# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The organisation as the lab's other parts use it: default connectors, callbacks, threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.exchange.organisation import Organisation
from exchange_lab.powershell.objects import clixml_of, text_of
from exchange_lab.switches import Switches

SINCE_2013 = {
    "Default EX01": 2525,
    "Client Proxy EX01": 465,
    "Default Frontend EX01": 25,
    "Outbound Proxy Frontend EX01": 717,
    "Client Frontend EX01": 587,
}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2007", {"Default EX01": 25, "Client EX01": 587}),
        ("2010", {"Default EX01": 25, "Client EX01": 587}),
        ("2013", {name.replace("Default Frontend", "Default FrontEnd"): port for name, port in SINCE_2013.items()}),
        ("2016", SINCE_2013),
        ("2019", SINCE_2013),
        ("se", SINCE_2013),
        ("edge", {"Default internal receive connector EX01": 25}),
    ],
)
def test_default_connectors(version: str, expected: dict[str, int]) -> None:
    found = Organisation(version).connectors("EX01")
    assert {each.name: each.properties["Bindings"][0][1] for each in found} == expected


def test_an_unknown_version_and_language_are_refused() -> None:
    with pytest.raises(ValueError, match="2012"):
        Organisation("2012")
    with pytest.raises(ValueError, match="it"):
        Organisation(language="it")


def test_callbacks_come_after_each_write_and_only_then(shell: Any) -> None:
    seen: list[int] = []
    shell.organisation.on_change(lambda: seen.append(len(shell.organisation.connectors("EX01"))))
    shell.run("Get-ReceiveConnector")
    assert seen == []
    shell.connector()
    shell.run("Set-ReceiveConnector", Identity="Relay", Comment="x")
    shell.run("Set-ReceiveConnector", Identity="Relay", Comment="x")
    shell.run("Remove-ReceiveConnector", Identity="Relay", Confirm=False)
    assert seen == [6, 6, 5]


def test_many_threads_may_write(shells: Callable[..., Any]) -> None:
    shell = shells()
    failures: list[Any] = []

    def write(number: int) -> None:
        for each in range(10):
            name, binding = f"Relay {number}.{each}", f"10.{number}.0.{each}:25"
            given = {"Bindings": binding, "RemoteIPRanges": "192.0.2.7"}
            result = shell.pipe(shell.call("New-ReceiveConnector", Name=name, **given))
            failures.extend(result.failures)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(shell.run("Get-ReceiveConnector")) == 85


@pytest.mark.parametrize("shape", ["strings", "objects"])
def test_both_shapes_say_the_same(shells: Callable[..., Any], shape: str) -> None:
    plain, shaped = shells(), shells(wire_shape=shape)
    for one, other in zip(plain.run("Get-ReceiveConnector"), shaped.run("Get-ReceiveConnector"), strict=True):
        mine = {each.name: each.get_value(one) for each in one.PSObject.adapted_properties}
        theirs = {each.name: each.get_value(other) for each in other.PSObject.adapted_properties}
        assert list(mine) == list(theirs)
        for name in mine.keys() - {"OrganizationId", "WhenChanged", "WhenCreated", "WhenChangedUTC", "WhenCreatedUTC"}:
            assert text_of(mine[name]) == text_of(theirs[name]), name


@pytest.mark.parametrize("version", ["2007", "2010", "2013", "2016", "2019", "se", "edge"])
@pytest.mark.parametrize("switches", list(Switches.pairwise())[:4])
def test_everything_can_be_written(version: str, switches: Switches, shells: Callable[..., Any]) -> None:
    shell = shells(version, **{name: getattr(switches, name) for name in Switches.choices()})
    for name, cmdlet in shell.organisation.cmdlets("EX01", "LAB\\Administrator").items():
        if name.startswith("Get-") and not any(each.mandatory for each in cmdlet.parameters):
            assert clixml_of(shell.run(name)).startswith("<Objs")
