# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange's value types as objects on the wire, shaped as in an Export-Clixml of Exchange 2019."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from psrpcore.types import PSByte, PSDouble, PSInt64

from exchange_lab.exchange.enums import EnumType
from exchange_lab.exchange.quantities import UNLIMITED, size_text, timespan_text
from exchange_lab.exchange.ranges import IPRange, address_text
from exchange_lab.exchange.texts import Binding, binding_text, certificate_parts
from exchange_lab.powershell.objects import ps_object
from exchange_lab.switches import Switches

_DATA = "Microsoft.Exchange.Data."
_CORE = "mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"
_ASSEMBLY = "Microsoft.Exchange.Data, Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
_TICKS_PER_SECOND = 10**7
_FORMATS = {
    "words": {"single": "SingleAddress", "netmask": "Netmask", "cidr": "CIDR", "lohi": "LoHi"},
    "short": {"single": "Single", "netmask": "NetMask", "cidr": "Cidr", "lohi": "LoHi"},
}


def enumeration(kind: EnumType, value: Any) -> Any:
    """A member with its text and number."""
    return ps_object(
        [kind.type_name, "System.Enum", "System.ValueType", "System.Object"],
        {},
        kind.text(value),
        value=kind.number(value),
    )


def multi_valued(element: str, items: Sequence[Any]) -> Any:
    """A MultiValuedProperty of an element type: its short name in Microsoft.Exchange.Data, or System.String."""
    inner = f"System.String, {_CORE}" if element == "System.String" else f"{_DATA}{element}, {_ASSEMBLY}"
    return ps_object(
        [f"{_DATA}MultiValuedProperty`1[[{inner}]]", _DATA + "MultiValuedPropertyBase", "System.Object"],
        {},
        items=list(items),
    )


def timespan(span: timedelta) -> Any:
    """An EnhancedTimeSpan."""
    seconds = span // timedelta(microseconds=1) / 10**6
    ticks = span // timedelta(microseconds=1) * 10
    minutes, rest = divmod(abs(span).seconds, 60)
    # the totals are products with a reciprocal, as .NET computes them
    properties = {
        "Days": abs(span).days,
        "Hours": minutes // 60,
        "Milliseconds": abs(span).microseconds // 1000,
        "Minutes": minutes % 60,
        "Seconds": rest,
        "Ticks": PSInt64(ticks),
        "TotalDays": PSDouble(ticks * (1.0 / (_TICKS_PER_SECOND * 86400))),
        "TotalHours": PSDouble(ticks * (1.0 / (_TICKS_PER_SECOND * 3600))),
        "TotalMilliseconds": PSDouble(seconds * 1000),
        "TotalMinutes": PSDouble(ticks * (1.0 / (_TICKS_PER_SECOND * 60))),
        "TotalSeconds": PSDouble(seconds),
        "Sign": (ticks > 0) - (ticks < 0),
    }
    return ps_object([_DATA + "EnhancedTimeSpan", "System.ValueType", "System.Object"], properties, timespan_text(span))


def unlimited(value: int | str) -> Any:
    """An Unlimited<Int32>; Value is there only when it is limited."""
    endless = value == UNLIMITED
    return ps_object(
        [f"{_DATA}Unlimited`1[[System.Int32, {_CORE}]]", "System.ValueType", "System.Object"],
        {"IsUnlimited": True} if endless else {"IsUnlimited": False, "Value": value},
        str(value),
    )


def size(value: int) -> Any:
    """A ByteQuantifiedSize, which has only a text."""
    return ps_object([_DATA + "ByteQuantifiedSize", "System.ValueType", "System.Object"], {}, size_text(value))


def fqdn(value: str | None) -> Any:
    """An Fqdn."""
    if value is None:
        return None
    return ps_object([_DATA + "Fqdn", _DATA + "SmtpDomain", "System.Object"], {"Domain": value}, value)


def certificate(value: str | None) -> Any:
    """An SmtpX509Identifier."""
    if value is None:
        return None
    issuer, subject = certificate_parts(value)
    common_name = next((part[3:] for part in subject.split(", ") if part.upper().startswith("CN=")), "")
    properties = {"CertificateSubject": subject, "CertificateIssuer": issuer, "SubjectCommonName": common_name}
    return ps_object([_DATA + "SmtpX509Identifier", "System.Object"], properties, value)


def capabilities(value: str) -> Any:
    """An SmtpReceiveDomainCapabilities."""
    domain, _, names = value.rpartition(":")
    properties = {"Domain": domain, "Capabilities": names, "SmtpX509Identifier": None}
    return ps_object([_DATA + "SmtpReceiveDomainCapabilities", "System.Object"], properties, value)


def _ip_address(text: str) -> Any:
    """A System.Net.IPAddress; an IPv4 address has a number, an IPv6 address a scope."""
    plain, _, scope = text.partition("%")
    address = ipaddress.ip_address(plain)
    if isinstance(address, ipaddress.IPv4Address):
        number = int.from_bytes(address.packed, "little")
        properties: dict[str, Any] = {"Address": PSInt64(number), "AddressFamily": "InterNetwork"}
        marks = (False,) * 5
    else:
        properties = {"AddressFamily": "InterNetworkV6", "ScopeId": PSInt64(scope if scope.isdecimal() else 0)}
        marks = (
            address.is_multicast,
            address.is_link_local,
            address.is_site_local,
            address.teredo is not None,
            address.ipv4_mapped is not None,
        )
    names = ("IsIPv6Multicast", "IsIPv6LinkLocal", "IsIPv6SiteLocal", "IsIPv6Teredo", "IsIPv4MappedToIPv6")
    properties.update(zip(names, marks, strict=True))
    return ps_object(["System.Net.IPAddress", "System.Object"], properties, text, extended={"IPAddressToString": text})


def binding(value: Binding) -> Any:
    """An IPBinding."""
    address, port = value
    family = "InterNetworkV6" if ":" in address else "InterNetwork"
    return ps_object(
        [_DATA + "IPBinding", "System.Net.IPEndPoint", "System.Net.EndPoint", "System.Object"],
        {"Port": port, "AddressFamily": family, "Address": _ip_address(address)},
        binding_text(value),
    )


def ip_range(value: IPRange, switches: Switches) -> Any:
    """An IPRange; Size is written as an IPv6 address, and the whole IPv6 space overflows to the greatest one."""
    properties = {
        "LowerBound": value.lower,
        "UpperBound": value.upper,
        "RangeFormat": _FORMATS[switches.range_formats][value.kind],
        "Size": address_text(6, min(value.size, 2**128 - 1)),
        "Expression": value.expression,
    }
    return ps_object([_DATA + "IPRange", "System.Object"], properties, value.expression)


def object_version(major: int, minor: int, build: str) -> Any:
    """An ExchangeObjectVersion such as ``0.1 (8.0.535.0)``."""
    properties = {
        "NextMajorVersion": f"{major + 1}.0 (0.0.0.0)",
        "NextMinorVersion": f"{major}.{minor + 1} (0.0.0.0)",
        "Major": PSByte(major),
        "Minor": PSByte(minor),
        "ExchangeBuild": build,
    }
    return ps_object([_DATA + "ExchangeObjectVersion", "System.Object"], properties, f"{major}.{minor} ({build})")


def organization_id() -> Any:
    """The OrganizationId of an organisation of one's own, which has no text."""
    properties = {
        "OrganizationalUnit": None,
        "ConfigurationUnit": None,
        "IsConsumerOrganization": False,
        "IdForEventLog": "",
    }
    return ps_object([_DATA + "Directory.OrganizationId", "System.Object"], properties, "")
