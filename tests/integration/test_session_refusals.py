# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work is refused at once, in one sentence with its remedy, and nothing is asked of the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from exchange_lab.lab import Lab

Play = Callable[..., Any]

# task keywords, options, what the error says
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "become": (
        {"become": True},
        {},
        "relayops.exchange.receive_connector_info: become has no meaning for a session with Exchange, which is opened "
        "from the controller. Set become: false, and endpoint_username for another account.",
    ),
    "async": ({"async": 30, "poll": 5}, {}, "it does not run with async. Remove async and poll"),
    "Kerberos to an address": (
        {},
        {"endpoint_auth": "kerberos", "endpoint_username": "a@LAB.EXAMPLE"},
        "Connecting to Exchange on {address}: Kerberos knows servers by name, and {address} is an address. Set "
        "endpoint_host to the server's name.",
    ),
    "Kerberos without a UPN": (
        {},
        {"endpoint_auth": "kerberos", "endpoint_host": "ex01.lab.example"},
        "Kerberos needs a user principal name, and LAB.Administrator is not one \\(it came from the host's "
        "connection\\). Write the user as user@REALM.",
    ),
    "Basic without TLS": (
        {},
        {"endpoint_ssl": False},
        "Basic authentication without TLS sends the password readable. Leave endpoint_ssl at true.",
    ),
    "a certificate that is not given": (
        {},
        {"endpoint_auth": "certificate"},
        "no certificate is given. Set endpoint_certificate_pem and endpoint_certificate_key_pem.",
    ),
    "a port that is none": ({}, {"endpoint_port": 70000}, "endpoint_port is 70000. Set a number from 1 to 65535."),
    "a proxy that does not answer": (
        {},
        {"endpoint_proxy": "{{ proxy }}"},
        "the proxy http://127.0.0.1:9 does not answer. Check endpoint_proxy",
    ),
    "an option that is none": (
        {},
        {"endpoint_auht": "basic"},
        "unknown option endpoint_auht\\. Did you mean endpoint_auth\\?",
    ),
    "a way to authenticate that is none": ({}, {"endpoint_auth": "digest"}, "value of endpoint_auth must be one of"),
}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("2019", exchange_auth=["negotiate", "basic"]) as started:
        yield started


def host(lab: Lab) -> dict[str, Any]:
    server = lab.servers[0]
    return {
        "ansible_host": server.address,
        "ansible_connection": "psrp",
        "ansible_user": lab.username,
        "ansible_password": lab.password,
        "ansible_port": server.winrm_port,
        "ansible_psrp_auth": "ntlm",
        "ansible_psrp_protocol": "http",
        "proxy": "http://user:Pr0xy-Pa55@127.0.0.1:9",
    }


def options(lab: Lab, **changes: Any) -> dict[str, Any]:
    given = {"endpoint_port": lab.servers[0].exchange_tls_port, "endpoint_auth": "basic", "server": "EX01"}
    return {**given, "endpoint_ca_cert": str(lab.ca_pem), **changes}


def test_what_cannot_work_is_refused(lab: Lab, ansible_playbook: Play) -> None:
    tasks = [
        {
            "name": name,
            "relayops.exchange.receive_connector_info": options(lab, **changes),
            "ignore_errors": True,
            **keywords,
        }
        for name, (keywords, changes, _ignored) in REFUSED.items()
    ]
    lab.journal.clear()
    played = ansible_playbook(
        {"hosts": "all", "gather_facts": False, "tasks": tasks}, {"all": {"hosts": {"mail": host(lab)}}}, no_proxy=""
    )
    said = {event["task"]: event["result"].get("msg", "") for event in played.events if event["kind"] == "ignored"}
    assert said.keys() == REFUSED.keys()
    for name, (_ignored, _ignored, expected) in REFUSED.items():
        wanted = expected.format(address=re.escape(lab.servers[0].address))
        assert re.search(wanted, said[name]), (name, said[name])
        assert "\n" not in said[name]
    assert lab.journal.requests == []
    assert "Pr0xy-Pa55" not in played.output


def test_what_may_not_work_is_warned_about(lab: Lab, ansible_playbook: Play) -> None:
    port = lab.servers[0].exchange_port
    tasks = [
        {
            "name": "ntlm",
            "relayops.exchange.receive_connector_info": options(
                lab, endpoint_auth="ntlm", endpoint_port=port, endpoint_ssl=False
            ),
        },
        {
            "name": "unchecked",
            "relayops.exchange.receive_connector_info": options(lab, endpoint_cert_validation=False),
        },
        {
            "name": "impatient",
            "relayops.exchange.receive_connector_info": options(lab, operation_timeout=20, read_timeout=20),
        },
    ]
    played = ansible_playbook(
        {"hosts": "all", "gather_facts": False, "tasks": tasks}, {"all": {"hosts": {"mail": host(lab)}}}
    )
    assert played.code == 0, played.output
    said = " ".join(played.output.split())
    assert "does not take NTLM unless Windows authentication was enabled in IIS" in said
    assert "without a check of its certificate; set endpoint_ca_cert instead" in said
    assert "read_timeout (20 s) is not above operation_timeout (20 s)" in said
    assert lab.journal.open_sessions == []
