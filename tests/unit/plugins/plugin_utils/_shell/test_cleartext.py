# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own plugins with variables of an inventory; what they then send is looked at in the reliability tests."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.cleartext import cleartext
from connection_plugin import connection

SENDS = "authentication without TLS, which sends password and commands readable"


@pytest.mark.parametrize(
    ("plugin", "variables", "clause"),
    [
        ("winrm", {"ansible_user": "admin"}, ""),
        ("winrm", {"ansible_user": "admin", "ansible_port": 5985}, f"it uses plaintext {SENDS}"),
        (
            "winrm",
            {"ansible_user": "admin@EXAMPLE.COM", "ansible_port": 5985},
            f"where kerberos fails it uses plaintext {SENDS}",
        ),
        (
            "winrm",
            {"ansible_user": "admin@EXAMPLE.COM", "ansible_port": 5985, "ansible_winrm_transport": "kerberos"},
            "",
        ),
        (
            "winrm",
            {"ansible_port": 5985, "ansible_winrm_transport": ["ntlm", "basic"]},
            f"where ntlm fails it uses basic {SENDS}",
        ),
        (
            "winrm",
            {
                "ansible_winrm_scheme": "http",
                "ansible_winrm_transport": "ntlm",
                "ansible_winrm_message_encryption": "never",
            },
            "its message encryption is off, so that commands would go readable",
        ),
        ("psrp", {}, ""),
        ("psrp", {"ansible_port": 5985}, ""),
        ("psrp", {"ansible_port": 5985, "ansible_psrp_auth": "basic"}, f"it uses basic {SENDS}"),
        ("ssh", {"ansible_port": 5985}, ""),
    ],
)
def test_what_would_go_readable(plugin: str, variables: dict[str, Any], clause: str) -> None:
    given = {"inventory_hostname": "ex01", "ansible_password": "not-a-password", **variables}
    assert cleartext(connection(plugin, given)) == clause
