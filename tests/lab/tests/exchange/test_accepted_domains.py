# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accepted domains are read and removed, but for the default one."""

from __future__ import annotations

from typing import Any

from exchange_lab.exchange.model import AcceptedDomain
from exchange_lab.powershell.objects import property_of


def names(shell: Any) -> list[str]:
    return [property_of(each, "Name") for each in shell.run("Get-AcceptedDomain")]


def test_removes_a_domain(shell: Any) -> None:
    (default,) = names(shell)
    shell.organisation.accepted_domains.append(AcceptedDomain("Everything", "*", "ExternalRelay"))
    shell.run("Remove-AcceptedDomain", Identity="everything", Confirm=False, WhatIf=...)
    assert names(shell) == [default, "Everything"]
    shell.run("Remove-AcceptedDomain", Identity="everything", Confirm=False)
    assert names(shell) == [default]
    assert "couldn't be found" in shell.fail("Remove-AcceptedDomain", Identity="everything", Confirm=False).message


def test_keeps_the_default_domain(shell: Any) -> None:
    (default,) = names(shell)
    assert "default" in shell.fail("Remove-AcceptedDomain", Identity=default, Confirm=False).message
    assert names(shell) == [default]
