# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos tickets and their session keys occur nowhere but in the ticket cache: a play against a real KDC, and a
search for pieces of each, raw and as base64, hexadecimal or Python writes them.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from process_watch import ProcessWatch, processes
from secret_search import files_below, forms_of_bytes, found, searched

UPN = "Administrator@LAB.EXAMPLE"
CACHES = {"psrp": "tickets-psrp", "winrm": "tickets-winrm"}
TASKS = ("receive_connector_info", "relay_audit", "exchange_debug")
ILL: dict[str, dict[str, Any]] = {
    "as it should be": {},
    "a service that there is not": {"endpoint_service": "SMTP"},
    "a path that there is not": {"endpoint_path": "Nowhere/"},
    "a port where nothing listens": {"endpoint_port": 1},
}


def tickets(cache: Path) -> dict[str, bytes]:
    """The tickets of a cache and their session keys, by what they are for."""
    import krb5

    context = krb5.init_context()
    kept: dict[str, bytes] = {}
    for credential in krb5.cc_resolve(context, f"FILE:{cache}".encode()):
        service = str(credential.server)
        if "X-CACHECONF" not in service:
            kept |= {f"the ticket for {service}": credential.ticket, f"the key for {service}": credential.keyblock.data}
    return kept


def environments() -> bytes:
    """What is written in command lines and environments now."""
    said = b""
    for folder in processes():
        for name in ("cmdline", "environ"):
            with suppress(OSError):
                said += (folder / name).read_bytes()
    return said


@pytest.mark.timeout(300)
@pytest.mark.parametrize("connection", CACHES)
def test_no_ticket_and_no_key_is_told(
    kerberos_lab: Any,
    ansible_playbook: Callable[..., Any],
    tmp_path: Path,
    connection: str,
    record_property: Callable[[str, object], None],
) -> None:
    lab, server = kerberos_lab.lab, kerberos_lab.lab.servers[0]
    environment = kerberos_lab.ticket(CACHES[connection])
    cache = Path(environment["KRB5CCNAME"].removeprefix("FILE:"))
    own = {
        "psrp": {"ansible_psrp_auth": "kerberos", "ansible_psrp_protocol": "http"},
        "winrm": {"ansible_winrm_transport": "kerberos", "ansible_winrm_kinit_env_vars": ["KRB5_CONFIG", "LD_PRELOAD"]},
    }[connection]
    host = {"ansible_connection": connection, "ansible_port": server.winrm_port, "ansible_user": UPN} | own
    given = {"endpoint_port": server.exchange_port, "exchange_recording": str(tmp_path / "recording")}
    tasks: list[dict[str, Any]] = [
        {"name": f"{module}, {what}", f"relayops.exchange.{module}": given | changes, "ignore_errors": True}
        for module in TASKS
        for what, changes in ILL.items()
    ]
    address = f"{server.address.rpartition('.')[0]}.40/24"
    tasks.append({"name": "On the host", "relayops.exchange.secondary_ip": given | {"address": address}})
    tasks.append({"name": "Raise", "broken_look": {"how": "with its own objects"} | given, "ignore_errors": True})
    written = tmp_path / "written"
    written.mkdir()
    seen: list[bytes] = []
    with ProcessWatch(lambda: seen.append(environments()), 0.5):
        played = ansible_playbook(
            {"hosts": "all", "gather_facts": False, "tasks": tasks},
            {"all": {"hosts": {server.fqdn: host}}},
            "-vvvvv",
            "--diff",
            ANSIBLE_LOG_PATH=str(written / "log"),
            ANSIBLE_DISPLAY_TRACEBACK="always",
            ANSIBLE_ACTION_PLUGINS=str(Path(__file__).resolve().parents[2] / "stands" / "action"),
            **environment,
        )
    assert played.result("receive_connector_info, as it should be")["connectors"], played.output[-3000:]
    assert "raised inside" in played.output
    secret = tickets(cache)
    assert [name for name in secret if "HTTP/" in name], sorted(secret)
    said: dict[str, str | bytes] = {
        "output": played.output,
        "callback": repr(played.events),
        "journal": repr(lab.journal.as_data()),
        "recording": (tmp_path / "recording").read_bytes(),
        "a process": b"\n".join(seen),
        **files_below(written),
        # the cache is where they belong; keys of the server and the KDC's database are not the play's
        **files_below(lab.folder, *CACHES.values(), "principal", "keytab", "stash"),
    }
    wrong = searched(said, secret)
    record_property("cases", len(tasks) * len(secret))
    assert len(seen) > 2
    assert wrong == [], "\n".join(wrong)
    assert searched({"the cache": cache.read_bytes()}, secret) != [], "the search finds them where they are"


@pytest.mark.parametrize(
    ("form", "piece"),
    [(name, number) for name, listed in forms_of_bytes(os.urandom(300)).items() for number in range(len(listed))],
)
def test_the_search_finds_every_form(form: str, piece: int) -> None:
    ticket = os.urandom(300)
    written = forms_of_bytes(ticket)[form][piece]
    assert form in found(b"before it " + written + b" after it", ticket)
    assert found(b"before it " + written[1:] + b" after it", ticket) == []


@pytest.mark.parametrize("before", range(4))
def test_the_search_finds_a_ticket_in_a_token(before: int) -> None:
    """As Authorization: Negotiate carries it, after so many bytes of the token around it."""
    ticket = os.urandom(300)
    token = base64.b64encode(b"\x60" * before + ticket + b"\x00" * 40)
    assert found(token, ticket) == ["base64"]
