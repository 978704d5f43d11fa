# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Literal PowerShell on the Windows host itself, over whatever connection the inventory gives it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from ansible.errors import AnsibleError
from ansible.release import __version__ as core_version
from ansible_collections.relayops.exchange.plugins.plugin_utils._command import Command, Outcome, Pipeline, Plain
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell import literal
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.cleartext import cleartext
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.error_text import IDENTIFIER, error_record
from ansible_collections.relayops.exchange.plugins.plugin_utils._shell.errors import HostLost, ShellError, check

# What runs a script that arrives on standard input, whatever its length.
FROM_INPUT = "$input | Out-String | Invoke-Expression"

# cmd.exe takes 8,191 characters; base64 of UTF-16 needs 2.7 for each of the script, and some go to the call itself.
LONGEST_ARGUMENT = 2600

# Bytes; the connection plugin has read them by then, and what is made of them takes several times as much.
LARGEST = 64 * 2**20

# The connections that encode what they get, even what is encoded, which would be too long for cmd.exe.
ENCODING = {"winrm", "ssh"} if tuple(map(int, core_version.split(".")[:2])) < (2, 18) else {"winrm"}

CONNECTION_REMEDY = "Check that ansible.windows.win_ping reaches the host with the same inventory"


class Shell(Protocol):
    """What is used of a connection's shell plugin (powershell or cmd)."""

    def _encode_script(self, script: str, *, strict_mode: bool, preserve_rc: bool) -> str:
        """Return the call of powershell.exe with the script as -EncodedCommand."""


class Connection(Protocol):
    """What is used of a connection plugin: winrm, psrp and ssh alike."""

    _shell: Shell

    def exec_command(self, cmd: str, in_data: bytes | None = None) -> tuple[int, bytes, bytes]:
        """Run a command and return exit code, standard output and standard error."""


class HostShell:
    """Runs pipelines on the host, each in a powershell.exe of its own; a Session whose output is text.

    Raises ShellError for a connection that would send a password or a command readable.
    """

    def __init__(self, connection: Any, server: str) -> None:
        self.connection: Connection = connection
        self.server = server
        if reason := cleartext(connection):
            remedy = "Use https, or ntlm, kerberos or credssp with message encryption, named in "
            remedy += "ansible_winrm_transport or ansible_psrp_auth"
            raise ShellError("Connecting to the host", server, f"of the host's own connection, {reason}", remedy)

    def run(self, *pipelines: Pipeline, largest: int = LARGEST) -> list[Outcome]:
        """Run the pipelines in order until one fails; the output of each is its printed text, one string.

        Every command gets ``-ErrorAction Stop``. Raises ShellError when the host cannot be reached, and for more than
        ``largest`` bytes of output.
        """
        lines = (literal.render(pipeline, error_action="Stop") for pipeline in pipelines)
        return self.run_lines(*lines, largest=largest)

    def read(self, pipeline: Pipeline, properties: Sequence[str]) -> list[dict[str, Plain]]:
        """Return the named properties of the objects that the pipeline yields (PowerShell 3.0 and later).

        Raises ExchangeError for an error record and ShellError for output that is no JSON.
        """
        selection = (
            Command("Select-Object", {"Property": list(properties)}),
            Command("ConvertTo-Json", {"Compress": True}),
        )
        outcomes = self.run((*pipeline, *selection))
        check(outcomes, pipeline[0].name, self.server)
        return self._objects("".join(str(item) for item in outcomes[0].output), pipeline[0].name)

    def program(self, program: str, *words: str) -> Outcome:
        """Run a native program (netsh.exe) with its words; judge it by what it printed, exit codes get lost."""
        return self.run_lines(literal.render_program(program, *words))[0]

    def run_lines(self, *lines: str, largest: int = LARGEST) -> list[Outcome]:
        """Run rendered statements one after the other, each in a process of its own, until one fails."""
        outcomes = []
        for line in lines:
            outcomes.append(self.execute(line, largest))
            if outcomes[-1].errors:
                break
        return outcomes

    def execute(self, script: str, largest: int = LARGEST) -> Outcome:
        """Run one script of literal statements, a line each, in one powershell.exe.

        Over psrp a cmdlet that does not exist ends its statement but not the script, and the exit code stays 0.
        Raises ShellError for more than ``largest`` bytes of output.
        """
        code, output, errors = self._call(script)
        if len(output) + len(errors) > largest:
            reason = f"it printed {(len(output) + len(errors)) / 2**20:.0f} MB, and more than "
            reason += f"{largest / 2**20:.0f} MB are not read"
            raise ShellError("Running PowerShell", self.server, reason, "Look at what the host prints, and why")
        text = errors.decode("utf-8", errors="replace").strip()
        failed = code or IDENTIFIER.search(text)
        records = (error_record(text or f"exit code {code}"),) if failed else ()
        printed = output.decode("utf-8-sig", errors="replace")
        return Outcome(output=(printed,) if printed.strip() else (), errors=records)

    def close(self) -> None:
        """Nothing to close: Ansible closes the connection with the task."""

    def _call(self, script: str) -> tuple[int, bytes, bytes]:
        short = len(script) <= LONGEST_ARGUMENT
        try:
            encode = self.connection._shell._encode_script
        except AttributeError:
            raise ShellError(
                "Running PowerShell",
                self.server,
                "the host's connection has no Windows shell",
                "Use the winrm or psrp connection, or ssh with ansible_shell_type set to powershell or cmd",
            ) from None
        command = script if short else FROM_INPUT
        if getattr(self.connection, "transport", "") not in ENCODING:
            command = encode(command, strict_mode=False, preserve_rc=False)
        in_data = None if short else f"{script}\r\n".encode()
        try:
            return self.connection.exec_command(command, in_data=in_data)
        except Exception as error:  # the plugins let much of what their libraries raise through
            said = str(error) if isinstance(error, AnsibleError) else f"{type(error).__name__}: {error}"
            reason = f"the host's own connection failed: {said}"
            raise HostLost("Running PowerShell", self.server, reason, CONNECTION_REMEDY) from None

    def _objects(self, text: str, cmdlet: str) -> list[dict[str, Plain]]:
        if not text.strip():
            return []
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        rows = found if isinstance(found, list) else [found]
        if not all(isinstance(row, dict) for row in rows):
            start = " ".join(text[:400].split())[:200]
            raise ShellError(cmdlet, self.server, f"the answer is no JSON of objects: {start}")
        return rows
