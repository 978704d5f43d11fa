# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that every module with an Exchange session has; the documentation is the fragment ``session``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

AUTHENTICATION = ("kerberos", "basic", "negotiate", "ntlm", "certificate", "credssp")
SHELLS = ("remote", "local", "auto")

SESSION: dict[str, dict[str, Any]] = {
    "management_shell": {"type": "str", "choices": list(SHELLS), "default": "remote"},
    "endpoint_host": {"type": "str"},
    "endpoint_port": {"type": "int"},
    "endpoint_path": {"type": "str"},
    "endpoint_ssl": {"type": "bool"},
    "endpoint_auth": {"type": "str", "choices": list(AUTHENTICATION)},
    "endpoint_username": {"type": "str"},
    "endpoint_password": {"type": "str", "no_log": True},
    "endpoint_cert_validation": {"type": "bool"},
    "endpoint_ca_cert": {"type": "path"},
    "endpoint_certificate_pem": {"type": "path"},
    "endpoint_certificate_key_pem": {"type": "path", "no_log": False},
    "endpoint_service": {"type": "str"},
    "endpoint_proxy": {"type": "str"},
    "domain_controller": {"type": "str"},
    "connect_timeout": {"type": "int"},
    "operation_timeout": {"type": "int"},
    "read_timeout": {"type": "int"},
    "deadline": {"type": "int", "default": 600},
    "exchange_recording": {"type": "path"},
}


def merged(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The argument spec of a module together with the session's."""
    return {**SESSION, **arguments}
