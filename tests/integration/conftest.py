# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of roles and playbooks share: the lab's state as data, and who may relay, by asking."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.exchange import Exchange
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.remote_session import RemoteSession
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.settings import settings
from exchange_lab.inventory import endpoint
from exchange_lab.lab import Lab

State = dict[str, Any]


@pytest.fixture
def state() -> Callable[[Lab], State]:
    """Everything that a play may change, so that two states can be compared."""

    def read(lab: Lab) -> State:
        return {
            server.name: {
                "connectors": {
                    each.name: (dict(each.properties), sorted(map(repr, each.acl)))
                    for each in lab.organisation.connectors(server.name)
                },
                "addresses": sorted(map(repr, server.host.addresses)),
            }
            for server in lab.servers
        }

    return read


@pytest.fixture
def address() -> Callable[[Lab, int], str]:
    """The n-th address of the lab's network."""
    return lambda lab, number: str(ip_network(lab.details()["network"])[number])


@pytest.fixture
def relays() -> Callable[..., bool]:
    """Whether a device may relay to the outside through an address of the lab, by asking as it would."""

    def ask(lab: Lab, device: str, server: str, recipient: str = "someone@fabrikam.example") -> bool:
        with smtplib.SMTP(server, lab.smtp_port(25), timeout=20, source_address=(device, 0)) as smtp:
            smtp.ehlo("device.example")
            return smtp.mail("device@contoso.example")[0] == 250 and smtp.rcpt(recipient)[0] == 250

    return ask


@contextmanager
def session(lab: Lab, warnings: list[str] | None = None, number: int = 0, server: str = "") -> Iterator[Exchange]:
    """A session of this process with the n-th server of a lab, as an action opens it."""
    opened = RemoteSession(settings(endpoint(lab.details(), number), None, {}))
    told = warnings if warnings is not None else []
    try:
        yield Exchange(opened, told.append, server=server or lab.servers[number].name)
    finally:
        opened.close()


@pytest.fixture(scope="session")
def in_session() -> Callable[..., Any]:
    """Sessions without ansible-playbook around them: ``with in_session(lab) as exchange``."""
    return session
