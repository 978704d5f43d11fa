# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pypsrp against a PSRP endpoint of the lab."""

from __future__ import annotations

from typing import Any

import pytest
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

RESOURCE = "Microsoft.Exchange"


def wsman(stage: Any, listener: Any, **changed: Any) -> WSMan:
    """A client with the right password that trusts the lab."""
    settings = {
        "port": listener.port,
        "username": r"LAB\Administrator",
        "password": "pa55",
        "ssl": listener.secure is not None,
        "path": "PowerShell/",
        "auth": "negotiate",
        "cert_validation": str(stage.ca_pem),
        "no_proxy": True,
    }
    return WSMan("127.99.1.10", **(settings | changed))


def invoke(pool: RunspacePool, name: str, **parameters: Any) -> PowerShell:
    """Run one cmdlet."""
    shell = PowerShell(pool).add_cmdlet(name).add_parameters(parameters)
    shell.invoke()
    return shell


@pytest.mark.parametrize(
    ("kinds", "secure", "settings"),
    [
        (("negotiate",), False, {"auth": "negotiate"}),
        (("negotiate",), False, {"auth": "ntlm"}),
        (("negotiate",), False, {"auth": "ntlm", "username": "Administrator@lab.example"}),
        (("negotiate",), True, {"auth": "ntlm"}),
        (("negotiate",), True, {"auth": "ntlm", "encryption": "always"}),
        (("basic",), True, {"auth": "basic"}),
    ],
)
def test_authentication_kinds(stage: Any, kinds: tuple[str, ...], secure: bool, settings: dict[str, Any]) -> None:
    listener = stage.listen(*kinds, secure=secure)
    with (
        wsman(stage, listener, **settings) as connection,
        RunspacePool(connection, configuration_name=RESOURCE) as pool,
    ):
        done = invoke(pool, "Get-Echo", Value="hé 😀", Force=None)
    assert done.output[0].adapted_properties == {"Value": "hé 😀", "Force": True}
    assert str(done.output[0]) == "echoed"
    assert stage.shells.table == {}
