# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shells on an organisation of the lab's own, without any network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.exchange.organisation import Organisation
from exchange_lab.powershell.binding import PRESENT, Argument, Call
from exchange_lab.powershell.engine import Collected, Engine
from exchange_lab.powershell.objects import property_of, text_of
from exchange_lab.switches import Switches

ANONYMOUS = "NT AUTHORITY\\ANONYMOUS LOGON"
RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"


class Shell:
    """A shell of one user on one server. Parameters are keyword arguments; ``...`` stands for a bare switch."""

    def __init__(self, organisation: Organisation, server: str, user: str, remote: bool) -> None:
        self.organisation = organisation
        self.engine = Engine(organisation.cmdlets(server, user, remote), user, remote)

    @staticmethod
    def call(name: str, **parameters: Any) -> Call:
        """A cmdlet call for a pipeline."""
        given = ((key, PRESENT if value is ... else value) for key, value in parameters.items())
        return Call(name, tuple(Argument(value, key) for key, value in given))

    def pipe(self, *calls: Call) -> Collected:
        """Everything that a pipeline gave."""
        return self.engine.collect(calls)

    def run(self, name: str, **parameters: Any) -> list[Any]:
        """The output of one cmdlet that must not fail."""
        result = self.pipe(self.call(name, **parameters))
        assert not result.failures, result.failures
        return result.objects

    def fail(self, name: str, **parameters: Any) -> Any:
        """The one error record of a cmdlet that goes on."""
        result = self.pipe(self.call(name, **parameters))
        assert len(result.failures) == 1, result
        return result.failures[0]

    def warnings(self, name: str, **parameters: Any) -> list[str]:
        """The warnings of a cmdlet that must not fail."""
        result = self.pipe(self.call(name, **parameters))
        assert not result.failures, result.failures
        return result.warnings

    def connector(self, name: str = "Relay", **parameters: Any) -> Any:
        """A new front end connector for one client."""
        given = {"Bindings": ["10.0.0.5:25"], "RemoteIPRanges": ["192.0.2.7"], **parameters}
        if self.organisation.profile.has_roles:
            given = {"TransportRole": "FrontendTransport", **given}
        return self.run("New-ReceiveConnector", Name=name, **given)[0]

    def read(self, name: str = "Relay", server: str = "EX01") -> Any:
        """A connector as it is now."""
        return self.run("Get-ReceiveConnector", Identity=f"{server}\\{name}")[0]


def value(thing: Any, name: str) -> Any:
    """A property as plain text, or a list of texts."""
    found = property_of(thing, name)
    return [text_of(item) for item in found] if isinstance(found, list) else text_of(found)


@pytest.fixture
def shells() -> Callable[..., Shell]:
    """Make a shell: the version, switches as keyword arguments, and what else Organisation takes."""

    def make(version: str = "2019", *, user: str = "LAB\\Administrator", remote: bool = True, **options: Any) -> Shell:
        known = Switches.choices()
        switches = Switches(**{name: options.pop(name) for name in list(options) if name in known})
        organisation = Organisation(version, switches, **options)
        return Shell(organisation, organisation.servers[0].name, user, remote)

    return make


@pytest.fixture
def shell(shells: Callable[..., Shell]) -> Shell:
    """A shell on an Exchange 2019 server."""
    return shells()
