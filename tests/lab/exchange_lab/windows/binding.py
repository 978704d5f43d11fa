# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How CIM cmdlets bind their parameters and what error records they write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..powershell.cmdlet import CmdletError, Parameter
from .record import parse_address


def text(value: Any) -> str:
    """A string parameter."""
    return str(value)


def texts(value: Any) -> list[str]:
    """A string array parameter; a single value is a list of one."""
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]


def number(value: Any) -> int:
    """An unsigned 32-bit integer; raises ValueError with .NET's words."""
    try:
        found = int(str(value), 10)
    except ValueError:
        raise ValueError("Input string was not in a correct format.") from None
    if not 0 <= found < 2**32:
        raise ValueError("Value was either too large or too small for a UInt32.")
    return found


def numbers(value: Any) -> list[int]:
    """An array of them."""
    return [number(item) for item in (value if isinstance(value, list | tuple) else [value])]


def byte(value: Any) -> int:
    """A byte."""
    found = number(value)
    if found > 255:
        raise ValueError("Value was either too large or too small for an unsigned byte.")
    return found


def truth(value: Any) -> bool:
    """A Boolean parameter takes ``$true``, ``$false`` and numbers, never text (about_Booleans)."""
    if isinstance(value, bool | int):
        return bool(value)
    raise ValueError(
        'Cannot convert value "System.String" to type "System.Boolean". Boolean parameters accept only Boolean '
        "values and numbers, such as $True, $False, 1 or 0."
    )


def one_of(*names: str) -> Callable[[Any], str]:
    """An enumeration by name, compared without case."""

    def convert(value: Any) -> str:
        for name in names:
            if name.lower() == str(value).lower():
                return name
        raise ValueError(f"Unable to match the identifier name {value} to a valid enumerator name.")

    return convert


STORE = Parameter("PolicyStore", text)
FAMILY = Parameter("AddressFamily", one_of("IPv4", "IPv6"), "AddressFamily")
INDEX = Parameter("InterfaceIndex", number, "System.UInt32", aliases=("ifIndex",), by_property_name=True)
INDEXES = Parameter("InterfaceIndex", numbers, "System.UInt32[]", aliases=("ifIndex",), by_property_name=True)
ALIAS = Parameter("InterfaceAlias", text, aliases=("ifAlias",), by_property_name=True)
ALIASES = Parameter("InterfaceAlias", texts, "System.String[]", aliases=("ifAlias",), by_property_name=True)
ADDRESS = Parameter("IPAddress", text, position=0, mandatory=True, aliases=("LocalAddress",), by_property_name=True)
ADDRESSES = Parameter(
    "IPAddress", texts, "System.String[]", position=0, aliases=("LocalAddress",), by_property_name=True
)
PREFIX_LENGTH = Parameter("PrefixLength", byte, "System.Byte")
SKIP_AS_SOURCE = Parameter("SkipAsSource", truth, "System.Boolean")

_LOCATION = "ROOT/StandardCimv2"


def already_exists(kind: str) -> CmdletError:
    """What New-NetIPAddress answers for an address that one of the stores has."""
    return CmdletError(
        f"Instance {kind} already exists ",
        category="InvalidArgument",
        reason="CimException",
        error_id="Windows System Error 5010",
        target=f"{kind}:{_LOCATION}/{kind}",
    )


def incorrect(kind: str, message: str, code: int) -> CmdletError:
    """A Windows error on a CIM class, by its number."""
    return CmdletError(
        message,
        category="InvalidArgument" if code == 87 else "NotSpecified",
        reason="CimException",
        error_id=f"Windows System Error {code}",
        target=f"{kind}:{_LOCATION}/{kind}",
    )


def not_found(kind: str, name: str, value: Any) -> CmdletError:
    """What a query of the CDXML cmdlets writes when nothing matches a given property."""
    return CmdletError(
        f"No {kind} objects found with property '{name}' equal to '{value}'.  "
        "Verify the value of the property and retry.",
        category="ObjectNotFound",
        reason="CimJobException",
        error_id=f"CmdletizationQuery_NotFound_{name}",
        target=str(value),
    )


def same_address(left: str, right: str) -> bool:
    """Whether two texts name the same address, however they are written."""
    try:
        return parse_address(left) == parse_address(right)
    except ValueError:
        return left.lower() == right.lower()


def missing(wanted: Iterable[Any], present: Iterable[Any], same: Callable[[Any, Any], bool]) -> list[Any]:
    """The wanted values that nothing present is the same as."""
    have = list(present)
    return [value for value in wanted if not any(same(value, other) for other in have)]
