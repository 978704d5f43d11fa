# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord, Outcome
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import (
    ExchangeError,
    ShellError,
    check,
    explain,
)


def test_a_failure_is_one_sentence_with_its_remedy() -> None:
    error = ShellError("Connecting", "EX01", "nothing\n listens", "Check the port")
    assert str(error) == "Connecting on EX01: nothing listens. Check the port."


def test_without_server_and_remedy() -> None:
    assert str(ShellError("Connecting", "", "no server is named")) == "Connecting: no server is named."


def test_the_record_is_kept_word_for_word() -> None:
    record = ErrorRecord("m", "InvalidData", "Exception", "Id,Cmdlet", "Set-X", "target", "raw\ntext")
    result = ExchangeError("Set-X", "EX01", "r", record=record).as_result()
    assert result["msg"] == "Set-X on EX01: r."
    assert result["error"] == {
        "category": "InvalidData",
        "error_id": "Id,Cmdlet",
        "reason": "Exception",
        "cmdlet": "Set-X",
        "target": "target",
        "message": "m",
        "raw": "raw\ntext",
    }


def test_check_raises_for_the_first_record() -> None:
    check([Outcome(), Outcome(warnings=("w",))], "Reading", "EX01")
    with pytest.raises(ExchangeError, match=r"^Reading on EX01: first\.$"):
        check([Outcome(), Outcome(errors=(ErrorRecord("first"), ErrorRecord("second")))], "Reading", "EX01")


def test_an_unknown_record_keeps_exchanges_words() -> None:
    assert str(explain(ErrorRecord("Something new."), "EX01", "Set-X")) == "Set-X on EX01: Something new."
    assert "no reason" in str(explain(ErrorRecord(""), "EX01", "Set-X"))


def test_a_message_is_one_line_and_not_endless() -> None:
    found = str(ShellError("Connecting", "a\nb", f"{'x' * 1000} is no\r\nname"))
    assert found == f"Connecting on a b: {'x' * 60}… is no name."


def test_a_message_steers_no_terminal() -> None:
    found = str(ShellError("Reading", "EX01", "no \x1b[2J\x9b2J \u202eevil"))
    assert found == "Reading on EX01: no \ufffd[2J\ufffd2J \ufffdevil."
