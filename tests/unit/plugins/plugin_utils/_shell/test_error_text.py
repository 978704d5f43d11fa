# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.error_text import error_record

WRAPPED = """New-NetIPAddress : Instance MSFT_NetIPAddress already exists
At line:1 char:1
+ New-NetIPAddress -IPAddress '10.0.0.5'
+ ~~~~~~~~~~~~~~~~
    + CategoryInfo          : InvalidArgument: (MSFT_NetIPAddress:ROOT/Standard
   Cimv2/MSFT_NetIPAddress) [New-NetIPAddress], CimException
    + FullyQualifiedErrorId : Windows System Error 5010,New-NetIPAddress
"""

GERMAN = """Add-PSSnapin : Das Snap-In "X" ist auf diesem Computer nicht installiert.\r
In Zeile:1 Zeichen:1\r
+ Add-PSSnapin X\r
    + CategoryInfo          : InvalidArgument: (X:String) [Add-PSSnapin], PSArgumentException\r
    + FullyQualifiedErrorId : AddPSSnapInRead,Microsoft.PowerShell.Commands.AddPSSnapinCommand\r
"""


def test_a_wrapped_record_is_read_whole() -> None:
    record = error_record(WRAPPED)
    assert record.message == "Instance MSFT_NetIPAddress already exists"
    assert record.category == "InvalidArgument"
    assert record.target == "MSFT_NetIPAddress:ROOT/StandardCimv2/MSFT_NetIPAddress"
    assert record.cmdlet == "New-NetIPAddress"
    assert record.reason == "CimException"
    assert record.error_id == "Windows System Error 5010,New-NetIPAddress"
    assert "char:1" in record.raw


def test_another_language() -> None:
    record = error_record(GERMAN)
    assert record.message == 'Das Snap-In "X" ist auf diesem Computer nicht installiert.'
    assert record.error_id == "AddPSSnapInRead,Microsoft.PowerShell.Commands.AddPSSnapinCommand"


def test_only_the_first_of_several_counts() -> None:
    record = error_record(WRAPPED + "\n" + GERMAN)
    assert record.error_id == "Windows System Error 5010,New-NetIPAddress"


def test_any_other_text_is_the_message() -> None:
    assert error_record("exit code 3").message == "exit code 3"
