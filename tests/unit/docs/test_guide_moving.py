# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide for those who come from other tools names all that those have, and only options that are here."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.relayops.exchange.plugins.plugin_utils._exchange.parameters import PARAMETERS
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.options import SESSION

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_moving.rst").read_text(encoding="utf-8")
ROW = re.compile(r"^   \* - ``(\w+)``\n     -(.*)\n     -(.*(?:\n       .*)*)", re.M)
# The parameters of Set-TargetResource of dsccommunity/ExchangeDsc that are no parameters of Exchange's cmdlets
OF_THE_RESOURCE = {
    "Identity", "Credential", "Ensure", "DomainController", "ExtendedRightAllowEntries", "ExtendedRightDenyEntries",
}  # fmt: skip
# Parameters of the cmdlets that it lacks
BEYOND = {
    "Name", "SmtpUtf8Enabled", "RejectReservedSecondLevelRecipientDomains", "RejectReservedTopLevelRecipientDomains",
    "RejectSingleLabelRecipientDomains",
}  # fmt: skip
# The param blocks of the two scripts
COPY = {
    "SourceServer", "ConnectorName", "TargetServer", "DomainController", "CopyToAllOther", "CopyPermissions",
    "MoveToFrontend", "ResetBindings", "UpdateExistingConnector", "ViewEntireForest",
}  # fmt: skip
ADD = {"ConnectorName", "FileName", "ViewEntireForest"}


def table(title: str) -> dict[str, str]:
    """What a section's table has for each thing there, by its name."""
    section = GUIDE.split(f"\n{title}\n---")[1].split("\n---")[0]
    return {there: here.strip() for there, here, _difference in ROW.findall(section)}


def variables(playbook: str) -> set[str]:
    """The words that a playbook has."""
    return set(re.findall(r"\w+", (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")))


def test_every_property_of_the_dsc_resource_has_its_option() -> None:
    found = table("DSC: xExchReceiveConnector")
    own = {row.name: f"``{row.option}``" for row in PARAMETERS.values() if row.name not in BEYOND}
    assert set(found) == set(own) | OF_THE_RESOURCE
    assert {name: found[name] for name in own} == own
    assert found["DomainController"].strip("`") in SESSION
    assert found["Ensure"] == "``state``"


def test_every_switch_of_the_scripts_has_its_variable() -> None:
    for title, switches, playbook in (
        ("Copy-ReceiveConnector", COPY, "copy_connector"),
        ("Add-ReceiveConnectorIpAddress", ADD, "add_client"),
    ):
        found = table(title)
        assert set(found) == switches
        named = {here.strip("`") for here in found.values() if here.startswith("``") and "--" not in here}
        assert named <= variables(playbook) | set(SESSION)
        assert named & variables(playbook)
