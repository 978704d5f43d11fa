# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import ErrorRecord, Outcome
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError
from ansible_collections.relayops.exchange.plugins.plugin_utils._usage.fetch import INDEX, fetch, labels

ROOT = r"C:\Exchange\V15\TransportRoles\Logs"
FRONT, HUB = rf"{ROOT}\FrontEnd\ProtocolLog\SmtpReceive", rf"{ROOT}\Hub\ProtocolLog\SmtpReceive"


class Host:
    """Answers Get-ChildItem and Get-Content."""

    server = "EX1"

    def __init__(self, **files: str) -> None:
        self.files = files
        self.read: list[str] = []
        self.error = "PathNotFound,Microsoft.PowerShell.Commands.GetChildItemCommand"

    def run(self, *pipelines: Any, **_: int) -> list[Outcome]:
        (pipeline,) = pipelines
        given = pipeline[0].parameters
        if pipeline[0].name == "Get-Content":
            self.read.append(given["LiteralPath"])
            return [Outcome(output=(self.files[given["LiteralPath"].rpartition("\\")[2]],))]
        if given["Path"] != FRONT:
            return [Outcome(errors=(ErrorRecord("Cannot find path", error_id=self.error),))]
        rows = [f'"{name}","{len(text)}"\r\n' for name, text in self.files.items()]
        return [Outcome(output=("".join(['"Name","Length"\r\n', *rows]),))]


def bring(host: Any, folder: Path, *found: str, check_mode: bool = False) -> tuple[dict[str, Any], list[str]]:
    warned: list[str] = []
    return fetch(host, found or (FRONT,), str(folder), check_mode, warned.append), warned


def test_only_what_is_new_or_has_grown(tmp_path: Path) -> None:
    host = Host(**{"RECV20261124-1.LOG": "one\r\n", "RECV20261124-2.LOG": "two\r\n"})
    first, _ = bring(host, tmp_path)
    assert (len(first["fetched"]), first["changed"]) == (2, True)
    assert (tmp_path / "FrontEnd" / "RECV20261124-1.LOG").read_bytes() == b"one\r\n"
    host.files["RECV20261124-2.LOG"] += "more\r\n"
    second, _ = bring(host, tmp_path)
    assert [Path(path).name for path in second["fetched"]] == ["RECV20261124-2.LOG"]
    assert second["unchanged"] == 1
    third, _ = bring(host, tmp_path)
    assert (third["changed"], len(host.read)) == (False, 3)


def test_a_file_that_was_taken_away_here_comes_again(tmp_path: Path) -> None:
    host = Host(**{"RECV20261124-1.LOG": "one"})
    bring(host, tmp_path)
    (tmp_path / "FrontEnd" / "RECV20261124-1.LOG").unlink()
    assert len(bring(host, tmp_path)[0]["fetched"]) == 1


def test_check_mode_lists_and_writes_nothing(tmp_path: Path) -> None:
    result, _ = bring(Host(**{"RECV20261124-1.LOG": "one"}), tmp_path / "logs", check_mode=True)
    assert (len(result["fetched"]), (tmp_path / "logs").exists()) == (1, False)


def test_a_folder_without_logs_is_a_warning(tmp_path: Path) -> None:
    result, warned = bring(Host(), tmp_path, HUB)
    assert (result["changed"], len(warned)) == (False, 1)
    assert HUB in warned[0]


def test_another_error_is_one(tmp_path: Path) -> None:
    host = Host()
    host.error = "UnauthorizedAccess"
    with pytest.raises(ExchangeError, match="Cannot find path"):
        bring(host, tmp_path, HUB)


@pytest.mark.parametrize("name", ["..\\..\\x.log", "RECV/../../x.log", "RECV1.exe", "RECV\u202e.log", "con"])
def test_names_that_are_no_logs_are_not_written(tmp_path: Path, name: str) -> None:
    result, _ = bring(Host(**{name: "x"}), tmp_path)
    assert result["fetched"] == []
    assert list(tmp_path.rglob("*")) == []


def test_a_broken_index_means_that_nothing_is_here(tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text("{")
    assert len(bring(Host(**{"RECV20261124-1.LOG": "one"}), tmp_path)[0]["fetched"]) == 1


def test_folders_are_told_apart() -> None:
    old = r"C:\Exchange\TransportRoles\Logs\ProtocolLog\SmtpReceive"
    other = r"D:\Other\FrontEnd\ProtocolLog\SmtpReceive"
    assert list(labels([FRONT, HUB, old, other, r"E:\My Logs"]).values()) == [
        "FrontEnd",
        "Hub",
        "Logs",
        "FrontEnd-2",
        "My_Logs",
    ]


def test_a_folder_that_the_server_names_is_none_outside_of_dest() -> None:
    found = [r"C:\Logs\..", r"C:\..\ProtocolLog\SmtpReceive", "..", r"C:\Logs\.", r"C:\Logs\...."]
    for label in labels(found).values():
        assert label.strip("."), label
        assert not {"/", "\\"} & set(label)


def test_a_log_that_the_host_has_cleared_away_stays_here_and_its_follower_comes(tmp_path: Path) -> None:
    host = Host(**{"RECV20261123-1.LOG": "one"})
    bring(host, tmp_path)
    host.files = {"RECV20261124-1.LOG": "two"}
    result, _ = bring(host, tmp_path)
    assert [Path(path).name for path in result["fetched"]] == ["RECV20261124-1.LOG"]
    assert (tmp_path / "FrontEnd" / "RECV20261123-1.LOG").read_text() == "one"
    # a file that begins anew under its name is another one, though it is smaller
    host.files["RECV20261124-1.LOG"] = "2"
    assert len(bring(host, tmp_path)[0]["fetched"]) == 1
    assert (tmp_path / "FrontEnd" / "RECV20261124-1.LOG").read_text() == "2"
