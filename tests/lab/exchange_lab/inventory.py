# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories for Ansible from a lab's connection details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def endpoint(details: Mapping[str, Any], number: int = 0) -> dict[str, Any]:
    """The session options for a server: its /PowerShell/ endpoint by Basic over TLS, or a shell on the host."""
    server = details["servers"][number]
    if server["exchange_tls_port"] is None:
        return {"management_shell": "local"}
    return {
        "endpoint_host": server["address"],
        "endpoint_port": server["exchange_tls_port"],
        "endpoint_path": server["exchange_path"],
        "endpoint_ssl": True,
        "endpoint_auth": "basic",
        "endpoint_ca_cert": details["ca_pem"],
        "endpoint_username": details["username"],
        "endpoint_password": details["password"],
    }


def connection(details: Mapping[str, Any], kind: str = "winrm", number: int = 0) -> dict[str, Any]:
    """Variables of a server for ansible's own ``winrm`` or ``psrp`` connection, NTLM with message encryption."""
    server = details["servers"][number]
    variables = {
        "ansible_connection": kind,
        "ansible_host": server["address"],
        "ansible_port": server["winrm_port"],
        "ansible_user": details["username"],
        "ansible_password": details["password"],
    }
    if kind == "winrm":
        return variables | {
            "ansible_winrm_scheme": "http",
            "ansible_winrm_transport": "ntlm",
            "ansible_winrm_message_encryption": "always",
        }
    return variables | {"ansible_psrp_protocol": "http", "ansible_psrp_auth": "ntlm"}


def inventory(details: Mapping[str, Any], kind: str = "winrm", **variables: Any) -> dict[str, Any]:
    """All servers of a lab in a group ``exchange``; ``exchange_session`` holds each one's session options.

    Of a replay the group has the variables that the recording carries, and each host that was probed has what the role
    relay_acceptance takes for where to probe.

    A play takes them with ``module_defaults: {group/relayops.exchange.exchange: "{{ exchange_session }}"}``.
    """
    hosts = {
        server["inventory_name"]: connection(details, kind, number)
        | {"exchange_session": endpoint(details, number)}
        | _probed(server)
        | variables
        for number, server in enumerate(details["servers"])
    }
    recorded = details.get("variables")
    return {"exchange": {"hosts": hosts, **({"vars": recorded} if recorded else {})}}


def _probed(server: Mapping[str, Any]) -> dict[str, Any]:
    if not server.get("replays_mail"):
        return {}
    return {"relay_acceptance_probe_host": server["address"], "relay_acceptance_probe_port": server["smtp_ports"]["25"]}
