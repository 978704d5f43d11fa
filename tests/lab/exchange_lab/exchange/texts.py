# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text values with a form of their own: names, domain names, bindings, certificates, domain capabilities."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from exchange_lab.exchange.ranges import address_text
from exchange_lab.powershell.objects import text_of

Binding = tuple[str, int]
_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_BINDING = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[\d.]+)):(?P<port>\d{1,5})")
_CERTIFICATE = re.compile(r"<I>(?P<issuer>.+)<S>(?P<subject>.+)", re.IGNORECASE)
_CAPABILITIES = {"acceptcloudservicesmail": "AcceptCloudServicesMail", "acceptoorgprotocol": "AcceptOorgProtocol"}


def parse_text(value: Any) -> str:
    """A string; $null is the empty one."""
    return text_of(value)


def parse_domain_name(value: Any) -> str | None:
    """A fully qualified domain name, or nothing (Fqdn)."""
    text = text_of(value).strip()
    if not text:
        return None
    if len(text) > 255 or not _DOMAIN.fullmatch(text):
        raise ValueError(f'"{text}" isn\'t a valid domain name.')
    return text


def parse_binding(value: Any) -> Binding:
    """``0.0.0.0:25`` or ``[::]:25`` as address and port (IPBinding)."""
    text = text_of(value).strip()
    match = _BINDING.fullmatch(text)
    try:
        if not match or not 0 < int(match["port"]) < 65536:
            raise ValueError(text)
        plain, percent, scope = (match["v6"] or match["v4"]).partition("%")
        address = ipaddress.IPv6Address(plain) if match["v6"] else ipaddress.IPv4Address(plain)
    except ValueError:
        raise ValueError(
            f'"{text}" isn\'t a valid IP address and port. Use the format address:port or [IPv6 address]:port.'
        ) from None
    return address_text(address.version, int(address), scope if percent else ""), int(match["port"])


def binding_text(binding: Binding) -> str:
    """The text of a binding, an IPv6 address in brackets."""
    address, port = binding
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def parse_certificate(value: Any) -> str | None:
    """``<I>issuer<S>subject``, or nothing (SmtpX509Identifier)."""
    text = text_of(value).strip()
    if not text:
        return None
    if not _CERTIFICATE.fullmatch(text):
        raise ValueError(f'"{text}" isn\'t a valid Certificate Identifier.')
    return text


def certificate_parts(text: str) -> tuple[str, str]:
    """Issuer and subject of a certificate identifier."""
    match = _CERTIFICATE.fullmatch(text)
    return (match["issuer"], match["subject"]) if match else ("", "")


def parse_capabilities(value: Any) -> str:
    """``domain:capability[,capability]`` (SmtpReceiveDomainCapabilities)."""
    text = text_of(value).strip()
    domain, colon, names = text.rpartition(":")
    known = [_CAPABILITIES.get(name.strip().lower()) for name in names.split(",")]
    if not colon or not domain or None in known:
        raise ValueError(f'"{text}" isn\'t a valid domain capability. Use the format domain:capability[,capability].')
    return f"{domain}:{', '.join(name for name in known if name)}"
