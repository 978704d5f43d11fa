# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the host's own connection would send a password or a command that anybody on the way can read.

The defaults are those of Ansible's connection plugins winrm and psrp; ssh encrypts in any case.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.plain import plain

# What encrypts messages without TLS (MS-WSMV 2.2.9.1)
ENCRYPTING = ("ntlm", "negotiate", "kerberos", "credssp")
WINRM_PORT = 5985


def cleartext(connection: Any) -> str:
    """Return what a connection plugin with its options set would send in cleartext, as a clause, or an empty string."""
    ways = {"winrm": _winrm, "psrp": _psrp}
    way = ways.get(getattr(connection, "transport", ""))
    try:
        secure, methods, encryption = way(connection) if way else (True, [], "")
    except (AttributeError, KeyError):
        return ""
    if secure:
        return ""
    open_ones = [method for method in methods if method not in ENCRYPTING]
    if open_ones:
        uses = f"it uses {open_ones[0]} authentication"
        if open_ones[0] != methods[0]:
            uses = f"where {methods[0]} fails {uses}"
        return f"{uses} without TLS, which sends password and commands readable"
    return "its message encryption is off, so that commands would go readable" if encryption == "never" else ""


def _winrm(connection: Any) -> tuple[bool, list[str], str]:
    scheme = _option(connection, "scheme")
    secure = scheme == "https" if scheme else _option(connection, "port") != WINRM_PORT
    extras = {str(name): plain(value) for name, value in (connection.get_option("_extras") or {}).items()}
    methods = [str(method) for method in _option(connection, "transport") or [] if method]
    if not methods:
        # Kerberos for a user principal name, and before December 2025 (ansible/ansible#86317, from a patch release of
        # 2.19 and 2.20 on) plaintext where that fails, as anybody on the way can have it fail
        methods = ["kerberos"] * ("@" in str(_option(connection, "remote_user") or "")) + ["plaintext"]
    return secure, methods, str(extras.get("ansible_winrm_message_encryption", ""))


def _psrp(connection: Any) -> tuple[bool, list[str], str]:
    protocol, port = _option(connection, "protocol"), _option(connection, "port")
    secure = protocol == "https" if protocol else port is None or int(str(port)) != WINRM_PORT
    return secure, [str(_option(connection, "auth"))], str(_option(connection, "message_encryption"))


def _option(connection: Any, name: str) -> Any:
    return plain(connection.get_option(name))
