# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameter binder: from what was written after a cmdlet's name to its bound parameters (about_Parameters)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .binding_errors import binding_error, invalid, refuse_empty
from .cmdlet import Cmdlet, CmdletError, Parameter
from .conduct import parameters_of
from .objects import has_property, property_of, text_of

# A parameter written without a value: a switch, or a mistake.
PRESENT = object()


@dataclass(frozen=True)
class Argument:
    """``-Name value``, or a value without a name; ``value`` is PRESENT for a name alone."""

    value: Any
    name: str = ""


@dataclass(frozen=True)
class Call:
    """A command's name and arguments as written."""

    name: str
    arguments: tuple[Argument, ...] = ()


Pipeline = Sequence[Call]


@dataclass
class Binder:
    """Binds the arguments of one call; ``remote`` decides how a value that does not convert is reported."""

    cmdlet: Cmdlet
    remote: bool = True
    bound: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look up the common parameters once."""
        self._parameters = parameters_of(self.cmdlet)

    def bind(self, arguments: Sequence[Argument], *, expects_input: bool = False) -> None:
        """Bind named arguments, then positional ones; raises CmdletError."""
        arguments = self._paired(arguments)
        for argument in arguments:
            if argument.name:
                self._bind_named(argument)
        self._bind_positional([argument.value for argument in arguments if not argument.name])
        if not expects_input:
            self.require_all()

    def _paired(self, arguments: Sequence[Argument]) -> list[Argument]:
        """Give a name without value the value behind it, unless it is a switch."""
        paired: list[Argument] = []
        for argument in arguments:
            waiting = bool(paired) and bool(paired[-1].name) and paired[-1].value is PRESENT
            if not argument.name and waiting and not self.find(paired[-1].name).switch:
                paired[-1] = Argument(argument.value, paired[-1].name)
            else:
                paired.append(argument)
        return paired

    def _bind_named(self, argument: Argument) -> None:
        parameter = self.find(argument.name)
        if parameter.name in self.bound:
            raise binding_error(
                f"Cannot bind parameter because parameter '{parameter.name}' is specified more than once. To provide "
                "multiple values to parameters that can accept multiple values, use the array syntax. For example, "
                '"-parameter value1,value2,value3".',
                "ParameterAlreadyBound",
            )
        self.bound[parameter.name] = self.converted(parameter, argument.value)

    def find(self, name: str) -> Parameter:
        """The parameter of that name, alias or unique start of a name; raises CmdletError."""
        wanted = name.lstrip("-").rstrip(":").lower()
        starting = []
        for parameter in self._parameters:
            names = [parameter.name.lower(), *(alias.lower() for alias in parameter.aliases)]
            if wanted in names:
                return parameter
            if any(each.startswith(wanted) for each in names):
                starting.append(parameter)
        if len(starting) == 1:
            return starting[0]
        if starting:
            matches = " ".join(f"-{parameter.name}" for parameter in starting)
            raise binding_error(
                f"Parameter cannot be processed because the parameter name '{name}' is ambiguous. "
                f"Possible matches include: {matches}.",
                "AmbiguousParameter",
            )
        raise binding_error(
            f"A parameter cannot be found that matches parameter name '{name}'.", "NamedParameterNotFound"
        )

    def _bind_positional(self, values: list[Any]) -> None:
        free = sorted(
            (each for each in self._parameters if each.position is not None and each.name not in self.bound),
            key=lambda each: each.position or 0,
        )
        for value, parameter in zip(values, free, strict=False):
            self.bound[parameter.name] = self.converted(parameter, value)
        if len(values) > len(free):
            surplus = text_of(values[len(free)])
            raise binding_error(
                f"A positional parameter cannot be found that accepts argument '{surplus}'.",
                "PositionalParameterNotFound",
            )

    def converted(self, parameter: Parameter, value: Any) -> Any:
        """The cmdlet's own value for what was given; raises CmdletError."""
        if parameter.switch:
            return _switched(parameter, value)
        if value is PRESENT:
            raise binding_error(
                f"Missing an argument for parameter '{parameter.name}'. Specify a parameter of type "
                f"'{parameter.type_name}' and try again.",
                "MissingArgument",
            )
        if value is None:
            return self._null(parameter)
        refuse_empty(parameter, value)
        try:
            return parameter.convert(value)
        except ValueError as reason:
            raise self._transformation(parameter, value, str(reason)) from reason

    def _null(self, parameter: Parameter) -> None:
        """Null is not converted; a boolean and a mandatory parameter refuse it."""
        if parameter.mandatory or parameter.type_name == "System.Boolean":
            raise invalid(
                f"Cannot bind argument to parameter '{parameter.name}' because it is null.",
                "ParameterArgumentValidationErrorNullNotAllowed",
            )

    def _transformation(self, parameter: Parameter, value: Any, reason: str) -> CmdletError:
        """A compiled cmdlet in a local shell coerces, a function transforms: two records for the same mistake."""
        inner = f'Cannot convert value "{text_of(value)}" to type "{parameter.type_name}". Error: "{reason}"'
        if not self.remote and self.cmdlet.class_name:
            return binding_error(f"Cannot bind parameter '{parameter.name}'. {inner}", "CannotConvertArgumentNoMessage")
        return invalid(
            f"Cannot process argument transformation on parameter '{parameter.name}'. {inner}",
            "ParameterArgumentTransformationError",
            "ParameterBindingArgumentTransformationException",
        )

    def require_all(self) -> None:
        """Nobody is there to type in what is missing."""
        missing = [each.name for each in self._parameters if each.mandatory and each.name not in self.bound]
        if missing:
            raise binding_error(
                f"Cannot process command because of one or more missing mandatory parameters: {' '.join(missing)}.",
                "MissingMandatoryParameter",
            )

    def bind_input(self, item: Any) -> Binder:
        """A copy to which one piped object is bound: by value, then by property name; raises CmdletError."""
        taken = Binder(self.cmdlet, self.remote, dict(self.bound))
        free = [each for each in self.cmdlet.parameters if each.name not in self.bound]
        found = taken.take_value(free, item)
        found = taken.take_properties(free, item) or found
        if not found and not self.cmdlet.collects:
            raise CmdletError(
                "The input object cannot be bound to any parameters for the command either because the command does "
                "not take pipeline input or the input and its properties do not match any of the parameters that take "
                "pipeline input.",
                category="InvalidArgument",
                reason="ParameterBindingException",
                error_id="InputObjectNotBound",
                target=item,
            )
        taken.require_for_input(item)
        return taken

    def take_value(self, free: Sequence[Parameter], item: Any) -> bool:
        """Bind the object itself to the first parameter that takes it."""
        for parameter in free:
            if parameter.by_value:
                try:
                    self.bound[parameter.name] = parameter.convert(item)
                except ValueError:
                    continue
                return True
        return False

    def take_properties(self, free: Sequence[Parameter], item: Any) -> bool:
        """Bind properties of the object to the parameters of their name."""
        found = False
        for parameter in free:
            names = (parameter.name, *parameter.aliases)
            name = next((each for each in names if has_property(item, each)), None)
            if parameter.by_property_name and name and parameter.name not in self.bound:
                self.bound[parameter.name] = self.converted(parameter, property_of(item, name))
                found = True
        return found

    def require_for_input(self, item: Any) -> None:
        """What is mandatory has to be there by now."""
        missing = [each.name for each in self._parameters if each.mandatory and each.name not in self.bound]
        if missing:
            raise CmdletError(
                "The input object cannot be bound because it did not contain the information required to bind all "
                f"mandatory parameters:  {' '.join(missing)}",
                category="InvalidArgument",
                reason="ParameterBindingException",
                error_id="InputObjectMissingMandatory",
                target=item,
            )


def _switched(parameter: Parameter, value: Any) -> bool:
    """A switch: present alone or with null, a boolean, a number; nothing else converts."""
    if value is PRESENT or value is None:
        return True
    if isinstance(value, bool | int | float):
        return bool(value)
    raise binding_error(
        f"Cannot convert '{_net_type(value)}' to the type 'System.Management.Automation.SwitchParameter' required by "
        f"parameter '{parameter.name}'. ",
        "CannotConvertArgument",
    )


def _net_type(value: Any) -> str:
    return "System.String" if isinstance(value, str) else "System.Object"
