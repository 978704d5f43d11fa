# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
from collections.abc import Sequence

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.loader import shell_loader
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import host_shell
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import ExchangeError, ShellError
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.host_shell import FROM_INPUT, HostShell

ERROR = b"""Get-X : no such thing\r
    + CategoryInfo          : ObjectNotFound: (a:String) [Get-X], Exception\r
    + FullyQualifiedErrorId : NotFound,Get-X\r
"""


class Connection:
    """A connection whose answers are prepared; remembers script and input of each call."""

    def __init__(self, *answers: tuple[int, bytes, bytes], shell: str = "powershell") -> None:
        self._shell = shell_loader.get(shell)
        self.answers = list(answers)
        self.calls: list[tuple[str, bytes | None]] = []
        self.failure: Exception | None = None

    def exec_command(self, cmd: str, in_data: bytes | None = None) -> tuple[int, bytes, bytes]:
        if self.failure:
            raise self.failure
        prefix, _ignored, encoded = cmd.rpartition(" ")
        assert prefix == "PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand"
        assert len(cmd) < 8191
        self.calls.append((base64.b64decode(encoded).decode("utf-16-le"), in_data))
        return self.answers.pop(0)


def commands(*names: str) -> Sequence[tuple[Command, ...]]:
    return [(Command(name),) for name in names]


@pytest.mark.parametrize("shell", ["powershell", "cmd"])
def test_a_short_pipeline_goes_as_the_command(shell: str) -> None:
    connection = Connection((0, b"text\r\n", b""), shell=shell)
    outcomes = HostShell(connection, "EX01").run((Command("Get-X", {"Name": "a"}),))
    assert outcomes[0].output == ("text\r\n",)
    assert connection.calls == [("Get-X -Name 'a' -ErrorAction 'Stop'", None)]


@pytest.mark.parametrize("name", ["winrm", "ssh"])
def test_connections_that_encode_by_themselves(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """winrm always and ssh before ansible-core 2.18; encoded twice, a third of the length would have to suffice."""
    monkeypatch.setattr(host_shell, "ENCODING", {"winrm", name})

    class Encoding(Connection):
        transport = name

        def exec_command(self, cmd: str, in_data: bytes | None = None) -> tuple[int, bytes, bytes]:
            return super().exec_command(self._shell._encode_script(cmd, strict_mode=False, preserve_rc=False), in_data)

    connection = Encoding((0, b"text", b""), (0, b"", b""))
    host = HostShell(connection, "EX01")
    host.run((Command("Get-X", {"Name": "a" * 2500}),))
    host.run((Command("Get-X", {"Name": "a" * 2600}),))
    assert connection.calls[0] == (f"Get-X -Name '{'a' * 2500}' -ErrorAction 'Stop'", None)
    assert connection.calls[1][0] == FROM_INPUT


def test_a_long_pipeline_goes_on_standard_input() -> None:
    connection = Connection((0, b"", b""))
    ranges = [f"10.{number // 250}.{number % 250}.1" for number in range(1000)]
    assert HostShell(connection, "EX01").run((Command("Set-X", {"R": ranges}),))[0].output == ()
    script, in_data = connection.calls[0]
    assert script == FROM_INPUT
    assert in_data is not None
    assert in_data.startswith(b"Set-X -R @('10.0.0.1', '10.0.1.1'")
    assert in_data.endswith(b"\r\n")


def test_an_error_counts_whatever_the_exit_code() -> None:
    connection = Connection((0, b"", ERROR), (0, b"done", b"a program's own words"))
    outcomes = HostShell(connection, "EX01").run((Command("Get-X"),))
    assert outcomes[0].errors[0].error_id == "NotFound,Get-X"
    assert HostShell(connection, "EX01").program("netsh.exe", "dump").errors == ()


def test_it_stops_after_the_first_error() -> None:
    connection = Connection((0, b"", b""), (1, b"", ERROR))
    outcomes = HostShell(connection, "EX01").run(*commands("Get-A", "Get-X", "Get-C"))
    assert len(outcomes) == 2
    assert outcomes[1].errors[0].error_id == "NotFound,Get-X"
    assert outcomes[1].errors[0].message == "no such thing"


def test_objects_are_read_as_json() -> None:
    connection = Connection((0, b'{"IPAddress":"10.0.0.1","SkipAsSource":true}\r\n', b""))
    found = HostShell(connection, "EX01").read((Command("Get-NetIPAddress"),), ["IPAddress", "SkipAsSource"])
    assert found == [{"IPAddress": "10.0.0.1", "SkipAsSource": True}]
    assert connection.calls[0][0] == (
        "Get-NetIPAddress -ErrorAction 'Stop' | Select-Object -Property @('IPAddress', 'SkipAsSource')"
        " -ErrorAction 'Stop' | ConvertTo-Json -Compress:$true -ErrorAction 'Stop'"
    )


@pytest.mark.parametrize(("printed", "expected"), [(b"", []), (b'[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}])])
def test_no_object_and_several(printed: bytes, expected: object) -> None:
    assert HostShell(Connection((0, printed, b"")), "EX01").read((Command("Get-X"),), ["a"]) == expected


def test_an_error_while_reading_is_raised() -> None:
    with pytest.raises(ExchangeError, match="Get-X on EX01: no such thing"):
        HostShell(Connection((1, b"", ERROR)), "EX01").read((Command("Get-X"),), ["a"])


def test_an_answer_that_is_no_json_is_shown() -> None:
    with pytest.raises(ShellError, match="the answer is no JSON of objects: Welcome to the host"):
        HostShell(Connection((0, b"Welcome to\r\nthe host", b"")), "EX01").read((Command("Get-X"),), ["a"])


def test_a_program_is_called_with_literals() -> None:
    connection = Connection((0, b"Ok.\r\n", b""))
    assert HostShell(connection, "EX01").program("netsh.exe", "int", "ipv4").output == ("Ok.\r\n",)
    assert connection.calls[0][0] == "& 'netsh.exe' 'int' 'ipv4'"


def test_an_unreachable_host_is_one_sentence() -> None:
    connection = Connection()
    connection.failure = AnsibleConnectionFailure("ntlm: the specified credentials were rejected by the server")
    with pytest.raises(ShellError, match=r"on EX01: the host's own connection failed: ntlm.*win_ping"):
        HostShell(connection, "EX01").run((Command("Get-X"),))


def test_a_host_without_a_windows_shell_is_refused() -> None:
    connection = Connection()
    connection._shell = shell_loader.get("sh")
    with pytest.raises(ShellError, match=r"no Windows shell.*ansible_shell_type"):
        HostShell(connection, "EX01").run((Command("Get-X"),))
