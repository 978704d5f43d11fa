# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from exchange_lab.powershell.binding import PRESENT, Argument, Call
from exchange_lab.powershell.cmdlet import Cmdlet, CmdletError, Invocation, Parameter
from exchange_lab.powershell.engine import Engine, StatementFailed
from exchange_lab.powershell.objects import ps_object


def number(given: Any) -> int:
    """An Int32 as PowerShell would coerce it."""
    try:
        return int(given)
    except (TypeError, ValueError):
        raise ValueError("Input string was not in a correct format.") from None


def get(invocation: Invocation) -> Iterator[Any]:
    """Two things, or the one that was asked for."""
    names = [invocation.bound["Identity"]] if "Identity" in invocation.bound else ["a", "b"]
    for name in names:
        if name == "absent":
            raise CmdletError(f"{name} couldn't be found.", reason="NotFoundException", target=name)
        invocation.warn(f"saw {name}")
        yield ps_object(["Thing"], {"Name": name, "Size": 3}, name)


def touch(invocation: Invocation) -> Iterator[Any]:
    """Its bound parameters as text."""
    yield ",".join(f"{name}={value}" for name, value in sorted(invocation.bound.items()))


THING = Parameter("Identity", str, mandatory=True, position=1, by_value=True)
CMDLETS = {
    "Get-Thing": Cmdlet("Get-Thing", (Parameter("Identity", str, position=1),), get),
    "Set-Thing": Cmdlet(
        "Set-Thing",
        (
            THING,
            Parameter("Size", number, "System.Int32", by_property_name=True),
            Parameter("Force", switch=True),
            Parameter("Enabled", type_name="System.Boolean"),
        ),
        touch,
        class_name="Example.SetThing",
        should_process=True,
    ),
    "Remove-Thing": Cmdlet("Remove-Thing", (THING,), touch, should_process=True),
}


def call(name: str, *values: Any, **named: Any) -> Call:
    """A call with positional and named arguments."""
    return Call(name, (*map(Argument, values), *(Argument(value, key) for key, value in named.items())))


def fails(engine: Engine, *calls: Call) -> StatementFailed:
    """The terminating error of a statement."""
    with pytest.raises(StatementFailed) as caught:
        engine.collect(calls)
    return caught.value


ENGINE = Engine(CMDLETS)


def test_positional_named_alias_and_prefix() -> None:
    assert ENGINE.collect([call("set-THING", "x", si="7", Force=PRESENT)]).objects == ["Force=True,Identity=x,Size=7"]


def test_pipes_by_value_and_by_property_name() -> None:
    done = ENGINE.collect([call("Get-Thing"), call("Set-Thing")])
    assert done.objects == ["Identity=a,Size=3", "Identity=b,Size=3"]
    assert done.warnings == ["saw a", "saw b"]


@pytest.mark.parametrize(
    ("given", "error_id", "text"),
    [
        (call("Get-Nothing"), "CommandNotFoundException", "The term 'Get-Nothing' is not recognized"),
        (call("Set-Thing", "x", Colour=1), "NamedParameterNotFound,Set-Thing", "parameter name 'Colour'"),
        (call("Set-Thing", "x", E=True), "AmbiguousParameter,Set-Thing", "-Enabled -ErrorAction -ErrorVariable."),
        (call("Set-Thing", "x", "y"), "PositionalParameterNotFound,Set-Thing", "accepts argument 'y'"),
        (call("Set-Thing", "x", Size="big"), "ParameterArgumentTransformationError,Set-Thing", 'value "big" to type'),
        (call("Set-Thing", "x", Force="yes"), "CannotConvertArgument,Set-Thing", "SwitchParameter"),
        (call("Set-Thing", "x", Enabled=None), "ParameterArgumentValidationErrorNullNotAllowed,Set-Thing", "is null"),
        (call("Set-Thing", ""), "ParameterArgumentValidationErrorEmptyStringNotAllowed,Set-Thing", "an empty string"),
        (call("Set-Thing"), "MissingMandatoryParameter,Set-Thing", "mandatory parameters: Identity."),
        (call("Set-Thing", "x", Identity="y"), "PositionalParameterNotFound,Set-Thing", "accepts argument 'x'"),
        (call("Remove-Thing", "x"), "HostFunctionNotImplemented,Remove-Thing", "does not support user interaction"),
    ],
)
def test_binding_errors_are_powershells(given: Call, error_id: str, text: str) -> None:
    failure = fails(ENGINE, given).failure
    assert failure.error_id == error_id
    assert text in failure.message


def test_local_cmdlet_reports_its_class() -> None:
    failure = fails(Engine(CMDLETS, remote=False), call("Set-Thing", "x", Size="big")).failure
    assert failure.error_id == "CannotConvertArgumentNoMessage,Example.SetThing"


def test_confirm_false_and_what_if() -> None:
    assert ENGINE.collect([call("Remove-Thing", "x", Confirm=False)]).objects == ["Identity=x"]
    assert ENGINE.collect([call("Remove-Thing", "x", WhatIf=PRESENT)]).objects == []


def test_input_that_cannot_be_bound_is_reported_for_each() -> None:
    done = ENGINE.collect([call("Get-Thing")], ["a", "b"])
    assert [failure.error_id for failure in done.failures] == ["InputObjectNotBound,Get-Thing"] * 2


def test_error_action() -> None:
    done = ENGINE.collect([call("Get-Thing", "absent")])
    assert done.failures[0].error_id == "NotFoundException,Get-Thing"
    assert ENGINE.collect([call("Get-Thing", "absent", ErrorAction="SilentlyContinue")]).failures == []
    stopped = fails(ENGINE, call("Get-Thing", "absent", ea="Stop")).remote
    assert stopped.message.startswith("The running command stopped because")
    assert stopped.reason == "NotFoundException"
    assert fails(Engine(CMDLETS, terminating=True), call("Get-Thing", "absent")).failure.reason == "NotFoundException"


def test_warning_action() -> None:
    assert ENGINE.collect([call("Get-Thing", WarningAction="SilentlyContinue")]).warnings == []


def test_observer_sees_each_command() -> None:
    seen: list[tuple[str, dict[str, Any]]] = []
    engine = Engine(CMDLETS, observe=lambda name, bound: seen.append((name, dict(bound))))
    engine.collect([call("Get-Thing", "a"), call("Set-Thing")])
    assert seen == [("Get-Thing", {"Identity": "a"}), ("Set-Thing", {})]
