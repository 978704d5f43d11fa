# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service extensions that EHLO lists and the MAIL and RCPT parameters that go with them."""

from __future__ import annotations

from exchange_lab.transport.doors import Door


def keywords(door: Door, classic: bool, secure: bool, certificate: bool) -> list[str]:
    """Return the EHLO lines after the greeting, in Exchange's order (Microsoft Q&A 1193037)."""
    mechanisms = door.flags("AuthMechanism")
    lines = [_size(door)]
    lines += _when(door, "PipeliningEnabled", "PIPELINING")
    lines += _when(door, "DeliveryStatusNotificationEnabled", "DSN")
    lines += _when(door, "EnhancedStatusCodesEnabled", "ENHANCEDSTATUSCODES")
    if certificate and "Tls" in mechanisms and not secure:
        lines.append("STARTTLS")
    if certificate and "ExchangeServer" in mechanisms and not secure and not door.flag("SuppressXAnonymousTls"):
        lines.append("X-ANONYMOUSTLS")
    logons = logon_mechanisms(door, secure)
    lines += ["AUTH " + " ".join(logons)] if logons else []
    lines += ["X-EXPS GSSAPI NTLM"] if "ExchangeServer" in mechanisms else []
    lines += _when(door, "EightBitMimeEnabled", "8BITMIME")
    lines += _when(door, "BinaryMimeEnabled", "BINARYMIME")
    lines += _when(door, "ChunkingEnabled", "CHUNKING")
    if classic:
        lines.append("XEXCH50")
    elif door.flag("SmtpUtf8Enabled", True):
        lines.append("SMTPUTF8")
    return [line for line in lines if line]


def logon_mechanisms(door: Door, secure: bool) -> list[str]:
    """Return what AUTH offers: NTLM for Integrated, LOGIN for BasicAuth, under TLS only for BasicAuthRequireTLS."""
    mechanisms = door.flags("AuthMechanism")
    found = []
    if "Integrated" in mechanisms:
        found += ["GSSAPI"] if door.flag("EnableAuthGSSAPI") else []
        found.append("NTLM")
    if "BasicAuth" in mechanisms and (secure or "BasicAuthRequireTLS" not in mechanisms):
        found.append("LOGIN")
    return found


def _size(door: Door) -> str:
    mode = str(door.properties.get("SizeEnabled") or "Enabled")
    limit = door.number("MaxMessageSize")
    if mode == "Disabled":
        return ""
    return "SIZE" if mode == "EnabledWithoutValue" or limit is None else f"SIZE {limit}"


def _when(door: Door, name: str, keyword: str) -> list[str]:
    return [keyword] if door.flag(name, True) else []


_MAIL = ("SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH", "XOORG")
_RCPT = ("NOTIFY", "ORCPT")


def parameters(given: list[str], verb: str) -> dict[str, str]:
    """Read ESMTP parameters; raise ValueError for one that the verb does not take."""
    known = _MAIL if verb == "MAIL" else _RCPT
    found: dict[str, str] = {}
    for item in given:
        name, _, value = item.partition("=")
        if name.upper() not in known or (name.upper() == "SIZE" and not value.isdigit()):
            raise ValueError(item)
        found[name.upper()] = value
    return found
